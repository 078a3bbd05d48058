"""What a command says: facts and lines to standard output, remarks for people beside them.

Colour and lines that fit the window are for a terminal; what is piped is plain and never cut.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

T = TypeVar("T")
WIDE = 400
"""Columns of what is piped: wider than any line of ours."""


def show(found: dict[str, Any] | Iterable[str]) -> None:
    """Facts as JSON, words as lines."""
    if isinstance(found, dict):
        typer.echo(escaped(json.dumps(found, indent=2, ensure_ascii=False)))
        return
    for line in found:
        typer.echo(plain(line))


def escaped(said: str) -> str:
    """JSON in which whatever a terminal would act on is written as an escape: the same JSON."""
    kept = (c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in said)
    return "".join(kept)


def say(line: str) -> None:
    """A line for people, beside what a script would read."""
    typer.echo("\n".join(map(plain, line.split("\n"))), err=True)


def plain(text: str) -> str:
    """Text from elsewhere, without what a terminal would act on."""
    return "".join(c if c.isprintable() else "?" for c in text)


def terminal() -> "Console":
    """Where tables and pictures go: as wide as the window, or as it takes where there is none."""
    from rich.console import Console

    return Console(
        width=None if sys.stdout.isatty() else WIDE, highlight=False, emoji=False, markup=False
    )


def can_write(marks: Iterable[str], encoding: str) -> bool:
    """True if these marks can be written in that encoding."""
    try:
        "".join(marks).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()
) -> "Table":
    """A table of plain text; the columns numbered in `right` hold figures."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for n, name in enumerate(columns):
        made.add_column(name, justify="right" if n in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(text(cell) for cell in row))
    return made


def text(said: str, style: str = "") -> "Text":
    """Text that a terminal only shows."""
    from rich.text import Text

    return Text(plain(said), style=style)


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
