"""What the names in a Python script stand for, as far as its text alone tells.

A name that is assigned once is what it was assigned; all else is computed, and unknown. Nothing of the
script is executed.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

SCOPES = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
READING = ("get", "items", "keys", "values", "copy", "index", "count")
"""Methods that leave a list or a mapping as it is."""

HARMLESS = (
    "print",
    "pprint",
    "len",
    "str",
    "repr",
    "dict",
    "list",
    "sorted",
    "dumps",
    "info",
    "debug",
)
"""Functions that leave what they are given as it is."""


_NAMED = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar,
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """Where something that a name stands for is changed: at these keys, or anywhere in it.

    Of what is only handed on, a list or a mapping may change there, and nothing else can.
    """

    line: int
    keys: tuple[str, ...] = ()
    handed_on: bool = False


@dataclass
class Names:
    """The bindings of a script's names by scope, and what is changed after it was bound."""

    tree: ast.Module
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    bound: dict[tuple[ast.AST, str], list[ast.expr | None]] = field(
        default_factory=lambda: defaultdict(list)
    )
    changes: dict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))
    imported: dict[str, str] = field(default_factory=dict)
    starred: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        nodes = list(ast.walk(self.tree))
        self.parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
        shared = {
            (self.scope(n), one) for n in nodes if isinstance(n, ast.Global) for one in n.names
        }
        for node in nodes:
            self._import(node)
            self._change(node)
            for name, value in self._bindings(node):
                scope = self.scope(node)
                self.bound[self.tree if (scope, name) in shared else scope, name].append(value)
        for node in nodes:
            if isinstance(node, ast.Nonlocal):
                for name in node.names:
                    self._bind_anywhere(name)

    def scope(self, node: ast.AST) -> ast.AST:
        """The function, class or module in which a node stands; a function's own name is outside it."""
        above = self.parents.get(node)
        while above is not None and not isinstance(above, SCOPES):
            above = self.parents.get(above)
        return above or self.tree

    def value(self, name: ast.Name) -> ast.expr | None:
        """The one expression that the name was assigned; None where there is no such one."""
        scope: ast.AST = self.scope(name)
        while True:
            found = self.bound.get((scope, name.id))
            if found and not (isinstance(scope, ast.ClassDef) and scope is not self.scope(name)):
                return found[0] if len(found) == 1 else None
            if isinstance(scope, ast.Module):
                return None
            scope = self.scope(scope)

    def dotted(self, node: ast.expr) -> str:
        """`sagemaker.pytorch.PyTorch` for whatever the script calls it; empty for what is not imported."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        if node.id in self.imported:
            return ".".join([self.imported[node.id], *reversed(parts)])
        star = self.starred[-1] if self.starred and not parts else ""
        return f"{star}.{node.id}" if star and not self.bound.get((self.tree, node.id)) else ""

    def _bindings(self, node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
        """The names that a node binds, each with what it is assigned: None where that is not plain."""
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            at = self.parents[node]
            alone = isinstance(at, ast.AnnAssign) or (
                isinstance(at, ast.Assign) and at.targets == [node]
            )
            if not (isinstance(at, ast.AnnAssign) and at.value is None):
                yield node.id, at.value if alone else None  # type: ignore[attr-defined]
        elif isinstance(node, ast.arg):
            yield node.arg, None
        elif isinstance(node, _NAMED) and node.name:
            yield node.name, None
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest, None

    def _bind_anywhere(self, name: str) -> None:
        for scope, known in list(self.bound):
            if known == name:
                self.bound[scope, name].append(None)

    def _import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for one in node.names:
                top = one.name.partition(".")[0]
                self.imported[one.asname or top] = one.name if one.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for one in node.names:
                if one.name == "*":
                    self.starred.append(node.module)
                else:
                    self.imported[one.asname or one.name] = f"{node.module}.{one.name}"

    def _change(self, node: ast.AST) -> None:
        """Whatever could change what a name stands for: a store, a method, an alias, a call."""
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            root, keys = _keys(node)
            if root:
                self.changes[root].append(Change(node.lineno, keys))
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            root, _ = _keys(node.value)
            self.changes[root].append(Change(node.lineno))
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.AugAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            root, _ = _keys(target)
            value, keys = _keys(node.value) if node.value is not None else ("", ())
            if isinstance(node, ast.AugAssign) and root:
                self.changes[root].append(Change(node.lineno))
            if value:
                self.changes[value].append(Change(node.lineno, keys, handed_on=True))
        elif isinstance(node, ast.Call):
            self._called(node)

    def _called(self, node: ast.Call) -> None:
        name = (
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        )
        if isinstance(node.func, ast.Attribute) and name not in READING:
            root, keys = _keys(node.func.value)
            if root:
                self.changes[root].append(Change(node.lineno, keys))
        if name in HARMLESS or self.dotted(node.func).startswith(("sagemaker.", "boto3.")):
            return
        named = [k.value for k in node.keywords if k.arg and name != "create_training_job"]
        for given in (*node.args, *named):
            root, keys = _keys(given)
            if root:
                self.changes[root].append(Change(node.lineno, keys, handed_on=True))


def _keys(node: ast.expr) -> tuple[str, tuple[str, ...]]:
    """The name at the root of `name["a"]["b"]`, and the keys as far as they are plain."""
    keys: list[str] = []
    while isinstance(node, ast.Subscript):
        plain = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
        keys = [node.slice.value, *keys] if plain else []  # type: ignore[attr-defined]
        node = node.value
    return (node.id, tuple(keys)) if isinstance(node, ast.Name) else ("", ())
