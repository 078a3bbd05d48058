"""Runs the cells of a notebook in this process, as a kernel would: the last expression is what shows."""

import ast
import json
from pathlib import Path
from typing import Any


def run_cells(file: Path) -> list[Any]:
    """What each code cell shows: the value of its last expression, None where it has none."""
    notebook = json.loads(file.read_text())
    sources = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    names: dict[str, Any] = {"__name__": "__main__"}
    return [_run(source, names, f"{file.name}, cell {n}") for n, source in enumerate(sources, 1)]


def _run(source: str, names: dict[str, Any], where: str) -> Any:
    body = ast.parse(source, where).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), where, "exec"), names)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), where, "eval"), names)


def shown(value: Any) -> str:
    """As a notebook shows it: HTML where the value has some."""
    as_html = getattr(value, "_repr_html_", None)
    return as_html() if as_html else repr(value)
