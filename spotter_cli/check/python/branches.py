"""Statements that choose a block: conditions, `match`, `try`, `with suppress(...)`."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from spotter_cli.check.python.assignments import Assignments
from spotter_cli.check.python.context import Context, computed, position
from spotter_cli.check.python.expressions import Expressions
from spotter_cli.check.python.leaving import WAYS, Leaving, any_of
from spotter_cli.check.python.state import ScriptState
from spotter_cli.check.python.values import Instance, JobObject, Suppressing

Block = Callable[[Iterable[ast.stmt]], bool]
"""Follows statements in order; False once one of them leaves the block."""


@dataclass
class Branches:
    """Follows each block that may run, from a state of its own; what they leave different is unknown."""

    context: Context
    expressions: Expressions
    assignments: Assignments
    leaving: Leaving
    block: Block

    def follow_if(self, node: ast.If) -> bool:
        known = self.expressions.truth(node.test)
        if known is not None:
            return self.block(node.body if known else node.orelse)
        why = f"it depends on the condition in {position(node)}"
        return self.either([node.body, node.orelse], why)

    def either(self, blocks: list[list[ast.stmt]], why: str) -> bool:
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
        going = self.go_on([state for state, goes_on in ends if goes_on], why, before)
        for state, _ in ends:
            self.context.state.keep(state)
        return going

    def go_on(self, states: list[ScriptState], why: str, before: ScriptState) -> bool:
        """Go on as any of these states; False if there is none."""
        left = self.context.state
        if states:
            self.context.state = any_of(states, why, before)
            self.context.state.keep(left)
        return bool(states)

    def follow_match(self, node: ast.Match) -> bool:
        self.expressions.of(node.subject)
        for one in ast.walk(node):
            name = getattr(one, "name", None) or getattr(one, "rest", None)
            if isinstance(one, ast.MatchAs | ast.MatchStar | ast.MatchMapping) and name:
                self.context.set(name, computed(one))
        blocks = [case.body for case in node.cases]
        return self.either([*blocks, []], f"it depends on the match in {position(node)}")

    def follow_try(self, node: ast.Try) -> bool:
        """What leaves the `try` in any way goes through its `finally`."""
        why = f"it depends on the try in {position(node)}"
        if not node.finalbody:
            return self._handled(node, why)
        with self.leaving.taken_up(*WAYS) as left:
            goes_on = self._handled(node, why)
        end = self.context.state
        for way, states in left.items():
            if self.go_on(states, why, end) and self.block(node.finalbody):
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

    def follow_with(self, node: ast.With | ast.AsyncWith) -> bool:
        suppresses = False
        for one in node.items:
            value = self.expressions.of(one.context_expr)
            suppresses = suppresses or isinstance(value, Suppressing)
            if one.optional_vars is not None:
                held = value if isinstance(value, JobObject | Instance) else computed(node)
                self.assignments.bind(one.optional_vars, held)
        if suppresses:
            why = f"it depends on the errors that are suppressed in {position(node)}"
            return self._handled(_passing_over_errors(node), why)
        return self.block(node.body)


def _passing_over_errors(node: ast.With | ast.AsyncWith) -> ast.Try:
    """`with suppress(...)` as the `try` that it stands for: any error may be one that it suppresses."""
    handler = ast.ExceptHandler(body=[ast.Pass()])
    return ast.copy_location(ast.Try(node.body, [handler], orelse=[], finalbody=[]), node)
