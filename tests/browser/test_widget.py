"""The pictures as parts of somebody else's page, as a CloudWatch dashboard holds them."""

from collections.abc import Callable
from datetime import UTC

import pytest

from spotter.core.pictures.elements import el, html
from spotter.core.pictures.fleet import fleet_picture
from spotter.core.pictures.lineage import legend, lineage_picture
from spotter.core.pictures.market import market_picture
from spotter.core.pictures.savings import savings_table
from spotter.core.pictures.style import widget_style
from tests.browser.opening import DESK, PHONE, THEMES
from tests.reports import empty, recorded, report

WINDOWS = [(theme, width) for theme in THEMES for width in (PHONE, DESK)]
GROUND = {"light": "#ffffff", "dark": "#0f1b2a"}


def fleet(theme: str) -> str:
    return _widget(theme, fleet_picture(report().fleet))


def savings(theme: str) -> str:
    told = report()
    return _widget(theme, *(savings_table(*one, in_money=True) for one in told.savings))


def market(theme: str) -> str:
    return _widget(theme, market_picture(report().market))


def lineages(theme: str) -> str:
    views = [view for _, view in recorded()[1]]
    return _widget(theme, legend(), *(lineage_picture(view, UTC) for view in views))


def nothing(theme: str) -> str:
    told = empty()
    return _widget(theme, fleet_picture(told.fleet), market_picture(told.market))


def _widget(theme: str, *parts) -> str:
    return html(el("div", el("style", widget_style(theme)), *parts, class_="spotter"))


WIDGETS: list[Callable[[str], str]] = [fleet, savings, market, lineages, nothing]
"""What a widget's function answers, by the theme that CloudWatch names."""


def dashboard(theme: str, widget: str) -> str:
    """A page of somebody else's around it."""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Dashboard</title></head>'
        f'<body style="margin:0;background:{GROUND[theme]}"><main><h1 style="color:gray;'
        f'position:absolute;left:-999px">Dashboard</h1>{widget}</main></body></html>'
    )


@pytest.mark.parametrize(("theme", "width"), WINDOWS)
@pytest.mark.parametrize("widget", WIDGETS, ids=lambda one: one.__name__)
def test_a_widget_is_silent_and_fits_and_can_be_read(look, widget, theme, width):
    other = "light" if theme == "dark" else "dark"  # what the reader's system prefers is not asked
    found = look(dashboard(theme, widget(theme)), theme=other, width=width)
    assert found.all_faults == []
    assert [one for one in found.overflowing if not one.startswith("H1")] == []
    assert found.accessibility() == []


@pytest.mark.parametrize("theme", THEMES)
def test_a_widget_has_the_theme_that_it_is_told(look, theme):
    found = look(dashboard(theme, fleet(theme)), theme="light")
    shown = found("getComputedStyle(document.querySelector('.spotter')).backgroundColor")
    assert shown == {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 27, 42)"}[theme]


def test_a_narrow_widget_on_a_wide_dashboard_is_drawn_for_a_narrow_place(look):
    narrow = f'<div style="width:360px">{savings("light")}</div>'
    found = look(dashboard("light", narrow), width=DESK)
    right = found("""() => Math.max(...[...document.querySelectorAll('.spotter *')]
      .filter(e => !e.closest('thead')).map(e => e.getBoundingClientRect().right))""")
    assert right <= 360.5
    assert found("getComputedStyle(document.querySelector('tbody td')).display") == "flex"


def test_a_widgets_style_is_for_itself_alone(look):
    outside = '<p id="outside">outside</p>'
    found = look(dashboard("light", outside + fleet("dark")))
    assert found("getComputedStyle(document.getElementById('outside')).color") == "rgb(0, 0, 0)"
