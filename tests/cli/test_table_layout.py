"""A table fits every window in which its cells do, and breaks none of them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter_cli.output.table_layout import Grid, filled, folded

WORD = st.text("abcXYZ0189.-日", min_size=1, max_size=70)
CELL = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
WIDTH = st.sampled_from((20, 40, 60, 80, 120))
WIDE = {"日": 2}


@st.composite
def grids(draw) -> Grid:
    """Up to six columns, some of which hold figures, and some of which can be left out."""
    names = draw(
        st.lists(st.text("klmno", min_size=1, max_size=15), min_size=1, max_size=6, unique=True)
    )
    rows = draw(st.lists(st.tuples(*(CELL for _ in names)), min_size=1, max_size=4))
    rest = draw(st.permutations(range(1, len(names))))
    return Grid(names, rows, right=rest[:2], drop=rest[: draw(st.integers(0, len(rest)))])


def columns(text: str) -> int:
    return sum(WIDE.get(letter, 1) for letter in text)


@given(grids(), WIDTH)
def test_no_line_is_wider_than_the_window_unless_one_word_is(grid, width):
    laid = grid.laid(width)
    for line in laid.lines:
        assert columns(line) <= width or len(line.split()) == 1, line


@given(grids(), WIDTH)
def test_no_word_that_fits_into_the_window_is_broken(grid, width):
    laid = grid.laid(width)
    shown = " ".join(line.strip() for line in laid.lines).split()
    kept = [n for n, name in enumerate(grid.columns) if name not in laid.left_out]
    for row in grid.rows:
        for word in " ".join(row[n] for n in kept).split():
            if columns(word) <= width - 4:
                assert word in shown
            else:
                assert "".join(shown).count(word) >= 1, "it is broken after its hyphens, if at all"


@given(grids(), WIDTH)
def test_columns_are_left_out_in_the_order_that_the_table_names(grid, width):
    left_out = grid.laid(width).left_out
    assert set(left_out) == {grid.columns[n] for n in grid.drop[: len(left_out)]}


@given(grids())
def test_what_is_piped_is_a_line_a_row_with_every_cell(grid):
    laid = grid.laid(None)
    assert (len(laid.lines), laid.heads, laid.left_out) == (len(grid.rows) + 1, 1, ())
    for line, row in zip(laid.lines[1:], grid.rows, strict=True):
        assert all(cell in line for cell in row)


@given(grids(), WIDTH)
def test_a_wider_window_leaves_out_no_more_columns_in_the_same_form(grid, width):
    narrow, wider = grid.laid(width), grid.laid(10_000)
    assert wider.left_out == ()
    assert len(wider.lines) <= len(narrow.lines)


@given(st.lists(CELL, min_size=1, max_size=8), WIDTH)
def test_parts_are_filled_into_lines_in_their_order(parts, width):
    lines = list(filled(parts, width))
    assert "".join("".join(lines).split()) == "".join("".join(parts).split())
    for first, second in pairwise(lines):
        assert columns(first) <= width or len(first.split()) == 1
        assert second.strip()


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("as it is, however wide", None, ["as it is, however wide"]),
        ("  a line with its own indentation", 20, ["  a line with its", "    own indentation"]),
        ("nightly-training-of-the-ranking-model", 20, ["nightly-training-of-", "  the-ranking-model"]),
        ("MaxWaitTimeExceeded", 10, ["MaxWaitTimeExceeded"]),
        ("  Log: https://eu-west-1.example/a-b", 16, ["  Log:", "https://eu-west-1.example/a-b"]),
        ("at s3://ml-checkpoints/a-b-c/", 20, ["at", "s3://ml-checkpoints/a-b-c/"]),
        ("", 10, [""]),
    ],
)  # fmt: skip
def test_a_text_is_folded_between_words_and_a_wide_word_after_its_hyphens(text, width, lines):
    assert folded(text, width) == lines


JOBS = Grid(
    ("job", "status", "type", "waited", "saved"),
    [("nightly-1", "Training", "ml.g5.xlarge", "2 min 21 s", "-")],
    right=(3, 4),
    drop=(4, 3),
)


def test_the_four_forms():
    assert JOBS.laid(60).lines[1] == "nightly-1  Training  ml.g5.xlarge  2 min 21 s      -"
    assert JOBS.laid(48).lines[1] == "nightly-1  Training  ml.g5.xlarge  2 min 21 s"
    assert JOBS.laid(35).left_out == ("waited", "saved")
    assert JOBS.laid(26).lines[2:] == ("nightly-1", "  Training  ml.g5.xlarge")
    assert JOBS.laid(20).lines == (
        "nightly-1", "  status: Training", "  type: ml.g5.xlarge", "  waited: 2 min 21 s", "  saved: -",
    )  # fmt: skip
