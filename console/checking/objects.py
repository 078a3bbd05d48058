"""What becomes of an object after it was made: attributes that are set again, methods that add to it."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from console.checking.constants import Constants
from console.checking.names import Names
from console.checking.request import Open, Unknown

LATER = {"with_checkpoint_config": "CheckpointConfig", "with_retry_strategy": "RetryStrategy"}
"""Methods of a ModelTrainer that give a member of the request."""

Methods = defaultdict[Any, list[ast.Call]]


@dataclass
class Objects:
    """The attributes that a script sets, and the methods that matter here, by what they are of.

    That is the name of an object, or the call that made it.
    """

    names: Names
    constants: Constants
    stores: dict[str, list[ast.Attribute]] = field(default_factory=lambda: defaultdict(list))
    methods: Methods = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for node in self.names.parents:
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                self.stores[getattr(node.value, "id", "")].append(node)
            elif isinstance(node, ast.Call) and _method(node) in (*LATER, "fit"):
                for on in _what_it_is_of(node):
                    self.methods[on].append(node)

    def name(self, made: ast.Call) -> Any:
        """The name of a job that `fit(job_name=...)` gives; None where the SDK makes one."""
        fitted = [one for one in self._of(made) if _method(one) == "fit"]
        names = [n for n in map(self._job_name, fitted) if n is not None]
        return (
            Unknown("more than one call of fit gives it")
            if len(names) > 1
            else next(iter(names), None)
        )

    def later(self, made: ast.Call) -> Iterator[tuple[str, Any]]:
        """What `.with_checkpoint_config(...)` and its like give, chained or on the object."""
        for one in self._of(made):
            if member := LATER.get(_method(one)):
                given = [*one.args, *(k.value for k in one.keywords)]
                yield member, self.constants.of(given[0]) if given else {}

    def as_it_stays(self, made: ast.Call, given: Mapping[str, Any]) -> dict[str, Any]:
        """What the object was given, less what is set again."""
        found: dict[str, Any] = Open(given, given.why) if isinstance(given, Open) else dict(given)
        for node in self.stores.get(self._assigned(made) or "-", ()):
            found[node.attr] = Unknown(f"line {node.lineno} sets it again")
        return found

    def _job_name(self, fit: ast.Call) -> Any:
        return self.constants.arguments(fit).get("job_name")

    def _of(self, made: ast.Call) -> list[ast.Call]:
        named = self.methods.get(self._assigned(made), [])
        return [*self.methods.get(made, []), *named]

    def _assigned(self, made: ast.Call) -> str | None:
        """The name that the object is given, through calls on itself too; None if it has none."""
        node: ast.AST = made
        while isinstance(above := self.names.parents.get(node), ast.Attribute | ast.Call):
            if isinstance(above, ast.Call) and above.func is not node:
                return None
            node = above
        target = above.targets[0] if isinstance(above, ast.Assign) else None
        return target.id if isinstance(target, ast.Name) else None


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _what_it_is_of(call: ast.Call) -> Iterator[Any]:
    """The name, and each call of a chain, that a method is called on."""
    on: ast.expr = call
    while isinstance(on, ast.Call) and isinstance(on.func, ast.Attribute):
        on = on.func.value
        if isinstance(on, ast.Call):
            yield on
    if isinstance(on, ast.Name):
        yield on.id
