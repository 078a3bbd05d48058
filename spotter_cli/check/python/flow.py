"""Following a script statement by statement: branches, loops, functions, classes, imports."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from spotter.core.check.request import Unknown
from spotter_cli.check import sdk_parameters
from spotter_cli.check.python import tables
from spotter_cli.check.python.context import MODULE, Context, changing, computed, position
from spotter_cli.check.python.expressions import Expressions
from spotter_cli.check.python.leaving import (  # fmt: skip
    BREAK,
    CONTINUE,
    RAISE,
    RETURN,
    WAYS,
    Leaving,
    any_of,
)
from spotter_cli.check.python.parameters import all_parameters, parameters
from spotter_cli.check.python.state import ScriptState
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
    Suppressing,
    Value,
    named,
    turns,
)

LEAVING = ("exit", "quit", "_exit", "abort")
Decorated = Callable[[ast.AST, ast.expr, Value, Arguments], None]


@dataclass
class Flow:
    """Follows statements. A block that is left before its end (`return`, `raise`) does not go on;
    the state that leaves it goes on where it is taken up.
    """

    context: Context
    expressions: Expressions
    decorated: Decorated
    leaving: Leaving = field(default_factory=Leaving)
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
            self.set_attribute(self.expressions.of(target.value), target.attr, value)

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

    def set_attribute(self, owner: Value, name: str, value: Value) -> None:
        """`owner.name = value`."""
        if isinstance(owner, OneOf):
            for one in owner.options:
                self.set_attribute(one, name, value)
        elif setter := self._setter(owner, name):
            called(self, setter, Arguments([owner, value]), setter.node)
        elif isinstance(owner, JobObject):
            self.context.state.jobs[owner.number].later[name] = value
        elif isinstance(owner, Instance):
            owner.attributes[name] = value
        elif isinstance(owner, Class):
            self.context.state.scopes[owner.scope][name] = value
        elif isinstance(owner, ScriptDict) and owner.shape:
            owner[sdk_parameters.member_of(owner.shape, name)] = value
        elif isinstance(owner, Unknown):
            self.context.set_of_unknown(owner, name, value)

    def _setter(self, owner: Value, name: str) -> ScriptFunction | None:
        """What is called where this attribute is set: the setter of a property of the script."""
        made_by = self.context.state.class_of(owner)
        found = self.context.state.of_class(made_by, name) if made_by else None
        return found.setter if isinstance(found, ScriptFunction) else None

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
            of_property = self.expressions.of(one.value) if isinstance(one, ast.Attribute) else None
            if isinstance(of_property, ScriptFunction) and getattr(one, "attr", "") == "setter":
                value = replace(of_property, setter=made)
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
        scope, self.context.scope = self.context.scope, outer
        held = dict(self.context.state.scopes[scope])
        self.context.set(node.name, Class(node, held, bases, scope))

    def enter(self, function: ScriptFunction, given: ScriptDict) -> Value:
        """What a function returns with these values of its parameters."""
        self.entered.add(function.node)
        outer, entered = self.context.scope, self.context.state
        self.context.scope = self.context.open_scope(function.scope)
        self.context.state.scopes[self.context.scope].update(given)
        self.context.calls.append(function.node)
        with self.leaving.taken_up(RETURN, BREAK, CONTINUE) as left:
            if isinstance(function.node, ast.Lambda):
                self._leave_with(self.expressions.of(function.node.body))
            elif self.block(function.node.body):
                self._leave_with(None)
        why = f"it depends on what {function.name} does"
        if self._go_on(left[RETURN], why, entered):
            found = self.context.state.seen.pop(self._result)
        else:
            found, self.context.state = Unknown(why), self.context.state.fork()
        self.context.calls.pop()
        self.context.scope = outer
        return found

    @property
    def _result(self) -> str:
        """Where the state keeps what the function that is followed returns."""
        return f"returned at depth {len(self.context.calls)}"

    def _leave_with(self, value: Value) -> None:
        if self.context.calls:
            self.context.state.seen[self._result] = value
        self.leaving.leave(RETURN, self.context.state)

    def _return(self, node: ast.Return) -> bool:
        self._leave_with(self.expressions.of(node.value))
        return False

    def _raise(self, node: ast.Raise) -> bool:
        self.expressions.of(node.exc)
        self.leaving.leave(RAISE, self.context.state)
        return False

    def _break(self, node: ast.Break) -> bool:
        self.leaving.leave(BREAK, self.context.state)
        return False

    def _continue(self, node: ast.Continue) -> bool:
        self.leaving.leave(CONTINUE, self.context.state)
        return False

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
        begins = [*(before.fork() for _ in blocks[1:]), before]
        return self._after(list(zip(begins, blocks, strict=True)), why, before)

    def _after(
        self,
        branches: list[tuple[ScriptState, list[ast.stmt]]],
        why: str,
        before: ScriptState,
    ) -> bool:
        """Follow each block from its state."""
        ends: list[tuple[ScriptState, bool]] = []
        for begin, block in branches:
            self.context.state = begin
            goes_on = self.block(block)
            ends.append((self.context.state, goes_on))
        going = self._go_on([state for state, goes_on in ends if goes_on], why, before)
        for state, _ in ends:
            self.context.state.keep(state)
        return going

    def _go_on(self, states: list[ScriptState], why: str, before: ScriptState) -> bool:
        """Go on as any of these states; False if there is none."""
        left = self.context.state
        if states:
            self.context.state = any_of(states, why, before)
            self.context.state.keep(left)
        return bool(states)

    def _match(self, node: ast.Match) -> bool:
        self.expressions.of(node.subject)
        for one in ast.walk(node):
            name = getattr(one, "name", None) or getattr(one, "rest", None)
            if isinstance(one, ast.MatchAs | ast.MatchStar | ast.MatchMapping) and name:
                self.context.set(name, computed(one))
        blocks = [case.body for case in node.cases]
        return self._either([*blocks, []], f"it depends on the match in {position(node)}")

    def _try(self, node: ast.Try) -> bool:
        """What leaves the `try` in any way goes through its `finally`."""
        why = f"it depends on the try in {position(node)}"
        if not node.finalbody:
            return self._handled(node, why)
        with self.leaving.taken_up(*WAYS) as left:
            goes_on = self._handled(node, why)
        end = self.context.state
        for way, states in left.items():
            if self._go_on(states, why, end) and self.block(node.finalbody):
                self.leaving.leave(way, self.context.state)
        if goes_on or not any(left.values()):
            self.context.state = end
            return self.block(node.finalbody) and goes_on
        return False

    def _handled(self, node: ast.Try, why: str) -> bool:
        """The body and its handlers, each of which may be entered from anywhere in the body."""
        if not node.handlers:
            return self.block([*node.body, *node.orelse])
        for handler in node.handlers:
            if handler.name:
                self.context.set(handler.name, computed(handler))
        before, begin = self.context.state, self.context.state.fork()
        with self.leaving.taken_up(*WAYS) as left:
            goes_on = self.block(node.body)
        end = self.context.state
        for one in (end, *(one for states in left.values() for one in states)):
            begin.join(one.fork(), why)
        for way, states in left.items():
            for one in states:
                self.leaving.leave(way, one)
        branches = [(begin.fork(), handler.body) for handler in node.handlers]
        return self._after([*([(end, node.orelse)] if goes_on else []), *branches], why, before)

    _trystar = _try

    def _with(self, node: ast.With | ast.AsyncWith) -> bool:
        suppresses = False
        for one in node.items:
            value = self.expressions.of(one.context_expr)
            suppresses = suppresses or isinstance(value, Suppressing)
            if one.optional_vars is not None:
                held = value if isinstance(value, JobObject | Instance) else computed(node)
                self.bind(one.optional_vars, held)
        if suppresses:
            why = f"it depends on the errors that are suppressed in {position(node)}"
            return self._handled(_passing_over_errors(node), why)
        return self.block(node.body)

    _asyncwith = _with

    # Loops.

    def _for(self, node: ast.For | ast.AsyncFor) -> bool:
        items = self.expressions.of(node.iter)
        rounds = turns(items)
        if rounds is not None and not self.context.tired:
            return self._each_turn(node, rounds)
        return self._some_turns(node, lambda: self.bind(node.target, changing(node)))

    _asyncfor = _for

    def _each_turn(self, node: ast.For | ast.AsyncFor, rounds: list[Value]) -> bool:
        """The turns one by one. Their items are kept in the state, whose branches work on copies of them."""
        before, why = self.context.state, f"it depends on the loop in {position(node)}"
        key = f"items of the loop in {position(node)} at depth {len(self.context.calls)}"
        before.seen[key] = Items(rounds)
        goes_on = True
        with self.leaving.taken_up(BREAK, CONTINUE) as left:
            for place in range(len(rounds)):
                self.bind(node.target, self.context.state.seen[key][place])
                ends = [self.context.state] if self.block(node.body) else []
                goes_on = self._go_on([*ends, *left[CONTINUE]], why, before)
                left[CONTINUE].clear()
                if not goes_on:
                    break
        ends = [self.context.state] if goes_on and self.block(node.orelse) else []
        goes_on = self._go_on([*ends, *left[BREAK]], why, before)
        self.context.state.seen.pop(key, None)
        return goes_on

    def _while(self, node: ast.While) -> bool:
        if self.expressions.truth(node.test) is False:
            return self.block(node.orelse)
        goes_on = self._some_turns(node, lambda: None)
        endless = isinstance(node.test, ast.Constant) and not _may_break(node)
        return goes_on and not endless

    def _some_turns(
        self, node: ast.For | ast.AsyncFor | ast.While, begin: Callable[[], None]
    ) -> bool:
        """One turn stands for all: what a turn changes is unknown in it, and may be so after it."""
        before, why = self.context.state, f"it depends on the loop in {position(node)}"
        self.context.state = before.fork()
        for name in _bound_in(node.body):
            self.context.set(name, changing(node))
        begin()
        with self.leaving.taken_up(BREAK, CONTINUE) as left:
            ends = [self.context.state] if self.block(node.body) else []
        self._go_on([before, *ends, *left[CONTINUE], *left[BREAK]], why, before)
        if _may_break(node):
            return self._either([node.orelse, []], why)
        return self.block(node.orelse)


def called(flow: Flow, function: Value, given: Arguments, node: ast.AST) -> Value:
    """Follow a function of the script, as far as it may be followed."""
    if isinstance(function, Curried):
        return called(flow, function.function, given.after(function.given), node)
    assert isinstance(function, ScriptFunction)
    calls = flow.context.calls
    if flow.context.tired or calls.count(function.node) > 1:
        return computed(node)
    return flow.enter(function, parameters(function, given))


def _passing_over_errors(node: ast.With | ast.AsyncWith) -> ast.Try:
    """`with suppress(...)` as the `try` that it stands for: any error may be one that it suppresses."""
    handler = ast.ExceptHandler(body=[ast.Pass()])
    return ast.copy_location(ast.Try(node.body, [handler], orelse=[], finalbody=[]), node)


def _may_break(loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    return any(isinstance(node, ast.Break) for one in loop.body for node in ast.walk(one))


def _bound_in(body: list[ast.stmt]) -> list[str]:
    """The names that the body of a loop sets."""
    nodes = (node for one in body for node in ast.walk(one))
    stored = (n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return list(dict.fromkeys(stored))
