"""The mutants of the pure core: each changes one operator, constant, condition or return value of one line.

Decorators (`frozen=True`), annotations and messages are left alone.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from tests.support.proof_page import REPOSITORY

CORE = REPOSITORY / "lambdas/spotter/core"
ROOMS = (
    "deadline",
    "ledger",
    "model",
    "policy",
    "record",
    "resubmit",
    "checkpoints",
    "alerts",
    "money",
)
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the how-many-th of a module's places, on this line."""

    path: str
    number: int
    line: int
    what: str
    in_function: bool

    @property
    def text(self) -> str:
        """The line of the file."""
        return (REPOSITORY / self.path).read_text().splitlines()[self.line - 1].strip()

    @property
    def room(self) -> str:
        """Its folder within the core."""
        return self.path.split("/")[3]

    def code(self) -> CodeType:
        """The code of the changed module."""
        tree = ast.parse((REPOSITORY / self.path).read_text())
        changed = ast.fix_missing_locations(Places(self.number).visit(tree))
        return compile(changed, str(REPOSITORY / self.path), "exec")


class Places(ast.NodeTransformer):
    """Counts the places of a module that can change, and changes the one that is `wanted`."""

    def __init__(self, wanted: int = -1) -> None:
        self.wanted, self.found = wanted, list[tuple[int, str, bool]]()
        self.functions = 0

    def _here(self, node: Any, what: str) -> bool:
        self.found.append((node.lineno, what, self.functions > 0))
        return len(self.found) - 1 == self.wanted

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        """Decorators are left alone; defaults belong to what surrounds a function."""
        node.args = self.visit(node.args)
        self.functions += 1
        node.body = [self.visit(one) for one in node.body]
        self.functions -= 1
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        node.body = [self.visit(one) for one in node.body]
        return node

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        node.args = self.visit(node.args)
        self.functions += 1
        node.body = self.visit(node.body)
        self.functions -= 1
        return node

    def visit_Compare(self, node: ast.Compare) -> Any:
        self.generic_visit(node)
        old = type(node.ops[0])
        if old in SWAPS and self._here(node, f"{old.__name__} to {SWAPS[old].__name__}"):
            node.ops[0] = SWAPS[old]()  # type: ignore[call-overload]
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        self.generic_visit(node)
        if self._here(node, f"{type(node.op).__name__} to the other"):
            node.op = SWAPS[type(node.op)]()  # type: ignore[assignment]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        self.generic_visit(node)
        old = type(node.op)
        if old in SWAPS and self._here(node, f"{old.__name__} to {SWAPS[old].__name__}"):
            node.op = SWAPS[old]()  # type: ignore[assignment]
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and self._here(node, "not left out"):
            return node.operand
        return node

    def visit_If(self, node: ast.If) -> Any:
        self.generic_visit(node)
        if self._here(node, "the condition is never true"):
            node.test = ast.copy_location(ast.Constant(False), node.test)
        return node

    def visit_Return(self, node: ast.Return) -> Any:
        self.generic_visit(node)
        nothing = node.value is None or (
            isinstance(node.value, ast.Constant) and node.value.value is None
        )
        if not nothing and self._here(node, "None is returned"):
            node.value = ast.copy_location(ast.Constant(None), node)
        return node

    def visit_Constant(self, node: ast.Constant) -> Any:
        value = node.value
        if type(value) is bool and self._here(node, f"{value} to {not value}"):
            return ast.copy_location(ast.Constant(not value), node)
        if type(value) is int and self._here(node, f"{value} to {value + 1}"):
            return ast.copy_location(ast.Constant(value + 1), node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node


def mutants() -> Iterator[Mutant]:
    """All of them, of the rooms that decide."""
    for room in ROOMS:
        for path in sorted((CORE / room).rglob("*.py")):
            places = Places()
            places.visit(ast.parse(path.read_text()))
            name = str(path.relative_to(REPOSITORY))
            yield from (Mutant(name, n, *found) for n, found in enumerate(places.found))
