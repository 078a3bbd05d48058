"""What Python's operators make of values that are known in part: comparisons, arithmetic, truth."""

import ast
import operator
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from spotter.core.check.request import PartlyKnown, Text, Unknown
from spotter_cli.check.python.values import (
    Class,
    Instance,
    Items,
    JobObject,
    ScriptDict,
    ScriptFunction,
    Value,
    is_plain,
)

LARGEST = 10**15
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def truth(value: Value) -> bool | None:
    """Whether a value counts as true; None if that is not known."""
    if is_plain(value):
        return bool(value)
    if isinstance(value, ScriptDict | Items):
        return True if len(value) else (False if value.why is None else None)
    if isinstance(value, PartlyKnown):
        return True if any(isinstance(part, str) for part in value.parts) else None
    return True if isinstance(value, ScriptFunction | Class | Instance | JobObject) else None


def compared(compare: ast.cmpop, left: Value, right: Value) -> bool | None:
    """Whether a comparison holds; None if that is not known."""
    if isinstance(compare, ast.Is | ast.IsNot):
        if left is not None and right is not None and not (is_plain(left) and is_plain(right)):
            return None
        if isinstance(left, PartlyKnown) or isinstance(right, PartlyKnown):
            return isinstance(compare, ast.IsNot)
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return None
        return (left is right) is isinstance(compare, ast.Is)
    if isinstance(compare, ast.In | ast.NotIn):
        held = _contains(left, right)
        return None if held is None else held is isinstance(compare, ast.In)
    if not (is_plain(left) and is_plain(right)):
        return None
    try:
        return bool(COMPARED[type(compare)](left, right))
    except TypeError:
        return None


def _contains(item: Value, whole: Value) -> bool | None:
    if isinstance(whole, str) and isinstance(item, str):
        return item in whole
    if isinstance(whole, PartlyKnown) and isinstance(item, str):
        return True if any(isinstance(p, str) and item in p for p in whole.parts) else None
    if isinstance(whole, ScriptDict) and isinstance(item, str):
        return True if item in whole else (False if whole.why is None else None)
    if isinstance(whole, Items) and is_plain(item) and all(map(is_plain, whole)):
        return True if item in list(whole) else (False if whole.why is None else None)
    return None


def reckoned(how: ast.operator, left: Value, right: Value, unknown: Unknown) -> Value:
    """24 * 60 * 60; no number and no text grows without bound."""
    reckon = ARITHMETIC.get(type(how))
    if reckon is None or not (_is_reckoned(left) and _is_reckoned(right)):
        return unknown
    try:
        return reckon(left, right)
    except (ArithmeticError, TypeError):
        return unknown


def _is_reckoned(value: Value) -> bool:
    """True of a number that is no giant, and of a duration."""
    return isinstance(value, timedelta) or (isinstance(value, int | float) and abs(value) < LARGEST)


def is_text(value: Value) -> bool:
    return isinstance(value, Text)
