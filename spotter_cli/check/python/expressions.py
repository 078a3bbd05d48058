"""The value of an expression, as far as it follows from what is known."""

import ast
import builtins
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from spotter.core.check.request import PartlyKnown, Unknown
from spotter_cli.check import sdk_parameters
from spotter_cli.check.python import containers, partial_texts, tables
from spotter_cli.check.python.comprehensions import Comprehensions
from spotter_cli.check.python.context import ABSENT, Context, computed, position
from spotter_cli.check.python.operators import compared, is_text, reckoned, truth
from spotter_cli.check.python.state import ScriptJob, either
from spotter_cli.check.python.values import (  # fmt: skip
    Arguments,
    Bound,
    Class,
    Instance,
    Items,
    JobObject,
    Named,
    OneOf,
    Outside,
    ScriptDict,
    ScriptFunction,
    Value,
    comes_from_outside,
    is_plain,
    named,
)

Call = Callable[[ast.AST, Value, Arguments], Value]


@dataclass
class Expressions:
    """Evaluates the expressions of a script; `call` follows what is called."""

    context: Context
    call: Call

    def __post_init__(self) -> None:
        self._comprehensions = Comprehensions(self.context, self.of)

    def of(self, node: ast.expr | None) -> Value:
        """The expression's value; Unknown if it is computed."""
        if node is None:
            return None
        evaluate = getattr(self, f"_{type(node).__name__.lower()}", None)
        return evaluate(node) if evaluate else self._anything(node)

    def truth(self, node: ast.expr) -> bool | None:
        """Whether a condition holds; None if that is neither known nor supposed."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            held = self.truth(node.operand)
            return None if held is None else not held
        if isinstance(node, ast.BoolOp):
            return self._truth_of_all(node.values, isinstance(node.op, ast.Or))
        return self._decided(node, self.of(node))

    def _truth_of_all(self, nodes: list[ast.expr], decides: bool) -> bool | None:
        """The first one that is as `decides` decides; None once one that may is unknown."""
        for place, one in enumerate(nodes):
            held = self.truth(one)
            if held is None:
                for rest in nodes[place + 1 :]:
                    self.of(rest)
            if held is None or held is decides:
                return held
        return not decides

    def _decided(self, node: ast.expr, value: Value) -> bool | None:
        known = truth(value)
        if known is None and comes_from_outside(value):
            return self.context.suppositions.of(node)
        return known

    def _anything(self, node: ast.expr) -> Value:
        """A kind of expression that is not followed; calls in it are seen all the same."""
        for one in ast.iter_child_nodes(node):
            if isinstance(one, ast.expr):
                self.of(one)
        return computed(node)

    def _constant(self, node: ast.Constant) -> Value:
        return node.value if is_plain(node.value) else computed(node)

    def _name(self, node: ast.Name) -> Value:
        found = self.context.find(node.id)
        if found is not ABSENT:
            return found
        if hasattr(builtins, node.id):
            return Bound(f"it is computed in {position(node)}", None, node.id)
        return Unknown(f"{node.id} in {position(node)} is not defined in this file")

    def _namedexpr(self, node: ast.NamedExpr) -> Value:
        value = self.of(node.value)
        self.context.set(node.target.id, value)
        return value

    def _dict(self, node: ast.Dict) -> Value:
        found = ScriptDict()
        for key, inner in zip(node.keys, node.values, strict=True):
            value = self.of(inner)
            if key is None:
                tables.merge(found, value, inner)
            else:
                tables.put(found, self.of(key), value, inner)
        return found

    def _list(self, node: ast.List | ast.Tuple) -> Value:
        found = Items()
        for one in node.elts:
            if isinstance(one, ast.Starred):
                more = self.of(one.value)
                seen = isinstance(more, Items) and more.why is None
                found.extend(more if seen else ())
                found.why = found.why if seen else f"it is computed in {position(one)}"
            else:
                found.append(self.of(one))
        return found

    _tuple = _list

    def _joinedstr(self, node: ast.JoinedStr) -> Value:
        why = f"it is computed in {position(node)}"
        pieces = [self._formatted(part, why) for part in node.values]
        return partial_texts.joined(pieces, why)

    def _formatted(self, part: ast.expr, why: str) -> Value:
        if not isinstance(part, ast.FormattedValue):
            return self.of(part)
        value = self.of(part.value)
        wanted = self.of(part.format_spec) if part.format_spec else ""
        if part.conversion == ord("r") or part.conversion == ord("a"):
            return Unknown(why)
        return partial_texts.formatted(value, wanted, why)

    def _unaryop(self, node: ast.UnaryOp) -> Value:
        value = self.of(node.operand)
        if isinstance(node.op, ast.Not):
            known = self._decided(node.operand, value)
            return computed(node) if known is None else not known
        if isinstance(node.op, ast.USub) and isinstance(value, int | float):
            return -value
        return value if isinstance(node.op, ast.UAdd) and is_plain(value) else computed(node)

    def _boolop(self, node: ast.BoolOp) -> Value:
        """The first operand that decides; Unknown once one that may decide is unknown."""
        value: Value = None
        for one in node.values:
            value = self.of(one)
            known = self._decided(one, value)
            if known is None:
                return value if one is node.values[-1] else self._rest_unknown(node, one)
            if known is isinstance(node.op, ast.Or):
                return value
        return value

    def _rest_unknown(self, node: ast.BoolOp, after: ast.expr) -> Unknown:
        for one in node.values[node.values.index(after) + 1 :]:
            self.of(one)
        return computed(node)

    def _compare(self, node: ast.Compare) -> Value:
        left, found = self.of(node.left), True
        for compare, one in zip(node.ops, node.comparators, strict=True):
            right = self.of(one)
            held = compared(compare, left, right)
            if held is None:
                outside = comes_from_outside(left) or comes_from_outside(right)
                return Outside(computed(node).why) if outside else computed(node)
            found, left = found and held, right
        return found

    def _ifexp(self, node: ast.IfExp) -> Value:
        known = self.truth(node.test)
        if known is not None:
            return self.of(node.body if known else node.orelse)
        why = f"it depends on the condition in {position(node)}"
        return either([self.of(node.body), self.of(node.orelse)], why)

    def _binop(self, node: ast.BinOp) -> Value:
        return self.both(self.of(node.left), node.op, node.right, node)

    def both(self, left: Value, how: ast.operator, other: ast.expr, node: ast.AST) -> Value:
        """Two values and the operator between them."""
        right, why = self.of(other), f"it is computed in {position(node)}"
        if isinstance(how, ast.Add) and (is_text(left) or is_text(right)):
            others = all(is_text(one) or isinstance(one, Unknown) for one in (left, right))
            return partial_texts.joined([left, right], why) if others else Unknown(why)
        if isinstance(how, ast.Add) and isinstance(left, Items) and isinstance(right, Items):
            return Items([*left, *right], left.why or right.why)
        if isinstance(how, ast.Mod) and isinstance(left, str):
            values = list(right) if isinstance(right, Items) and right.why is None else [right]
            return partial_texts.interpolated(left, values, why)
        if isinstance(how, ast.BitOr) and isinstance(left, ScriptDict):
            found = ScriptDict(left, left.why)
            tables.merge(found, right, node)
            return found
        return reckoned(how, left, right, Unknown(why))

    def _subscript(self, node: ast.Subscript) -> Value:
        whole = self.of(node.value)
        if isinstance(node.slice, ast.Slice):
            return self._slice(node, whole)
        key = self.of(node.slice)
        if isinstance(whole, ScriptDict) and isinstance(key, str):
            if key in whole:
                return whole[key]
            return Unknown(whole.why) if whole.why else computed(node)
        if isinstance(whole, ScriptDict | Items) and isinstance(key, Unknown):
            return containers.any_entry(whole, computed(node))
        if isinstance(whole, Items | str) and isinstance(key, int):
            if isinstance(whole, Items) and whole.why:
                return Unknown(whole.why)
            return whole[key] if -len(whole) <= key < len(whole) else computed(node)
        if isinstance(whole, Class) and isinstance(key, str) and whole.is_an_enumeration():
            return self.attribute(whole, key, node)
        if isinstance(whole, Unknown) and isinstance(key, str | int):
            return self.context.of_unknown(whole, f"[{key!r}]", node)
        return computed(node)

    def _slice(self, node: ast.Subscript, whole: Value) -> Value:
        assert isinstance(node.slice, ast.Slice)
        ends = [self.of(one) for one in (node.slice.lower, node.slice.upper, node.slice.step)]
        numbers = all(one is None or isinstance(one, int) for one in ends) and ends[2] != 0
        if not numbers or not isinstance(whole, Items | str):
            return computed(node)
        found = whole[slice(*ends)]
        return Items(list(found), whole.why) if isinstance(whole, Items) else found

    def _attribute(self, node: ast.Attribute) -> Value:
        return self.attribute(self.of(node.value), node.attr, node)

    def attribute(self, owner: Value, name: str, node: ast.AST) -> Value:
        """`owner.name`: of what is imported a longer name, of an object what was set."""
        if isinstance(owner, OneOf):
            return either([self.attribute(one, name, node) for one in owner.options], owner.why)
        if isinstance(owner, Named):
            longer = named(f"{owner.dotted}.{name}")
            return self.context.state.seen.get(f"{owner.mark}.{name}", longer)
        if isinstance(owner, Instance):
            held = owner.attributes
            if name == "__dict__":
                return held
            of_class = self.context.state.of_class
            found = held[name] if name in held else of_class(owner.made_by, name)
            if held.why and name not in held and not isinstance(found, ScriptFunction):
                return Unknown(held.why)
            if isinstance(found, ScriptFunction) and name not in held:
                bound = Bound(computed(node).why, owner, name)
                return self.call(node, bound, Arguments()) if found.is_a_property() else bound
            unseen = found is None and name not in held
            return computed(node) if unseen else found
        if isinstance(owner, Class):
            found = self.context.state.of_class(owner, name)
            if isinstance(found, ScriptFunction) and found.decorated_by("classmethod"):
                return Bound(computed(node).why, owner, name)
            return computed(node) if found is None else found
        if isinstance(owner, JobObject):
            job = self.context.state.jobs[owner.number]
            if name == "__dict__":
                return job.later
            return self._held(job, name, Bound(computed(node).why, owner, name))
        if isinstance(owner, timedelta):
            plain = name in ("days", "seconds", "microseconds")
            return getattr(owner, name) if plain else Bound(computed(node).why, owner, name)
        if name == "value" and is_plain(owner):  # of an enumeration's member: no other has it
            return owner
        if isinstance(owner, ScriptDict) and owner.shape:
            return owner.get(
                sdk_parameters.member_of(owner.shape, name), Bound(computed(node).why, owner, name)
            )
        if isinstance(owner, Unknown) and not isinstance(owner, PartlyKnown):
            return self.context.of_unknown(owner, name, node)
        return Bound(computed(node).why, owner, name)

    def _held(self, job: ScriptJob, name: str, otherwise: Value) -> Value:
        for table in (job.later, job.given):
            if name in table:
                return table[name]
        found = self.context.state.of_class(job.made_by, name) if job.made_by else None
        return otherwise if found is None or isinstance(found, ScriptFunction) else found

    def _call(self, node: ast.Call) -> Value:
        return self.call(node, self.of(node.func), self.arguments(node))

    def arguments(self, node: ast.Call) -> Arguments:
        """What a call is given. Python takes no argument twice: what is unpacked replaces none."""
        found = Arguments()
        for one in node.args:
            if isinstance(one, ast.Starred):
                more = self.of(one.value)
                seen = isinstance(more, Items) and more.why is None
                found.by_position += more if seen else ()
                found.unseen = None if seen else f"{position(one)} puts in what is computed"
            else:
                found.by_position.append(self.of(one))
        named = [(one.arg, self.of(one.value), one.value) for one in node.keywords]
        for name, value, inner in named:
            if name is None:
                tables.merge(found.by_name, value, inner)
        for name, value, inner in named:
            if name is not None:
                found.by_name[name] = value
                found.positions[name] = position(inner)
        return found

    def _lambda(self, node: ast.Lambda) -> Value:
        return ScriptFunction(node, self.context.scope, self.defaults(node.args))

    def defaults(self, parameters: ast.arguments) -> dict[str, Value]:
        """The defaults of parameters, as they are when the function is made."""
        named = [*parameters.posonlyargs, *parameters.args]
        last = named[len(named) - len(parameters.defaults) :]
        found = {a.arg: self.of(d) for a, d in zip(last, parameters.defaults, strict=True)}
        pairs = zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
        return found | {a.arg: self.of(d) for a, d in pairs if d is not None}

    def _starred(self, node: ast.Starred) -> Value:
        self.of(node.value)
        return computed(node)

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp) -> Value:
        return self._comprehensions.items(node)

    _generatorexp = _listcomp

    def _setcomp(self, node: ast.SetComp) -> Value:
        return self._comprehensions.members(node)

    def _dictcomp(self, node: ast.DictComp) -> Value:
        return self._comprehensions.table(node)
