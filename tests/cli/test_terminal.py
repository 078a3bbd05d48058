"""What reaches a terminal is text that it only shows."""

import json
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from spotter_cli.output import terminal

texts = st.text(st.characters(exclude_categories=()), max_size=60)
facts = st.dictionaries(texts, st.one_of(texts, st.none(), st.lists(texts), st.floats(0, 1)))


def seen(thing) -> str:
    """What a terminal of a colour would get, without our own styles."""
    console = Console(file=StringIO(), width=400, force_terminal=False, markup=False, emoji=False)
    console.print(thing, soft_wrap=True)
    return console.file.getvalue()


def only_shows(shown: str) -> bool:
    return all(c.isprintable() or c == "\n" for c in shown)


@given(texts)
def test_a_line_holds_nothing_that_a_terminal_acts_on(line):
    assert terminal.plain(line).isprintable()
    assert len(terminal.plain(line)) == len(line)


@given(texts)
def test_markup_and_emoji_codes_are_text(line):
    assert seen(terminal.text(f"[red]:smile:{line}")) == f"[red]:smile:{terminal.plain(line)}\n"


@given(st.lists(st.tuples(texts, texts), max_size=4))
def test_a_table_holds_nothing_that_a_terminal_acts_on(rows):
    assert only_shows(seen(terminal.table(("a", "b"), rows)))


@given(facts)
def test_json_holds_nothing_that_a_terminal_acts_on_and_says_the_same(found):
    written = terminal.escaped(json.dumps(found, ensure_ascii=False))
    assert only_shows(written)
    assert json.loads(written) == found
    assert written.encode()  # also of a lone surrogate


def test_letters_in_json_stay_letters():
    assert terminal.escaped('{"team": "Büro 日本"}') == '{"team": "Büro 日本"}'


@pytest.mark.parametrize("how", [terminal.print_note, lambda line: terminal.show([line])])
def test_what_is_said_is_plain(how, capsys):
    how("a\x1b]0;title\x07b\x9b31m\u202e\ud800")
    output = capsys.readouterr()
    assert output.out + output.err == "a?]0;title?b?31m??\n"


def test_a_remark_of_several_lines_keeps_them(capsys):
    terminal.print_note("two mistakes:\n  one")
    assert capsys.readouterr().err == "two mistakes:\n  one\n"
