"""Following a script statement by statement: branches, loops, functions, classes, imports."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from spotter.core.check.request import Unknown
from spotter_cli.check import sdk_parameters
from spotter_cli.check.python import tables
from spotter_cli.check.python.context import MODULE, Context, changing, computed, position
from spotter_cli.check.python.expressions import Expressions
from spotter_cli.check.python.parameters import all_parameters, parameters
from spotter_cli.check.python.state import ScriptState, either
from spotter_cli.check.python.values import (  # fmt: skip
    Arguments,
    Class,
    Curried,
    Instance,
    Items,
    JobObject,
    OneOf,
    ScriptDict,
    ScriptFunction,
    Value,
    named,
    turns,
)

LEAVING = ("exit", "quit", "_exit", "abort")
Decorated = Callable[[ast.AST, ast.expr, Value, Arguments], None]


@dataclass
class Flow:
    """Follows statements. A block that is left before its end (`return`, `raise`) does not go on."""

    context: Context
    expressions: Expressions
    decorated: Decorated
    returned: list[list[Value]] = field(default_factory=list)
    entered: set[ast.AST] = field(default_factory=set)
    made: list[ScriptFunction] = field(default_factory=list)

    def block(self, statements: Iterable[ast.stmt]) -> bool:
        """Follow them in order; False once one of them leaves the block."""
        return all(self._statement(one) for one in statements)

    def finish(self) -> None:
        """Follow the functions that nothing here calls, with unknown parameters."""
        for one in self.made:  # the list grows while it is walked
            if one.node not in self.entered:
                why = f"nothing in this file calls {one.name}"
                self.enter(one, all_parameters(one.node, Unknown(why), why))

    def _statement(self, node: ast.stmt) -> bool:
        self.context.statements += 1
        follow = getattr(self, f"_{type(node).__name__.lower()}", None)
        if follow:
            return follow(node) is not False
        for one in ast.iter_child_nodes(node):
            if isinstance(one, ast.expr):
                self.expressions.of(one)
        return True

    # Statements that bind names.

    def _assign(self, node: ast.Assign) -> None:
        value = self.expressions.of(node.value)
        for target in node.targets:
            self.bind(target, value)

    def _annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.bind(node.target, self.expressions.of(node.value))

    def _augassign(self, node: ast.AugAssign) -> None:
        held = self.expressions.of(node.target)
        if isinstance(node.op, ast.Add) and isinstance(held, Items):
            more = self.expressions.of(node.value)
            held.extend(more if isinstance(more, Items) else ())
            seen = isinstance(more, Items) and more.why is None
            held.why = held.why if seen else f"line {node.lineno} may change it"
        elif isinstance(node.op, ast.BitOr) and isinstance(held, ScriptDict):
            tables.merge(held, self.expressions.of(node.value), node)
        else:
            self.bind(node.target, self.expressions.both(held, node.op, node.value, node))

    def bind(self, target: ast.expr, value: Value) -> None:
        """`target = value`, whatever the target is."""
        if isinstance(target, ast.Name):
            self.context.set(target.id, value)
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target, value)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, computed(target))
        elif isinstance(target, ast.Subscript):
            self._store(target, value)
        elif isinstance(target, ast.Attribute):
            self._set(self.expressions.of(target.value), target.attr, value)

    def _unpack(self, target: ast.Tuple | ast.List, value: Value) -> None:
        plain = not any(isinstance(one, ast.Starred) for one in target.elts)
        seen = isinstance(value, Items) and value.why is None and len(value) == len(target.elts)
        for place, one in enumerate(target.elts):
            self.bind(one, value[place] if plain and seen else computed(target))

    def _store(self, target: ast.Subscript, value: Value) -> None:
        whole = self.expressions.of(target.value)
        key = None if isinstance(target.slice, ast.Slice) else self.expressions.of(target.slice)
        if isinstance(whole, ScriptDict):
            tables.put(whole, key, value, target)
        elif isinstance(whole, Items):
            if isinstance(key, int) and -len(whole) <= key < len(whole):
                whole[key] = value
            else:
                whole.blur(f"{position(target)} may change it")
        elif isinstance(whole, Unknown) and isinstance(key, str | int):
            self.context.set_of_unknown(whole, f"[{key!r}]", value)

    def _set(self, owner: Value, name: str, value: Value) -> None:
        if isinstance(owner, OneOf):
            for one in owner.options:
                self._set(one, name, value)
        elif isinstance(owner, JobObject):
            self.context.state.jobs[owner.number].later[name] = value
        elif isinstance(owner, Instance):
            owner.attributes[name] = value
        elif isinstance(owner, ScriptDict) and owner.shape:
            owner[sdk_parameters.member_of(owner.shape, name)] = value
        elif isinstance(owner, Unknown):
            self.context.set_of_unknown(owner, name, value)

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.context.unset(target.id)
            elif isinstance(target, ast.Subscript):
                whole, key = self.expressions.of(target.value), self.expressions.of(target.slice)
                if isinstance(whole, ScriptDict) and isinstance(key, str):
                    whole.pop(key, None)
                elif isinstance(whole, ScriptDict | Items):
                    whole.blur(f"{position(node)} may change it")

    def _import(self, node: ast.Import) -> None:
        for one in node.names:
            top = one.name.partition(".")[0]
            self.context.set(one.asname or top, named(one.name if one.asname else top))

    def _importfrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for one in node.names:
            if one.name == "*":
                self.context.starred += [module] if module.startswith("sagemaker") else []
            else:
                self.context.set(one.asname or one.name, named(f"{module}.{one.name}"))

    def _global(self, node: ast.Global) -> None:
        for name in node.names:
            self.context.shared[self.context.scope, name] = MODULE

    def _nonlocal(self, node: ast.Nonlocal) -> None:
        for name in node.names:
            self.context.shared[self.context.scope, name] = self.context.holder(name)

    # Functions and classes.

    def _functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        made = ScriptFunction(
            node, self.context.scope, self.expressions.defaults(node.args), f"{node.name}()"
        )
        self.made.append(made)
        value: Value = made
        for one in reversed(node.decorator_list):
            call = isinstance(one, ast.Call)
            what = self.expressions.of(one.func if isinstance(one, ast.Call) else one)
            given = self.expressions.arguments(one) if isinstance(one, ast.Call) else Arguments()
            self.decorated(node, one, what, given)
            wrapped = what if not call else None
            if isinstance(wrapped, ScriptFunction | Class):
                value = computed(node)
        self.context.set(node.name, value)

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef) -> None:
        bases = tuple(self.expressions.of(one) for one in node.bases)
        outer = self.context.scope
        self.context.scope = self.context.open_scope(outer, of_class=True)
        self.block(node.body)
        held = dict(self.context.state.scopes[self.context.scope])
        self.context.scope = outer
        self.context.set(node.name, Class(node, held, bases))

    def enter(self, function: ScriptFunction, given: ScriptDict) -> Value:
        """What a function returns with these values of its parameters."""
        self.entered.add(function.node)
        outer = self.context.scope
        self.context.scope = self.context.open_scope(function.scope)
        self.context.state.scopes[self.context.scope].update(given)
        self.context.calls.append(function.node)
        self.returned.append([])
        if isinstance(function.node, ast.Lambda):
            self.returned[-1].append(self.expressions.of(function.node.body))
        elif self.block(function.node.body):
            self.returned[-1].append(None)
        found = self.returned.pop()
        self.context.calls.pop()
        self.context.scope = outer
        why = f"it depends on what {function.name} does"
        return either(found, why) if found else Unknown(why)

    def _return(self, node: ast.Return) -> bool:
        value = self.expressions.of(node.value)
        if self.returned:
            self.returned[-1].append(value)
        return False

    def _raise(self, node: ast.Raise) -> bool:
        self.expressions.of(node.exc)
        return False

    def _break(self, node: ast.Break | ast.Continue) -> bool:
        return False

    _continue = _break

    def _expr(self, node: ast.Expr) -> bool:
        self.expressions.of(node.value)
        called = node.value.func if isinstance(node.value, ast.Call) else None
        return getattr(called, "attr", getattr(called, "id", "")) not in LEAVING

    # Branches.

    def _if(self, node: ast.If) -> bool:
        known = self.expressions.truth(node.test)
        if known is not None:
            return self.block(node.body if known else node.orelse)
        why = f"it depends on the condition in {position(node)}"
        return self._either([node.body, node.orelse], why)

    def _either(self, blocks: list[list[ast.stmt]], why: str) -> bool:
        """Follow each of them from here; what they leave different is unknown."""
        before = self.context.state
        ends: list[tuple[ScriptState, bool]] = []
        for one in blocks:
            self.context.state = before.fork()
            goes_on = self.block(one)
            ends.append((self.context.state, goes_on))
        going = [state for state, goes_on in ends if goes_on]
        self.context.state = going[0] if going else ends[0][0]
        for state in going[1:]:
            self.context.state.join(state, why)
        for state, _ in ends:
            self.context.state.keep_jobs(state)
        return bool(going)

    def _match(self, node: ast.Match) -> bool:
        self.expressions.of(node.subject)
        for one in ast.walk(node):
            name = getattr(one, "name", None) or getattr(one, "rest", None)
            if isinstance(one, ast.MatchAs | ast.MatchStar | ast.MatchMapping) and name:
                self.context.set(name, computed(one))
        blocks = [case.body for case in node.cases]
        return self._either([*blocks, []], f"it depends on the match in {position(node)}")

    def _try(self, node: ast.Try) -> bool:
        """The body as it is written; a handler may have been entered from anywhere in it."""
        why = f"it depends on the try in {position(node)}"
        for handler in node.handlers:
            if handler.name:
                self.context.set(handler.name, computed(handler))
        blocks = [[*node.body, *node.orelse]] + [handler.body for handler in node.handlers]
        goes_on = self._either(blocks, why) if node.handlers else self.block(blocks[0])
        return self.block(node.finalbody) and goes_on

    _trystar = _try

    def _with(self, node: ast.With | ast.AsyncWith) -> bool:
        for one in node.items:
            value = self.expressions.of(one.context_expr)
            if one.optional_vars is not None:
                held = value if isinstance(value, JobObject | Instance) else computed(node)
                self.bind(one.optional_vars, held)
        return self.block(node.body)

    _asyncwith = _with

    # Loops.

    def _for(self, node: ast.For | ast.AsyncFor) -> bool:
        items = self.expressions.of(node.iter)
        rounds = turns(items)
        plain = not any(
            isinstance(one, ast.Break | ast.Continue | ast.Return) for one in _all(node)
        )
        if rounds is not None and plain and not self.context.tired:
            return all(self._turn(node, item) for item in rounds) and self.block(node.orelse)
        return self._some_turns(node, lambda: self.bind(node.target, changing(node)))

    _asyncfor = _for

    def _turn(self, node: ast.For | ast.AsyncFor, item: Value) -> bool:
        self.bind(node.target, item)
        return self.block(node.body)

    def _while(self, node: ast.While) -> bool:
        if self.expressions.truth(node.test) is False:
            return self.block(node.orelse)
        return self._some_turns(node, lambda: None)

    def _some_turns(
        self, node: ast.For | ast.AsyncFor | ast.While, begin: Callable[[], None]
    ) -> bool:
        """One turn stands for all: what a turn changes is unknown in it, and may be so after it."""
        before = self.context.state.fork()
        for name in _bound_in(node.body):
            self.context.set(name, changing(node))
        begin()
        self.block(node.body)
        after = self.context.state
        after.join(before, f"it depends on the loop in {position(node)}")
        after.keep_jobs(before)
        self.block(node.orelse)
        return True


def called(flow: Flow, function: Value, given: Arguments, node: ast.AST) -> Value:
    """Follow a function of the script, as far as it may be followed."""
    if isinstance(function, Curried):
        return called(flow, function.function, given.after(function.given), node)
    assert isinstance(function, ScriptFunction)
    calls = flow.context.calls
    if flow.context.tired or calls.count(function.node) > 1:
        return computed(node)
    return flow.enter(function, parameters(function, given))


def _all(loop: ast.For | ast.AsyncFor) -> Iterator[ast.AST]:
    return (node for one in loop.body for node in ast.walk(one))


def _bound_in(body: list[ast.stmt]) -> list[str]:
    """The names that the body of a loop sets."""
    nodes = (node for one in body for node in ast.walk(one))
    stored = (n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return list(dict.fromkeys(stored))
