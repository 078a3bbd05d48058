"""Comprehensions of a script: what they make where their rounds are known, and the calls in them."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from spotter_cli.check.python import tables
from spotter_cli.check.python.context import Context, changing, computed
from spotter_cli.check.python.operators import truth
from spotter_cli.check.python.values import Items, ScriptDict, Value, turns

Comprehension = ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp


@dataclass
class Comprehensions:
    """`of` is the value of an expression within a comprehension."""

    context: Context
    of: Callable[[ast.expr], Value]

    def items(self, node: ast.ListComp | ast.GeneratorExp) -> Value:
        found = Items()
        found.why = self._comprehended(node, lambda: found.append(self.of(node.elt)))
        return found

    def members(self, node: ast.SetComp) -> Value:
        self._comprehended(node, lambda: self.of(node.elt))
        return computed(node)

    def table(self, node: ast.DictComp) -> Value:
        found = ScriptDict()
        why = self._comprehended(
            node, lambda: tables.put(found, self.of(node.key), self.of(node.value), node.value)
        )
        if why:
            found.blur(why)
        return found

    def _comprehended(self, node: Comprehension, each: Callable[[], Any]) -> str | None:
        """Do `each` with the names of every round, in a scope of their own.

        Where the rounds are not known, once with unknown names, so that a call in it is seen; the
        answer is then why there may be others, else None.
        """
        if any(isinstance(one, ast.NamedExpr) for one in ast.walk(node)):
            # it sets a name of the scope around
            for one in node.generators:
                self._bind(one.target, changing(node))
            each()
            return computed(node).why
        first = self.of(node.generators[0].iter)
        outer = self.context.scope
        self.context.scope = self.context.open_scope(outer)
        why = self._rounds(node, node.generators, first, each)
        self.context.scope = outer
        return why

    def _rounds(
        self,
        node: Comprehension,
        generators: list[ast.comprehension],
        items: Value,
        each: Callable[[], Any],
    ) -> str | None:
        first, rest = generators[0], generators[1:]
        known = None if self.context.tired else turns(items)
        why = None if known is not None else computed(node).why
        for item in [changing(node)] if known is None else known:
            self.context.statements += 1
            self._bind(first.target, item)
            tests = [truth(self.of(one)) for one in first.ifs]
            if False in tests:
                continue
            why = computed(node).why if None in tests else why
            if rest:
                why = self._rounds(node, rest, self.of(rest[0].iter), each) or why
            else:
                each()
        return why

    def _bind(self, target: ast.expr, value: Value) -> None:
        """Give the names of a comprehension their values."""
        if isinstance(target, ast.Name):
            self.context.set(target.id, value)
        elif isinstance(target, ast.Tuple | ast.List):
            starred = any(isinstance(one, ast.Starred) for one in target.elts)
            known = None if starred else turns(value)
            same = known is not None and len(known) == len(target.elts)
            for place, one in enumerate(target.elts):
                self._bind(one, known[place] if known and same else computed(target))
        else:
            for name in _names(target):
                self.context.set(name, computed(target))


def _names(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            yield node.id
