"""What a command prints: results to standard output, notes for people to standard error.

Colour and folded lines are for a terminal; piped output is plain and never cut.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from spotter_cli.output.table_layout import Laid

T = TypeVar("T")
WIDE = 400
"""Columns of piped output: wider than any line."""
STYLES = {"critical": "bold red", "warning": "yellow", "refused": "bold red", "unwise": "yellow"}
"""Of a severity's word, which is there without colour, too."""


def show(result: dict[str, Any] | Iterable[str]) -> None:
    """Facts as JSON, words as lines; a terminal gets those folded between words."""
    if isinstance(result, dict):
        typer.echo(escaped(json.dumps(result, indent=2, ensure_ascii=False)))
    elif (columns := window()) is None:
        write(result)
    else:
        from spotter_cli.output.table_layout import folded

        for line in result:
            put(coloured("\n".join(folded(plain(line), columns)), line.partition(" ")[0]))


def write(lines: Iterable[str]) -> None:
    """Lines for a program, such as those of a spreadsheet: as they are, in a terminal as well."""
    for line in lines:
        typer.echo(plain(line))


def escaped(text: str) -> str:
    """JSON in which whatever a terminal would act on, or standard output cannot write, is an escape: the same JSON."""
    every = not can_write((c for c in text if c.isprintable()), sys.stdout.encoding or "utf-8")
    kept = (c if c == "\n" or _shows(c, every) else json.dumps(c)[1:-1] for c in text)
    return "".join(kept)


def _shows(letter: str, in_ascii: bool) -> bool:
    return letter.isprintable() and (letter.isascii() or not in_ascii)


def print_note(line: str) -> None:
    """Print a line for people on standard error; standard output stays for scripts."""
    lines = [plain(part) for part in line.split("\n")]
    if sys.stderr.isatty():
        from spotter_cli.output.table_layout import folded

        columns = terminal(stderr=True).width
        lines = [part for one in lines for part in folded(one, columns)]
    typer.echo("\n".join(lines), err=True)


def plain(text: str) -> str:
    """Text from elsewhere, without what a terminal would act on."""
    return "".join(c if c.isprintable() else "?" for c in text)


def terminal(*, stderr: bool = False) -> "Console":
    """Where tables and pictures go: as wide as the window, or as it takes where there is none."""
    from rich.console import Console

    shown = (sys.stderr if stderr else sys.stdout).isatty()
    width = None if shown else WIDE
    return Console(width=width, stderr=stderr, highlight=False, emoji=False, markup=False)


def can_write(marks: Iterable[str], encoding: str) -> bool:
    """True if these marks can be written in that encoding."""
    try:
        "".join(marks).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def window() -> int | None:
    """The columns of the window; None where there is none, and lines are as long as they are."""
    return terminal().width if sys.stdout.isatty() else None


@dataclass(frozen=True)
class OutputTable:
    """A table as it is laid out, for rich to print."""

    laid: "Laid"

    def __rich__(self) -> "Text":
        from rich.text import Text

        heads = self.laid.heads
        made = Text("\n".join(self.laid.lines), no_wrap=True, overflow="ignore")
        made.stylize("bold", 0, len("\n".join(self.laid.lines[:heads])))
        return made


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    right: Sequence[int] = (),
    *,
    drop: Sequence[int] = (),
    width: int | None = None,
) -> OutputTable:
    """A table of plain text; `right` holds figures, `drop` can be left out, the least needed first."""
    from spotter_cli.output.table_layout import Grid

    cells = [[plain(cell) for cell in row] for row in rows]
    return OutputTable(Grid([plain(name) for name in columns], cells, right, drop).laid(width))


def put(*parts: "OutputTable | Text") -> None:
    """Parts in their order, and below them a remark on columns for which there was no room."""
    console = terminal()
    for part in parts:
        console.print(part, soft_wrap=True)
    if left_out := remark([part.laid for part in parts if isinstance(part, OutputTable)]):
        print_note(left_out)


def remark(tables: "Iterable[Laid]") -> str:
    """What is left out of these tables, and how to see it; an empty text if nothing is."""
    names = ", ".join(dict.fromkeys(name for laid in tables for name in laid.left_out))
    return names and f"Columns left out: {names}. Widen the window or use --json to see them."


def fitting(line: "Text", width: int | None) -> "Text":
    """A line with one style, folded between words where it is too wide."""
    from spotter_cli.output.table_layout import folded

    lines = folded(line.plain, width)
    return line if len(lines) == 1 else text("", str(line.style)).append("\n".join(lines))


def coloured(line: str, word: str) -> "Text":
    """Text in which a severity has its colour, where it stands first."""
    made = text("")
    made.append(line)
    if word in STYLES and word in line:
        begin = line.index(word)
        made.stylize(STYLES[word], begin, begin + len(word))
    return made


def text(content: str, style: str = "") -> "Text":
    """Text that a terminal only shows."""
    from rich.text import Text

    return Text(plain(content), style=style)


def counting(things: Iterable[T], what: str) -> Iterator[T]:
    """The same things; meanwhile a terminal's reader sees how many they are by now."""
    if not sys.stderr.isatty():
        yield from things
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{what}: 0") as status:
        for count, thing in enumerate(things, start=1):
            if count % 50 == 0:
                status.update(f"{what}: {count}")
            yield thing
