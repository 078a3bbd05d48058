"""Notebooks and exported notebooks: what IPython adds to Python is understood or left out.

https://nbformat.readthedocs.io/en/latest/format_description.html
https://ipython.readthedocs.io/en/stable/interactive/magics.html
"""

import ast
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

DEEP = "its statements or calls are nested too deep"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
RUN_THE_CELL = frozenset({"time", "timeit", "capture", "prun", "local", "memit", "lprun", "heat"})
"""Cell magics whose cell is Python that runs; the cells of all others (bash, writefile, html) are not."""

_CELL_MAGIC = re.compile(r"\s*%%(\w+)[^\n]*(?:\n|\Z)")
_LINE = re.compile(r"(\s*)(?:[!?]|%{1,2}[A-Za-z]).*")
_ASSIGNED = re.compile(r"(\s*[\w\s.,\[\]'\"]+=\s*)(?:!|%[A-Za-z]).*")
_HELP = re.compile(r"(\s*)[^#'\"]*\?{1,2}\s*")


class NotebookCell(NamedTuple):
    """A cell that holds code, and its number among all cells, counted from 1."""

    number: int
    source: str


class NotPython(ValueError):
    """The text is not Python; the message names the line of the error."""


class TooDeep(ValueError):
    """The text may be Python, and is nested too deep to be read."""


def code(notebook: Mapping[str, Any]) -> Iterator[NotebookCell]:
    """The code cells of a notebook, of version 3 also."""
    sheets = notebook.get("worksheets")
    held = notebook.get("cells")
    if held is None and isinstance(sheets, list):
        held = [one for s in sheets if isinstance(s, Mapping) for one in s.get("cells") or ()]
    for number, cell in enumerate(held if isinstance(held, list) else (), 1):
        if isinstance(cell, Mapping) and cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            yield NotebookCell(number, _text(source))


def language(notebook: Mapping[str, Any]) -> str:
    """The language of a notebook's kernel, in small letters; Python where it is silent."""
    found: Any = notebook.get("metadata")
    for above, name in (("kernelspec", "language"), ("language_info", "name")):
        held = found.get(above) if isinstance(found, Mapping) else None
        language = held.get(name) if isinstance(held, Mapping) else None
        if isinstance(language, str) and language:
            return language.lower()
    return "python"


def parsed(source: str | bytes, cell: int | None = None) -> ast.Module:
    """The statements of a script or a cell, each with its cell; NotPython if they are none."""
    try:
        tree = _parsed(source)
    except NotPython:
        text = source if isinstance(source, str) else source.decode(errors="replace")
        plain = without_magics(text)
        if plain == text:
            raise
        tree = _parsed(plain)
    if cell is not None:
        for node in ast.walk(tree):
            node.cell = cell  # type: ignore[attr-defined]
    return tree


def without_magics(source: str) -> str:
    """The same lines without what only IPython understands; nothing of a cell that is not Python."""
    if magic := _CELL_MAGIC.match(source):
        if magic[1] not in RUN_THE_CELL:
            return ""
        source = "\n" + source[magic.end() :]
    found, goes_on = [], False
    for line in source.split("\n"):
        plain = "" if goes_on else _plain(line)
        goes_on = (goes_on or plain != line) and line.rstrip().endswith("\\")
        found.append(plain)
    return "\n".join(found)


def _plain(line: str) -> str:
    if assigned := _ASSIGNED.fullmatch(line):
        return f"{assigned[1]}get_ipython()"
    if magic := _LINE.fullmatch(line) or _HELP.fullmatch(line):
        return f"{magic[1]}pass"
    return line


def _parsed(source: str | bytes) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as mistake:
        where = f"line {mistake.lineno}: " if mistake.lineno else ""
        raise NotPython(f"{where}{_in_short(mistake.msg)} (read as Python {VERSION})") from None
    except (RecursionError, MemoryError):
        raise TooDeep(DEEP) from None
    except ValueError as mistake:
        raise NotPython(_in_short(str(mistake))) from None


def _in_short(problem: str) -> str:
    """Python's own words; of a number that is too long only what is wrong with it."""
    if problem.startswith("Exceeds the limit"):
        return f"it has a number of more than {sys.get_int_max_str_digits():,} digits"
    return problem


def _text(source: Any) -> str:
    if isinstance(source, list):
        return "".join(one for one in source if isinstance(one, str))
    return source if isinstance(source, str) else ""
