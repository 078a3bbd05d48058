"""What an expression of a Python script is, where its text alone says so; unknown otherwise.

Literals, names that are assigned once, plain arithmetic on both, `dict(...)`, unpacked mappings, and
the SDK's own shapes (`CheckpointConfig(...)`), which become members of the API.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from console.checking import sdk
from console.checking.names import Change, Names
from console.checking.request import Open, Unknown

DEEPEST = 40
"""Nested expressions and names; whoever writes a request by hand stays far below."""

LONGEST, LARGEST = 10_000, 10**15
ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


@dataclass
class Constants:
    """Resolves the expressions of one script, what a name stands for but once."""

    names: Names
    known: dict[ast.expr, Any] = field(default_factory=dict)

    def of(self, node: ast.expr, depth: int = 0) -> Any:
        """The expression's value; Unknown if it is computed."""
        computed = Unknown(f"it is computed in line {node.lineno}")
        if depth > DEEPEST:
            return computed
        match node:
            case ast.Constant(value=str() | int() | float() | None):
                return node.value
            case ast.Name():
                return self._name(node, depth)
            case ast.Dict():
                return self._mapping(list(zip(node.keys, node.values, strict=True)), depth)
            case ast.List() | ast.Tuple():
                items = [self.of(one, depth + 1) for one in node.elts]
                return computed if any(isinstance(n, ast.Starred) for n in node.elts) else items
            case ast.JoinedStr():
                return self._text(node, depth) or computed
            case ast.UnaryOp(op=ast.USub() | ast.Not()):
                return self._negated(node, depth, computed)
            case ast.BinOp():
                return self._arithmetic(node, depth, computed)
            case ast.Subscript():
                return self._part(node, depth, computed)
            case ast.Call():
                return self._call(node, depth, computed)
        return computed

    def arguments(self, call: ast.Call, names: tuple[str, ...] = (), depth: int = 0) -> Any:
        """The arguments of a call, open where it unpacks something; `names` are those by position.

        Python takes no argument twice, so that what is unpacked replaces none that is named.
        """
        given = [(one.arg, one.value) for one in call.keywords]
        unpacked = [one for one in given if one[0] is None]
        named = [one for one in given if one[0] is not None]
        return self._mapping([*unpacked, *zip(names, call.args, strict=False), *named], depth)

    def _name(self, node: ast.Name, depth: int) -> Any:
        value = self.names.value(node)
        if value is None:
            return Unknown(f"{node.id} in line {node.lineno} is not one plain value")
        if value not in self.known:
            self.known[value] = Unknown(f"{node.id} in line {node.lineno} stands for itself")
            self.known[value] = self.of(value, depth + 1)
        found = self.known[value]
        for change in self.names.changes[node.id]:
            found = _changed(found, change, change.keys)
        return found

    def _mapping(self, entries: list[tuple[Any, ast.expr]], depth: int) -> Any:
        """Of two entries with one key the later counts, and what is unpacked may hold any key."""
        found: dict[str, Any] = {}
        for key, node in entries:
            value = self.of(node, depth + 1)
            name = key if isinstance(key, str | None) else self.of(key, depth + 1)
            if key is not None and isinstance(name, str):
                found[name] = value
            elif key is None and isinstance(value, dict):
                why = getattr(value, "why", None) or getattr(found, "why", None)
                clouded = _clouded(found, value.why) if isinstance(value, Open) else found
                found = Open(clouded | value, why) if why else clouded | value
            else:
                why = f"line {node.lineno} puts in what is computed"
                found = Open(_clouded(found, why), why)
        return found

    def _text(self, node: ast.JoinedStr, depth: int) -> str | None:
        """An f-string of plain parts; None for any other."""
        said = ""
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                if part.format_spec is not None or part.conversion != -1:
                    return None
                value = self.of(part.value, depth + 1)
            else:
                value = self.of(part, depth + 1)
            if not isinstance(value, str | int) or len(said) > LONGEST:
                return None
            said += str(value)
        return said

    def _negated(self, node: ast.UnaryOp, depth: int, computed: Unknown) -> Any:
        value = self.of(node.operand, depth + 1)
        if isinstance(node.op, ast.Not):
            return computed if isinstance(value, Unknown) else not value
        return -value if isinstance(value, int | float) else computed

    def _arithmetic(self, node: ast.BinOp, depth: int, computed: Unknown) -> Any:
        """24 * 60 * 60 and "s3://" + bucket."""
        left, right = self.of(node.left, depth + 1), self.of(node.right, depth + 1)
        reckoned = ARITHMETIC.get(type(node.op))
        numbers = all(isinstance(n, int | float) and abs(n) < LARGEST for n in (left, right))
        texts = all(isinstance(t, str) and len(t) < LONGEST for t in (left, right))
        if reckoned is None or not (numbers or (texts and isinstance(node.op, ast.Add))):
            return computed
        try:
            return reckoned(left, right)
        except ArithmeticError:
            return computed

    def _part(self, node: ast.Subscript, depth: int, computed: Unknown) -> Any:
        whole, key = self.of(node.value, depth + 1), self.of(node.slice, depth + 1)
        if isinstance(whole, dict) and isinstance(key, str) and key in whole:
            return whole[key]
        return whole if isinstance(whole, Unknown) else computed

    def _call(self, node: ast.Call, depth: int, computed: Unknown) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "dict" and not node.args:
            return self.arguments(node, depth=depth + 1)
        dotted = self.names.dotted(node.func)
        shape, names = sdk.shape(dotted), sdk.positions(dotted)
        if shape is None or len(node.args) > len(names):
            return computed
        return shape(self.arguments(node, names, depth + 1))


def _clouded(found: Mapping[str, Any], why: str) -> dict[str, Any]:
    """The same keys, whose values may have been replaced."""
    return dict.fromkeys(found, Unknown(why))


def _changed(found: Any, change: Change, keys: tuple[str, ...]) -> Any:
    """What is left of a list or a mapping that is changed elsewhere; anything else cannot change."""
    if not isinstance(found, dict | list):
        return found
    changed = Unknown(f"line {change.line} may change it")
    if not keys or not isinstance(found, dict):
        return changed
    name, *rest = keys
    if change.handed_on and name not in found:
        return found
    inner = found.get(name, changed)
    deeper = rest or change.handed_on
    inner = _changed(inner, change, tuple(rest)) if deeper else changed
    return found | {name: inner}
