"""Following a script statement by statement: which room follows which, functions, and what leaves a block."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from spotter.core.check.request import Unknown
from spotter_cli.check.python.assignments import Assignments
from spotter_cli.check.python.branches import Branches
from spotter_cli.check.python.context import Context, computed
from spotter_cli.check.python.expressions import Expressions
from spotter_cli.check.python.leaving import BREAK, CONTINUE, RAISE, RETURN, Leaving
from spotter_cli.check.python.loops import Loops
from spotter_cli.check.python.parameters import all_parameters, parameters
from spotter_cli.check.python.values import (  # fmt: skip
    Arguments,
    Class,
    ScriptDict,
    ScriptFunction,
    Value,
)

EXITS = ("exit", "quit", "_exit", "abort")
"""Functions that end a script, by the last part of their names."""

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

    def __post_init__(self) -> None:
        self.assignments = Assignments(self.context, self.expressions)
        self._branches = Branches(
            self.context, self.expressions, self.assignments, self.leaving, self.block
        )
        self._loops = Loops(
            self.context,
            self.expressions,
            self.assignments,
            self._branches,
            self.leaving,
            self.block,
        )
        self._follow: dict[type[ast.stmt], Callable[[Any], bool | None]] = {
            ast.Assign: self.assignments.assign,
            ast.AnnAssign: self.assignments.assign_annotated,
            ast.AugAssign: self.assignments.assign_augmented,
            ast.Delete: self.assignments.delete,
            ast.Import: self.assignments.import_modules,
            ast.ImportFrom: self.assignments.import_names,
            ast.Global: self.assignments.declare_global,
            ast.Nonlocal: self.assignments.declare_nonlocal,
            ast.If: self._branches.follow_if,
            ast.Match: self._branches.follow_match,
            ast.Try: self._branches.follow_try,
            ast.TryStar: self._branches.follow_try,
            ast.With: self._branches.follow_with,
            ast.AsyncWith: self._branches.follow_with,
            ast.For: self._loops.follow_for,
            ast.AsyncFor: self._loops.follow_for,
            ast.While: self._loops.follow_while,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.ClassDef: self._class,
            ast.Return: self._return,
            ast.Raise: self._raise,
            ast.Break: self._break,
            ast.Continue: self._continue,
            ast.Expr: self._expression,
        }

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
        follow = self._follow.get(type(node))
        if follow:
            return follow(node) is not False
        for one in ast.iter_child_nodes(node):
            if isinstance(one, ast.expr):
                self.expressions.of(one)
        return True

    # Functions and classes.

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
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

    def _class(self, node: ast.ClassDef) -> None:
        bases = tuple(self.expressions.of(one) for one in node.bases)
        outer = self.context.scope
        self.context.scope = self.context.open_scope(outer, of_class=True)
        self.block(node.body)
        scope, self.context.scope = self.context.scope, outer
        held = dict(self.context.state.scopes[scope])
        self.context.set(node.name, Class(node, held, bases, scope))

    def call(self, node: ast.AST, function: ScriptFunction, given: Arguments) -> Value:
        """Follow a function of the script, as far as it may be followed."""
        if not self.context.may_follow(function.node):
            return computed(node)
        return self.enter(function, parameters(function, given))

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
        if self._branches.go_on(left[RETURN], why, entered):
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

    def _expression(self, node: ast.Expr) -> bool:
        self.expressions.of(node.value)
        called = node.value.func if isinstance(node.value, ast.Call) else None
        return getattr(called, "attr", getattr(called, "id", "")) not in EXITS
