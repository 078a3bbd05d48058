"""A text from elsewhere is a text in every picture, whatever it holds: no element, attribute or address more."""

from collections.abc import Iterator

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from spotter.core.reports.html.page import page
from tests.support.generated_reports import hostile
from tests.support.hostile_texts import COUNT, PARTS, texts

PLAIN = "plain"
TENTH = COUNT // 10
parts = [0, *(pytest.param(n, marks=pytest.mark.proof) for n in range(1, 10))]


Shape = tuple[str, tuple[str, ...], tuple["Shape", ...]]


def shape(html: str) -> Shape:
    """Of each element its tag, the names of its attributes and what is in it, as a browser reads them."""
    return within(LexborHTMLParser(html).root)


def within(node: LexborNode) -> Shape:
    return node.tag, tuple(sorted(node.attributes)), tuple(map(within, node.iter()))


def elements(shape: Shape) -> Iterator[Shape]:
    yield shape
    for one in shape[2]:
        yield from elements(one)


@pytest.fixture(scope="module")
def expected() -> Shape:
    return shape(page(hostile(PLAIN)))


def test_no_picture_holds_a_script_an_event_or_an_address(expected):
    assert {tag for tag, _, _ in elements(expected)} <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "b", "section",
        "dl", "div", "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure",
        "figcaption", "span", "strong", "footer", "svg", "rect", "line", "text",
    }  # fmt: skip
    names = {name for _, attributes, _ in elements(expected) for name in attributes}
    assert not [
        n for n in names if n.startswith("on") or n in ("href", "src", "style", "xlink:href")
    ]


def test_every_place_for_a_text_is_filled():
    """Or the test below would show nothing."""
    content = page(hostile("marker-7"))
    for place in ("<title>", "<h1>", "<caption>", '<th scope="row" role="rowheader">', "<b>"):
        before = ("", "By ", "Spotter: account ")
        assert any(f"{place}{words}marker-7" in content for words in before), place
    for attribute in ("data-status", "data-job", "data-lineage", "aria-label"):
        assert any(
            "marker-7" in rest.partition('"')[0] for rest in content.split(f'{attribute}="')
        ), attribute


@pytest.mark.shows("markup", "5,000 texts in HTML and SVG")
@pytest.mark.parametrize("part", parts)
def test_five_thousand_texts_change_nothing_but_text(part, expected, proof):
    content = list(texts())[part::10]
    assert len(content) == TENTH
    proof.count(tries=TENTH, fired=TENTH)
    assert [text for text in content if shape(page(hostile(text))) != expected] == []


@pytest.mark.parametrize("text", PARTS)
def test_each_way_out_alone_is_shut(text, expected):
    assert shape(page(hostile(text))) == expected
