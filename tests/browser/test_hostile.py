"""What Chromium itself makes of texts that are meant to break out."""

from itertools import islice

from spotter.core.reports.html.elements import el, html
from spotter.core.reports.html.page import page
from spotter.core.reports.html.style import page_style, widget_style
from tests.browser.opening import PHONE
from tests.support.generated_reports import hostile, hostile_widget
from tests.support.hostile_texts import texts

AT_ONCE = 250
OTHERS = """([plain, ...pages]) => {
  const shape = html => [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('*')]
    .map(e => [e.namespaceURI.slice(-4), e.tagName, ...e.getAttributeNames().sort()].join(' '))
    .join('\\n');
  const wanted = shape(plain);
  return pages.flatMap((html, n) => shape(html) === wanted ? [] : [n]);
}"""
"""The numbers of the pages that have other elements or attributes than the first one."""
CALLED = """(pages) => pages.map(html => {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const calls = [...parsed.querySelectorAll('cwdb-action')].map(a => JSON.parse(a.textContent));
  return calls.map(c => c.job && /^[^\\p{C}\\p{Zl}\\p{Zp}]*$/u.test(c.job) ? c.job : null);
})"""
"""The jobs of the events that clicks call, those that can be written."""


def test_five_thousand_texts_change_nothing_but_text(look):
    found, rest, style = (
        look("<!DOCTYPE html><meta charset=utf-8><title>parser</title>"),
        texts(),
        page_style(),
    )
    count = 0
    while some := list(islice(rest, AT_ONCE)):
        pages = [page(hostile(text)).replace(style, "") for text in ("plain", *some)]
        assert [some[n] for n in found(OTHERS, pages)] == []
        count += len(some)
    assert count == 5000
    assert found.all_faults == []


def test_five_thousand_texts_change_nothing_but_text_of_a_widget(look):
    found, rest, style = (
        look("<!DOCTYPE html><meta charset=utf-8><title>parser</title>"),
        texts(),
        widget_style("light"),
    )
    while some := list(islice(rest, AT_ONCE)):
        plain, *pages = [hostile_widget(text).replace(style, "") for text in ("plain", *some)]
        assert [some[n] for n in found(OTHERS, [plain, *pages])] == []
        called = found(CALLED, pages)
        changed = [
            t for t, jobs in zip(some, called, strict=True) if not set(jobs) <= {joined(t), None}
        ]
        assert changed == []
        assert sum(any(jobs) for jobs in called) > AT_ONCE / 10
    assert found.all_faults == []


def joined(text: str) -> str:
    """As JavaScript has it: two halves of a letter beside each other are one."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_hundreds_of_them_in_one_page_do_nothing(look):
    views = [hostile(text).lineages[0] for text in texts(400)]
    together = hostile("plain").__class__(**(vars(hostile("plain")) | {"lineages": tuple(views)}))
    found = look(page(together), width=PHONE)
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
        "<!DOCTYPE html><meta charset=utf-8><title>a</title><img src=x onerror=alert(1)><script>alert(2)</script>"
    )
    found.page.wait_for_timeout(300)
    assert any("dialog" in fault for fault in found.all_faults)
    assert any("requested" in fault for fault in found.all_faults)


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
    shown = list(texts(300))
    found = look(
        "<!DOCTYPE html><meta charset=utf-8><title>a</title>"
        + html(el("ul", [el("li", t, title=t) for t in shown]))
    )
    seen = found("() => [...document.querySelectorAll('li')].map(e => [e.textContent, e.title])")
    legible = [el("b", text).text or "" for text in shown]
    assert seen == [[text, text] for text in legible]
