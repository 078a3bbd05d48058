"""The fields of dataclasses and of configuration classes, and which of them a call gives by position.

https://docs.python.org/3/library/dataclasses.html
https://docs.pydantic.dev/latest/concepts/validators/
"""

import ast
import re
from typing import NamedTuple

from spotter_cli.check.python.values import (
    Arguments,
    Bound,
    Class,
    ScriptDict,
    ScriptFunction,
    Value,
)

VALIDATORS = ("validator", "root_validator", "field_validator", "model_validator")
MAKING = ("__new__", "model_post_init", "__attrs_post_init__")
WITHOUT_FIELDS = ("abc.", "typing.", "typing_extensions.")
"""Packages whose classes give no field to those that derive from them."""


class DataField(NamedTuple):
    """A field; `of_init` is True of an InitVar, which is given to `__post_init__` and no attribute."""

    value: ast.expr | None
    by_position: bool
    of_init: bool


def is_dataclass(made_by: Class) -> bool:
    """True of a class that is decorated so, and of those that derive from one."""
    return any(_decorator(one) for one in _line(made_by))


def begins(made_by: Class) -> ScriptFunction | None:
    """The `__init__` that the script writes for it; None where a dataclass or a library makes it."""
    for one in _line(made_by):
        found = one.attributes.get("__init__")
        if found is not None or _decorator(one):
            return found if isinstance(found, ScriptFunction) else None
    return None


def fields(made_by: Class) -> dict[str, DataField]:
    """Those of its bases first; a field that is written again keeps its place."""
    return _fields(made_by, of_dataclasses=is_dataclass(made_by))


def names(made_by: Class) -> list[str]:
    """The fields that are attributes."""
    return [name for name, one in fields(made_by).items() if not one.of_init]


def given_to(made_by: Class, given: Arguments) -> ScriptDict:
    """What a call gives, by the names of the fields; open where its class or a base may set more."""
    by_position = [name for name, one in fields(made_by).items() if one.by_position]
    found = given.named(tuple(by_position))
    mine = f"the class {made_by.node.name} may set it"
    if given.by_position and (len(given.by_position) > len(by_position) or _inherits(made_by)):
        found.blur(mine)
    if not (is_dataclass(made_by) or _elsewhere(made_by)) and (given.by_position or given.by_name):
        found.why = found.why or mine
    return found


def may_be_set(made_by: Class) -> str | None:
    """Why a field that is not given may have another value than its default; None if it has that."""
    if any(name.endswith("Settings") for name in made_by.imported()):
        return f"the environment may set the fields of {made_by.node.name}"
    return None


def is_validated(made_by: Class) -> bool:
    """True if code of the class itself may replace what an object is given."""
    written = (one for each in _line(made_by) for one in each.node.body)
    functions = [one for one in written if isinstance(one, ast.FunctionDef)]
    decorators = {_called(each) for one in functions for each in one.decorator_list}
    return not decorators.isdisjoint(VALIDATORS) or any(one.name in MAKING for one in functions)


def factories(made_by: Class, given: ScriptDict) -> dict[str, tuple[str, ast.expr]]:
    """Of each field that is not given and has a `field(...)`: `default` or `default_factory`, and its value."""
    found: dict[str, tuple[str, ast.expr]] = {}
    for name, one in fields(made_by).items():
        if name in given or given.why:
            continue
        for how in ("default", "default_factory"):
            if (value := _option(one.value, how)) is not None:
                found[name] = (how, value)
    return found


def _fields(made_by: Class, *, of_dataclasses: bool) -> dict[str, DataField]:
    found: dict[str, DataField] = {}
    for base in reversed(made_by.bases):
        if isinstance(base, Class):
            found.update(_fields(base, of_dataclasses=of_dataclasses))
    decorator = _decorator(made_by)
    if of_dataclasses and decorator is None:
        return found
    by_position = not _is(_option(decorator, "kw_only"), value=True)
    for one in made_by.node.body:
        if not isinstance(one, ast.AnnAssign) or not isinstance(one.target, ast.Name):
            continue
        kind = ast.unparse(one.annotation)
        if re.search(r"\bKW_ONLY\b", kind):
            by_position = False
        elif not re.search(r"\bClassVar\b", kind):
            here = by_position and not _is(_option(one.value, "init"), value=False)
            here = here and not _is(_option(one.value, "kw_only"), value=True)
            of_init = re.search(r"\bInitVar\b", kind) is not None
            found[one.target.id] = DataField(one.value, here, of_init)
    return found


def _inherits(made_by: Class) -> bool:
    """True of a class that may have fields from elsewhere."""
    return any(not name.startswith(WITHOUT_FIELDS) for name in _elsewhere(made_by))


def _elsewhere(made_by: Class) -> list[str]:
    found: list[str] = []
    for base in made_by.bases:
        if isinstance(base, Class):
            found += _elsewhere(base)
        elif not _is_object(base):
            found.append(getattr(base, "dotted", ""))
    return found


def _is_object(base: Value) -> bool:
    return isinstance(base, Bound) and base.owner is None and base.name == "object"


def _line(made_by: Class) -> list[Class]:
    """The class and its bases in the script."""
    above = (_line(base) for base in made_by.bases if isinstance(base, Class))
    return [made_by, *(one for line in above for one in line)]


def _decorator(made_by: Class) -> ast.expr | None:
    """What makes it a dataclass; None if nothing does."""
    written = made_by.node.decorator_list
    return next((one for one in written if _called(one) == "dataclass"), None)


def _called(node: ast.expr) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return getattr(node, "attr", getattr(node, "id", ""))


def _option(call: ast.expr | None, name: str) -> ast.expr | None:
    """What `field(...)` or `@dataclass(...)` is given under this name."""
    if not isinstance(call, ast.Call) or _called(call) not in ("field", "dataclass"):
        return None
    return next((one.value for one in call.keywords if one.arg == name), None)


def _is(node: ast.expr | None, *, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value
