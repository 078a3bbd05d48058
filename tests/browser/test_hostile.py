"""What Chromium itself makes of texts that are meant to break out."""

from itertools import islice

from spotter.core.pictures.elements import el, html
from spotter.core.pictures.page import page
from spotter.core.pictures.style import page_style
from tests.browser.opening import PHONE
from tests.hostile import texts
from tests.reports import hostile

AT_ONCE = 250
SHAPE = """(pages) => pages.map(html => {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  return [...parsed.querySelectorAll('*')]
    .map(e => [e.namespaceURI.slice(-4), e.tagName, ...e.getAttributeNames().sort()].join(' '))
    .join('\\n');
})"""


def test_five_thousand_texts_change_nothing_but_text(look):
    found, rest, style = look("<!DOCTYPE html><title>parser</title>"), texts(), page_style()
    [expected] = found(SHAPE, [page(hostile("plain")).replace(style, "")])
    count = 0
    while some := list(islice(rest, AT_ONCE)):
        shapes = found(SHAPE, [page(hostile(text)).replace(style, "") for text in some])
        assert [t for t, s in zip(some, shapes, strict=True) if s != expected] == []
        count += len(some)
    assert count == 5000
    assert found.all_faults == []


def test_hundreds_of_them_in_one_page_do_nothing(look):
    views = [hostile(text).lineages[0] for text in texts(400)]
    told = hostile("plain").__class__(**(vars(hostile("plain")) | {"lineages": tuple(views)}))
    found = look(page(told), width=PHONE)
    assert found("() => document.querySelectorAll('figure').length") == 400
    found.page.hover("figure rect >> nth=5")
    found.page.keyboard.press("Tab")
    found.page.wait_for_timeout(300)
    assert found.all_faults == []
    assert found.overflowing == []
    assert found("() => document.scripts.length") == 0


def test_what_would_act_does_act_where_it_is_not_escaped(look):
    """Or the tests above would show nothing."""
    found = look(
        "<!DOCTYPE html><title>a</title><img src=x onerror=alert(1)><script>alert(2)</script>"
    )
    found.page.wait_for_timeout(300)
    assert any("dialog" in fault for fault in found.all_faults)
    assert any("asked for" in fault for fault in found.all_faults)


def test_the_pages_policy_refuses_what_is_not_its_own_style(look):
    """Even if something broke out, it would do nothing."""
    safe = page(hostile("plain"))
    for broken in (
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<p style='color:red'>",
    ):
        found = look(safe.replace("</main>", f"{broken}</main>"))
        found.page.wait_for_timeout(100)
        assert any(
            "style-src" in f or "script-src" in f or "img-src" in f for f in found.all_faults
        )
        assert not any("dialog" in fault for fault in found.all_faults)


def test_texts_come_back_from_the_page_as_they_are_legible(look):
    told = list(texts(300))
    found = look(
        "<!DOCTYPE html><title>a</title>" + html(el("ul", [el("li", t, title=t) for t in told]))
    )
    seen = found("() => [...document.querySelectorAll('li')].map(e => [e.textContent, e.title])")
    legible = [el("b", text).text or "" for text in told]
    assert seen == [[text, text] for text in legible]
