"""Lines for a spreadsheet: quoted as RFC 4180 says, and never a formula.

Spreadsheets evaluate text that begins with one of a few characters, so such text is marked
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

FORMULAS = (
    *"=+-@",
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """A line for the columns' names, then one for each row, lazily; None is an empty field."""
    for row in chain([columns], rows):
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow([_defused(cell) for cell in row])
        yield line.getvalue()


def _defused(cell: Any) -> Any:
    """Text that a spreadsheet would calculate is marked as text, and has no line breaks."""
    if not isinstance(cell, str):
        return cell
    text = "".join(c if c.isprintable() else " " for c in cell)
    return f"'{text}" if text.lstrip().startswith(FORMULAS) else text
