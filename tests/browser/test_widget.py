"""The widget's answers in a real browser, as parts of somebody else's page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from spotter.aws.reports.dashboard_widget import answer, apology
from spotter.core.model.times import ms
from tests.browser.bars import BARS, agree, in_place
from tests.browser.opening import DESK, PHONE, THEMES
from tests.support.generated_lineages import RecordedLineages
from tests.support.generated_reports import NOW, PRICES, recorded
from tests.support.jobs import ACCOUNT, REGION

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:Spotter-Dashboard"
WINDOWS = [(theme, width) for theme in THEMES for width in (PHONE, DESK)]
GROUND = {"light": "#ffffff", "dark": "#0f1b2a"}


def event(theme: str = "light", **more: Any) -> dict[str, Any]:
    """What a dashboard sends that shows the last thirty days."""
    begin, end = ms(NOW - timedelta(days=30)), ms(NOW)
    context = {"theme": theme, "timeRange": {"mode": "relative", "start": begin, "end": end}}
    return {"widgetContext": context, **more}


def answered(ledger: Any, theme: str = "light", **more: Any) -> str:
    return answer(event(theme, **more), ledger, FUNCTION, NOW, PRICES)


def of_everything(**request: Any) -> Callable[[str], str]:
    return lambda theme: answered(recorded()[0].ledger, theme, **request)


def of_nothing(**request: Any) -> Callable[[str], str]:
    return lambda theme: answered(RecordedLineages().ledger, theme, **request)


WIDGETS: dict[str, Callable[[str], str]] = {
    "fleet": of_everything(view="fleet"),
    "savings": of_everything(view="savings"),
    "market": of_everything(view="market"),
    **{
        f"lineage {name}": of_everything(view="lineage", job=name)
        for name in ("worst-500", "longest-28-days", "living", "never-launched", "n" * 63, "seed-3")
    },
    "part of a lineage": of_everything(view="lineage", job="longest-28-days", span="range"),
    "no fleet": of_nothing(view="fleet"),
    "no savings": of_nothing(view="savings"),
    "no market": of_nothing(view="market"),
    "an unknown job": of_nothing(view="lineage", job="nobody"),
    "an odd question": of_nothing(view="<b>"),
    "an apology": lambda _: apology(FUNCTION, NOW),
}


def dashboard(theme: str, *widgets: str) -> str:
    """A page of somebody else's around them, which keeps what a click calls out of sight."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Dashboard</title>'
        "<style>cwdb-action{display:none}</style></head>"
        f'<body style="margin:0;background:{GROUND[theme]}">'
        f"<main><h1 hidden>Dashboard</h1>{''.join(widgets)}</main></body></html>"
    )


@pytest.mark.parametrize(("theme", "width"), WINDOWS)
@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_is_silent_and_fits_and_can_be_read(look, name, theme, width):
    """Whatever the reader's system prefers: CloudWatch says which theme it is."""
    shown = "light" if name == "an apology" else theme
    other = "light" if shown == "dark" else "dark"
    found = look(dashboard(shown, WIDGETS[name](shown)), theme=other, width=width)
    assert found.all_faults == []
    assert found.overflowing == []
    faults = found.accessibility()
    assert [one for one in faults if one["rule"] != "page-has-heading-one"] == []


def test_every_segment_of_a_widget_is_one_of_the_ledgers_rows(look):
    books, drawn_lineages = recorded()
    views = [books.view(replace(lineage, now=NOW, checkpoints={})) for lineage, _ in drawn_lineages]
    widgets = [answered(books.ledger, view="lineage", job=view.name) for view in views]
    drawn = {one["lineage"]: one["bars"] for one in look(dashboard("light", *widgets))(BARS)}
    assert len(drawn) == len(views) >= 20
    assert sum(agree(books, view, drawn[view.name]) for view in views) > 1500
    for view in views:
        in_place(view, drawn[view.name])


def test_a_part_of_a_lineage_is_drawn_where_it_belongs(look):
    """Segments that begin before the part are cut at its edge, and keep their own times."""
    books, drawn_lineages = recorded()
    view = next(view for _, view in drawn_lineages if view.name == "longest-28-days")
    begin, end = ms(NOW - timedelta(days=9)), ms(NOW - timedelta(days=3))
    request = event(view="lineage", job=view.name)
    request["widgetContext"]["timeRange"]["zoom"] = {"start": begin, "end": end}
    found = look(dashboard("light", answer(request, books.ledger, FUNCTION, NOW, PRICES)))
    [[bar]] = [figure["bars"] for figure in found(BARS)]
    within = [
        s for a in view.attempts for s in a.periods if ms(s.start) <= end and ms(s.end) >= begin
    ]
    assert [one["status"] for one in bar["stretches"]] == [s.status for s in within]
    assert bar["stretches"][0]["left"] == pytest.approx(bar["left"], abs=1)
    assert bar["stretches"][-1]["right"] == pytest.approx(bar["right"], abs=1)


@pytest.mark.parametrize("theme", THEMES)
def test_a_widget_has_the_theme_that_it_is_told(look, theme):
    found = look(dashboard(theme, WIDGETS["fleet"](theme)), theme="light")
    shown = found("getComputedStyle(document.querySelector('.spotter')).backgroundColor")
    assert shown == {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 27, 42)"}[theme]


def test_a_narrow_widget_on_a_wide_dashboard_is_drawn_for_a_narrow_place(look):
    narrow = f'<div style="width:360px">{WIDGETS["savings"]("light")}</div>'
    found = look(dashboard("light", narrow), width=DESK)
    right = found("""() => Math.max(...[...document.querySelectorAll('.spotter *')]
      .filter(e => !e.closest('thead')).map(e => e.getBoundingClientRect().right))""")
    assert right <= 360.5
    assert found("getComputedStyle(document.querySelector('tbody td')).display") == "flex"


def test_a_widgets_style_is_for_itself_alone(look):
    outside = '<p id="outside">outside</p>'
    found = look(dashboard("light", outside, WIDGETS["fleet"]("dark")))
    assert found("getComputedStyle(document.getElementById('outside')).color") == "rgb(0, 0, 0)"


def test_what_is_clicked_is_right_before_what_it_calls(look):
    found = look(dashboard("light", WIDGETS["fleet"]("light")))
    calls = found("""() => [...document.querySelectorAll('cwdb-action')].map(a =>
      [a.previousElementSibling.getAttribute('role'), JSON.parse(a.textContent).view,
       a.getAttribute('endpoint')])""")
    assert len(calls) > 5
    assert {tuple(call) for call in calls} == {("button", "lineage", FUNCTION)}


HOSTS = {
    "one without a doctype": ("", ""),
    "one that colours tables": (
        "<!DOCTYPE html>",
        "table,caption,th,td{color:#000;font-size:30px}",
    ),
}


@pytest.mark.parametrize("host", HOSTS)
def test_a_table_is_in_the_widgets_colours_whatever_page_it_stands_in(look, host):
    """Without a doctype tables inherit neither colour nor size, and would be black on dark."""
    doctype, style = HOSTS[host]
    found = look(f"{doctype}<style>{style}</style>{WIDGETS['savings']('dark')}")
    shown = found("""() => [...document.querySelectorAll('.spotter caption, .spotter tbody *')]
      .map(e => getComputedStyle(e)).map(s => s.color + ' ' + s.fontSize)""")
    assert len(shown) > 10
    assert set(shown) == {"rgb(233, 235, 237) 14px"}
