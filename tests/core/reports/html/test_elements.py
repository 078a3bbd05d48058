"""Whatever is put into an element is text: the parser finds exactly the elements that were made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from spotter.core.reports.html.elements import el, html, legible

texts = st.text(st.characters(exclude_categories=()), max_size=60)


def parsed(text: str) -> LexborNode:
    """The body that a browser would make of it."""
    return LexborHTMLParser(f"<!DOCTYPE html><body>{text}</body>").body


@given(texts, texts)
def test_text_and_attributes_come_back_as_they_are_legible(text, value):
    made = parsed(html(el("p", text, el("b", text), text, class_=value, data_start=value)))
    [paragraph] = made.iter(include_text=True)
    pieces = [(one.tag, one.text()) for one in paragraph.iter(include_text=True)]
    around = [("-text", legible(text))] if text else []
    assert pieces == [*around, ("b", legible(text)), *around]
    assert paragraph.attributes == {"class": legible(value), "data-start": legible(value)}


@given(texts)
def test_nothing_breaks_out_of_an_element(text):
    made = parsed(html(el("p", text, title=text)))
    assert [one.tag for one in made.traverse()] == ["body", "p"]


@given(texts)
def test_what_is_legible_stays_so(text):
    assert legible(legible(text)) == legible(text)
    assert all(c.isprintable() or c == "\n" for c in legible(text))
    assert len(legible(text)) == len(text)


def test_letters_are_left_as_they_are():
    assert legible("Ä 日本 😀 <&>\"'\n") == "Ä 日本 😀 <&>\"'\n"


@pytest.mark.parametrize("wide", ["\xa0", "\u2009", "\u3000"])
def test_a_space_of_any_width_is_a_space(wide):
    assert legible(f"a{wide}b") == "a b"


@pytest.mark.parametrize("mark", ["\x1b", "\x9b", "\0", "\u202e", "\u2066", "\ud800", "\u200b"])
def test_what_would_act_on_a_page_is_replaced(mark):
    assert legible(f"a{mark}b") == "a\N{REPLACEMENT CHARACTER}b"


def test_what_is_none_is_left_out():
    assert html(el("p", None, "a", [None, "b"], id=None, lang="en")) == '<p lang="en">ab</p>'


def test_text_in_pieces_is_one_text():
    assert html(el("p", "a", "b", el("br"), "c", "d")) == "<p>ab<br>cd</p>"


@pytest.mark.parametrize("tag", ["style", "script"])
def test_what_is_written_as_it_is_may_hold_no_markup(tag):
    """HTML knows no escapes within these two."""
    with pytest.raises(ValueError, match="holds no markup"):
        el(tag, "a{}</style><img src=x>")
    with pytest.raises(ValueError, match="holds no markup"):
        el(tag, "a{}", "<!--")
    assert html(el(tag, "a>b{}")) == f"<{tag}>a>b{{}}</{tag}>"
