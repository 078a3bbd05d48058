"""Loops: turn by turn where their items are known; else one turn stands for all."""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from spotter_cli.check.python.assignments import Assignments
from spotter_cli.check.python.branches import Block, Branches
from spotter_cli.check.python.context import Context, changing, position
from spotter_cli.check.python.expressions import Expressions
from spotter_cli.check.python.leaving import BREAK, CONTINUE, Leaving
from spotter_cli.check.python.values import Items, Value, turns


@dataclass
class Loops:
    """Follows loops; `block` follows the statements of a turn."""

    context: Context
    expressions: Expressions
    assignments: Assignments
    branches: Branches
    leaving: Leaving
    block: Block

    def follow_for(self, node: ast.For | ast.AsyncFor) -> bool:
        items = self.expressions.of(node.iter)
        rounds = turns(items)
        if rounds is not None and not self.context.tired:
            return self._each_turn(node, rounds)
        return self._some_turns(node, lambda: self.assignments.bind(node.target, changing(node)))

    def _each_turn(self, node: ast.For | ast.AsyncFor, rounds: list[Value]) -> bool:
        """The turns one by one. Their items are kept in the state, whose branches work on copies of them."""
        before, why = self.context.state, f"it depends on the loop in {position(node)}"
        key = f"items of the loop in {position(node)} at depth {len(self.context.calls)}"
        before.seen[key] = Items(rounds)
        goes_on = True
        with self.leaving.taken_up(BREAK, CONTINUE) as left:
            for place in range(len(rounds)):
                self.assignments.bind(node.target, self.context.state.seen[key][place])
                ends = [self.context.state] if self.block(node.body) else []
                goes_on = self.branches.go_on([*ends, *left[CONTINUE]], why, before)
                left[CONTINUE].clear()
                if not goes_on:
                    break
        ends = [self.context.state] if goes_on and self.block(node.orelse) else []
        goes_on = self.branches.go_on([*ends, *left[BREAK]], why, before)
        self.context.state.seen.pop(key, None)
        return goes_on

    def follow_while(self, node: ast.While) -> bool:
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
        self.branches.go_on([before, *ends, *left[CONTINUE], *left[BREAK]], why, before)
        if _may_break(node):
            return self.branches.either([node.orelse, []], why)
        return self.block(node.orelse)


def _may_break(loop: ast.For | ast.AsyncFor | ast.While) -> bool:
    return any(isinstance(node, ast.Break) for one in loop.body for node in ast.walk(one))


def _bound_in(body: list[ast.stmt]) -> list[str]:
    """The names that the body of a loop sets."""
    nodes = (node for one in body for node in ast.walk(one))
    stored = (n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return list(dict.fromkeys(stored))
