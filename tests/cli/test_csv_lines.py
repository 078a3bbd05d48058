"""A sheet is read back as it was written, and computes nothing."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter_cli.output.csv_lines import FORMULAS, csv_lines

texts = st.text(st.characters(exclude_categories=()), max_size=30)
cells = st.one_of(texts, st.none(), st.integers(), st.floats(allow_nan=False))
tables = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), max_size=5)
)


@given(tables)
def test_what_is_read_back_is_what_was_written(rows):
    names = [f"column {n}" for n in range(len(rows[0]) if rows else 1)]
    header, *read = csv.reader(csv_lines(names, rows), strict=True)
    assert header == names
    for row, found in zip(rows, read, strict=True):
        assert [_without(text) for text in found] == [_written(cell) for cell in row]


def _without(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].lstrip().startswith(FORMULAS) else text


def _plain(cell: str) -> str:
    return "".join(c if c.isprintable() else " " for c in cell)


def _written(cell) -> str:
    return "" if cell is None else _without(_plain(cell)) if isinstance(cell, str) else str(cell)


@given(tables)
def test_no_text_is_a_formula(rows):
    for row, found in zip(rows, [*csv.reader(csv_lines(["a"], rows))][1:], strict=True):
        for cell, text in zip(row, found, strict=True):
            assert not isinstance(cell, str) or not text.lstrip().startswith(FORMULAS)


@given(tables)
def test_a_row_is_a_line_of_printable_text(rows):
    lines = list(csv_lines(["a"], rows))
    assert len(lines) == len(rows) + 1
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("  @SUM(A1)", "'  @SUM(A1)"),
        ("+49 30", "'+49 30"),
        ("\N{FULLWIDTH EQUALS SIGN}1", "'\N{FULLWIDTH EQUALS SIGN}1"),
        (-1.5, "-1.5"),
        (0, "0"),
        (None, ""),
        ('a "b", c', '"a ""b"", c"'),
        ("a\tb\r\n", "a b  "),
    ],
)
def test_a_cell_is_written_so(cell, written):
    assert list(csv_lines(["x", "y"], [[cell, "z"]])) == ["x,y", f"{written},z"]


def test_rows_are_read_no_further_than_they_are_asked_for():
    lines = csv_lines(["a"], iter([["b"], None]))
    assert [next(lines), next(lines)] == ["a", "b"]
