"""What following a script needs at every point: its state, its scopes, and how far it may go."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from spotter.core.check.request import Position, Unknown
from spotter_cli.check.python.state import ScriptState
from spotter_cli.check.python.values import Bound, Class, Outside, ScriptDict, Value, named

ABSENT = object()
"""What a name stands for that nothing in the script gives a value."""

DEEPEST_CALL, MOST_STATEMENTS = 25, 50_000
MOST_CONDITIONS = 8
MODULE = 0


@dataclass
class Suppositions:
    """Conditions that whoever runs the script decides: `supposed` are taken as true or false, by their text.

    `met` are those that were met and not supposed, at most MOST_CONDITIONS, each with its first position.
    """

    supposed: Mapping[str, bool] = field(default_factory=dict)
    met: dict[str, Position] = field(default_factory=dict)

    def of(self, node: ast.expr) -> bool | None:
        """Whether this condition is supposed to hold; None if nothing is supposed about it."""
        text = ast.unparse(node)
        if text not in self.supposed and len(self.met) < MOST_CONDITIONS:
            self.met.setdefault(text, position(node))
        return self.supposed.get(text)


@dataclass
class Context:
    """One script on its way. `above` is the scope around each scope; those of classes hold no names
    for the functions in them. `methods` are the classes of the methods that are being followed. `shared` are the names that a scope declared global or nonlocal.
    """

    state: ScriptState = field(default_factory=ScriptState)
    above: dict[int, int | None] = field(default_factory=dict)
    of_classes: set[int] = field(default_factory=set)
    shared: dict[tuple[int, str], int] = field(default_factory=dict)
    starred: list[str] = field(default_factory=list)
    scope: int = MODULE
    calls: list[ast.AST] = field(default_factory=list)
    methods: list[Class] = field(default_factory=list)
    statements: int = 0
    kept: list[Unknown] = field(default_factory=list)
    suppositions: Suppositions = field(default_factory=Suppositions)

    def __post_init__(self) -> None:
        self.open_scope(None)
        self.set("__name__", "__main__")

    @property
    def tired(self) -> bool:
        """True once so much was followed that calls and loops are not followed any more."""
        return self.statements > MOST_STATEMENTS or len(self.calls) >= DEEPEST_CALL

    def may_follow(self, function: ast.AST) -> bool:
        """Whether a call of this function is followed: one that calls itself is followed twice."""
        return not self.tired and self.calls.count(function) <= 1

    def open_scope(self, above: int | None, *, of_class: bool = False) -> int:
        number = len(self.above)
        self.above[number] = above
        self.state.scopes[number] = ScriptDict()
        if of_class:
            self.of_classes.add(number)
        return number

    def set(self, name: str, value: Value) -> None:
        scope = self.shared.get((self.scope, name), self.scope)
        self.state.scopes[scope][name] = value

    def unset(self, name: str) -> None:
        scope = self.shared.get((self.scope, name), self.scope)
        self.state.scopes[scope].pop(name, None)

    def find(self, name: str) -> Value:
        """What the name stands for here, or ABSENT."""
        for scope in self._visible():
            held = self.state.scopes[scope]
            if name in held:
                return held[name]
        return named(f"{self.starred[-1]}.{name}") if self.starred else ABSENT

    def of_unknown(self, owner: Unknown, name: str, node: ast.AST) -> Value:
        """An attribute or entry of an unknown value: the same one each time it is read."""
        key = f"{owner.mark}.{name}"
        if key not in self.state.seen:
            self.kept.append(owner)
            why = owner.why if isinstance(owner, Outside) else computed(node).why
            self.state.seen[key] = Bound(why, owner, name)
        return self.state.seen[key]

    def set_of_unknown(self, owner: Unknown, name: str, value: Value) -> None:
        self.kept.append(owner)
        self.state.seen[f"{owner.mark}.{name}"] = value

    def holder(self, name: str) -> int:
        """The scope around this one that has the name; the module where none has."""
        visible = list(self._visible())[1:]
        found = (scope for scope in visible if name in self.state.scopes[scope])
        return next(found, MODULE)

    def _visible(self) -> Iterator[int]:
        scope: int | None = self.scope
        while scope is not None:
            if scope == self.scope or scope not in self.of_classes:
                yield scope
            scope = self.above[scope]


def position(node: ast.AST) -> Position:
    """The position of a node; nodes of a notebook have their cell."""
    return Position(getattr(node, "lineno", 1), getattr(node, "cell", None))


def changing(loop: ast.AST) -> Unknown:
    return Unknown(f"it changes in the loop in {position(loop)}")


def computed(node: ast.AST) -> Unknown:
    """A new unknown value that this node computes."""
    return Unknown(f"it is computed in {position(node)}")
