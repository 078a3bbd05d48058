"""How the rows of a table fit a window: a cell is kept whole, and where room is short a column goes.

There are four forms, and the first that fits is taken. A width of None is no window: what is piped.

1. A line a row, with all columns.
2. A line a row, without the columns that the table names as the least needed, one after the other.
3. The first column on a line of its own and the others below it, without some of them as in 2. This
   form comes before 2 where the first column takes more than a third of the window.
4. A block a row: `column: cell` for all columns, as many on a line as there is room for.

A cell is broken only where it alone is wider than the window, and then between words; a word that is
still too wide is broken after its hyphens, as the name of a job can be. One without hyphens stands
whole, and so does an address. A width is in columns of a terminal, of which some letters take two.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rich.cells import cell_len

GAP = INDENT = "  "
WORDS = re.compile(r"\S+\s*")
AFTER_HYPHENS = re.compile(r"[^-]*-+\s*|[^-]+")
ADDRESS = "://"


@dataclass(frozen=True)
class Laid:
    """The lines of a table, the first `heads` of which name its columns, and what had no room."""

    lines: tuple[str, ...]
    heads: int = 0
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """Cells under their columns, of which those numbered in `right` hold figures.

    Those numbered in `drop` can be left out, the least needed first; the first column never is.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Collection[int] = ()
    drop: Sequence[int] = ()

    def laid(self, width: int | None) -> Laid:
        """In the first form that fits."""
        every = range(len(self.columns))
        if width is None or self._room(every) <= width:
            return Laid(tuple(self._beside(every)), heads=1)
        wide = self._widths[0] > width // 3
        for below in (wide, not wide):
            for kept in self._fewer():
                if self._room(kept[1:] if below else kept, len(INDENT) * below) > width:
                    continue
                lines = [*(self._below(kept, width) if below else self._beside(kept))]
                left_out = tuple(self.columns[n] for n in every if n not in kept)
                return Laid(tuple(lines), 1 + below, left_out)
        return Laid(tuple(line for row in self.rows for line in self._block(row, width)))

    @cached_property
    def _widths(self) -> list[int]:
        lines = (self.columns, *self.rows)
        return [max(cell_len(line[n]) for line in lines) for n in range(len(self.columns))]

    def _room(self, kept: Sequence[int], indent: int = 0) -> int:
        """How wide a line with these columns is."""
        return indent + sum(self._widths[n] for n in kept) + len(GAP) * (len(kept) - 1)

    def _fewer(self) -> Iterator[list[int]]:
        """All columns, then one less each time."""
        for count in range(len(self.drop) + 1):
            yield [n for n in range(len(self.columns)) if n not in self.drop[:count]]

    def _beside(self, kept: Sequence[int]) -> Iterator[str]:
        for row in (self.columns, *self.rows):
            yield GAP.join(self._padded(row[n], n) for n in kept).rstrip()

    def _below(self, kept: Sequence[int], width: int) -> Iterator[str]:
        for row in (self.columns, *self.rows):
            yield from folded(row[0], width)
            yield INDENT + GAP.join(self._padded(row[n], n) for n in kept[1:]).rstrip()

    def _block(self, row: Sequence[str], width: int) -> Iterator[str]:
        yield from folded(row[0], width)
        cells = [f"{name}: {cell}" for name, cell in zip(self.columns, row, strict=True)]
        for line in filled(cells[1:], width - len(INDENT)):
            yield _indented(INDENT, line, width)

    def _padded(self, cell: str, column: int) -> str:
        space = " " * (self._widths[column] - cell_len(cell))
        return space + cell if column in self.right else cell + space


def filled(parts: Iterable[str], width: int | None) -> Iterator[str]:
    """Parts beside each other, each of them whole, as many on a line as fit."""
    line = ""
    for part in parts:
        if line and width is not None and cell_len(line + GAP + part) > width:
            yield from folded(line, width)
            line = part
        else:
            line = line + GAP + part if line else part
    yield from folded(line, width)


def folded(text: str, width: int | None) -> list[str]:
    """Lines of whole words; with the indentation of the text, and a little more after its first line."""
    if width is None or cell_len(text) <= width:
        return [text]
    indent = text[: len(text) - len(text.lstrip())]
    lines = [""]
    for piece in _pieces(text, width - len(indent) - len(INDENT)):
        if not lines[-1]:
            lines[-1] = _indented(indent, piece, width)
        elif cell_len((lines[-1] + piece).rstrip()) <= width:
            lines[-1] += piece
        else:
            lines.append(_indented(indent + INDENT, piece, width))
    return [line.rstrip() for line in lines]


def _indented(indent: str, line: str, width: int) -> str:
    """Without its indentation where only that makes it too wide."""
    return indent + line if cell_len((indent + line).rstrip()) <= width else line


def _pieces(text: str, width: int) -> Iterator[str]:
    """Words, each with the space behind it; one that is too wide for a line, cut after its hyphens.

    An address is never cut: a terminal opens it by a click, and a person copies it.
    """
    for word in WORDS.findall(text):
        wide = cell_len(word.rstrip()) > width and ADDRESS not in word
        yield from AFTER_HYPHENS.findall(word) if wide else [word]
