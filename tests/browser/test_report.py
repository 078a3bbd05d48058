"""The report in a real browser: silent, alone, within its window, and in step with the ledger."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from spotter.core.reports.html.page import page
from tests.browser.bars import BARS, agree, in_place
from tests.browser.opening import DESK, PHONE, THEMES
from tests.support.generated_reports import empty, recorded, report

PAPER = 718
"""A4 less its margins, in CSS pixels."""
WINDOWS = [(theme, width) for theme in THEMES for width in (PHONE, DESK)]
PAGES = {
    "everything": lambda: report(),
    "in hours, and in another zone": lambda: report(zone=ZoneInfo("Asia/Kolkata"), in_money=False),
    "nothing": empty,
    "one lineage": lambda: replace(report(), fleet=None, savings=None, market=None),
}


@pytest.mark.parametrize(("theme", "width"), WINDOWS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_silent_and_alone_and_fits_its_window(look, name, theme, width):
    found = look(page(PAGES[name]()), theme=theme, width=width)
    assert found.all_faults == []
    assert found.overflowing == []


@pytest.mark.parametrize(("theme", "width"), WINDOWS)
@pytest.mark.parametrize("name", ["everything", "nothing"])
def test_everybody_can_read_a_page(look, name, theme, width):
    assert look(page(PAGES[name]()), theme=theme, width=width).accessibility() == []


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_segment_is_one_of_the_ledgers_rows(look, width):
    books, recorded_lineages = recorded()
    drawn = {one["lineage"]: one["bars"] for one in look(page(report()), width=width)(BARS)}
    assert len(drawn) == len(recorded_lineages) >= 20
    compared = [agree(books, view, drawn[lineage.root.name]) for lineage, view in recorded_lineages]
    assert sum(compared) > 1500


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_segments_are_where_their_times_are_to_the_pixel(look, width):
    views = {view.name: view for _, view in recorded()[1]}
    for figure in look(page(report()), width=width)(BARS):
        in_place(views[figure["lineage"]], figure["bars"])


def test_what_was_lost_is_drawn_up_to_the_interruption(look):
    views = {view.name: view for _, view in recorded()[1]}
    for figure in look(page(report()))(BARS):
        for attempt, bar in zip(views[figure["lineage"]].attempts, figure["bars"], strict=True):
            lost = [s for s in attempt.periods if s.lost_from]
            assert len(bar["lost"]) == len(lost)
            ends = [s["right"] for s in bar["stretches"]]
            assert all(min(abs(one["right"] - e) for e in ends) <= 1 for one in bar["lost"])


def test_every_segment_says_what_it_is_to_whoever_points_at_it(look):
    bars = [bar for figure in look(page(report()))(BARS) for bar in figure["bars"]]
    segments = [one for bar in bars for one in bar["stretches"]]
    assert all(one["title"].startswith(f"{one['status']}: ") for one in segments)
    assert all(one["title"].startswith("Work lost to the") for bar in bars for one in bar["lost"])
    marks = [one for bar in bars for one in bar["interruptions"]]
    assert len(marks) > 500
    assert all(one["title"].startswith("Interrupted: ") for one in marks)


@pytest.mark.parametrize("width", [PHONE, 639, 640, PAPER, 839, 840, DESK])
def test_nothing_is_written_over_something_else(look, width):
    found = look(page(report()), width=width)
    over = found("""() => [...document.querySelectorAll('svg.axis')].flatMap(axis => {
      const boxes = [...axis.querySelectorAll('text')].map(t => t.getBoundingClientRect())
        .filter(b => b.width);
      return boxes.flatMap((b, n) => n && b.left < boxes[n - 1].right ? [axis.outerHTML] : []);
    })""")
    assert over == []
    shown = found("""() => [...document.querySelectorAll('figure')].map(figure =>
      [...figure.querySelectorAll('svg.axis')].filter(a => a.getBoundingClientRect().height).length)""")
    assert set(shown) == {1}


@pytest.mark.parametrize("theme", THEMES)
def test_paper_is_light_and_holds_the_page(look, theme):
    found = look(page(report()), theme=theme, width=PAPER)
    found.page.emulate_media(media="print", color_scheme=theme)
    ground = "getComputedStyle(document.{}).backgroundColor"
    assert found(ground.format("documentElement")) == "rgb(255, 255, 255)"
    assert found(ground.format("body")) == "rgb(255, 255, 255)"
    assert found.overflowing == []
    assert found.accessibility() == []
    assert found.page.pdf(format="A4")[:5] == b"%PDF-"


def test_a_page_is_read_without_any_script(browser, tmp_path):
    document = page(report())
    assert "<script" not in document
    (tmp_path / "page.html").write_text(document)
    texts = []
    for allowed in (True, False):
        context = browser.new_context(java_script_enabled=allowed)
        one = context.new_page()
        one.goto((tmp_path / "page.html").as_uri())
        texts.append(one.inner_text("main"))
        context.close()
    assert texts[0] == texts[1]
    assert "worst-500" in texts[1]


def test_a_hundred_lineages_are_no_more_than_a_few_megabytes():
    recorded_lineages = recorded(76)[1]
    views = tuple(view for _, view in recorded_lineages)
    assert len(views) == 100
    assert len(page(report(views)).encode()) < 3_000_000
