"""The page holds what was requested, and lets in its own style sheet and nothing else."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from selectolax.lexbor import LexborHTMLParser

from spotter.core.money.attempts import AccountedAttempt, LineageResult
from spotter.core.money.groups import tag
from spotter.core.money.period import Period
from spotter.core.money.repeated_work import repeated_work
from spotter.core.money.savings import Savings
from spotter.core.money.text import ABSENT, COLUMNS, first_line
from spotter.core.money.trend import Trend
from spotter.core.replay.kaplan_meier import Observed, curve
from spotter.core.reports.fleet import Fleet
from spotter.core.reports.html.fleet import AlertsOfFleet, fleet_picture
from spotter.core.reports.html.market import (
    STEPS,
    figures,
    in_words,
    legend,
    market_picture,
    median_wait,
    step_of,
)
from spotter.core.reports.html.page import page
from spotter.core.reports.html.savings import savings_picture
from spotter.core.reports.html.style import BODY, DARK, LIGHT, page_style, widget_style
from spotter.core.reports.html.tables import table
from spotter.core.reports.spot_history import HourlyHistory, SpotHistory
from spotter.core.reports.text import hours
from tests.support import generated_month
from tests.support.generated_reports import (
    ALERTS,
    NOW,
    PRICES,
    empty,
    known,
    recorded,
    report,
    savings,
)


def parsed(content):
    return LexborHTMLParser(page(content))


def headings(content) -> list[str]:
    return [one.text() for one in parsed(content).css("h2")]


def test_its_policy_lets_in_its_style_by_hash_and_nothing_else():
    tree = parsed(report())
    [style] = tree.css("style")
    digest = base64.b64encode(hashlib.sha256(style.text().encode()).digest()).decode()
    [policy] = [meta.attributes["content"] for meta in tree.css("meta[http-equiv]")]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def test_it_names_no_address_and_holds_no_script():
    content = page(report())
    addresses = set(re.findall(r"\w+://[^\s\"<]*", content))
    assert addresses == set()
    assert not re.search(r"<script|\son\w+=|\b(?:src|href|style)=", content)


def test_what_was_not_asked_for_is_left_out():
    bare = replace(
        report(), fleet=None, savings=None, market=None, lineages=(), left_out=0, notes=()
    )
    assert headings(bare) == []
    assert headings(report()) == ["The fleet", "What spot saved", "When spot was short", "Lineages"]


def test_an_account_in_which_nothing_happened_says_so():
    content = page(empty())
    assert (
        "No attempt ended from 2026-10-25 to 2026-11-24, so there is nothing to compare." in content
    )
    assert "No jobs trained on spot in this time range." in content
    assert "<table" not in content


def test_times_say_in_which_zone_they_are():
    east = timezone(timedelta(hours=2), "EET")
    assert "as of 2026-11-24 14:00. Times are in EET." in page(report(zone=east))


@pytest.mark.parametrize(
    ("days", "zones"),
    [
        (30, "CET."),
        (31, "CEST or CET, whichever applied at that time."),
        (365, "CET or CEST, whichever applied at that time."),
    ],
)
def test_its_time_zones_are_those_of_the_whole_time_that_it_shows(days, zones):
    """Clocks in Berlin were changed 30 days and 11 hours before this report."""
    shown = replace(
        report(zone=ZoneInfo("Europe/Berlin")), since=NOW - timedelta(days=days), lineages=()
    )
    assert f"Times are in {zones}<" in page(shown)


def test_its_time_zones_are_those_of_its_lineages_however_old_they_are():
    shown = replace(report(zone=ZoneInfo("Europe/Berlin")), now=NOW + timedelta(days=200))
    shown = replace(shown, since=shown.now - timedelta(days=1), until=shown.now)
    assert "Times are in CET or CEST, whichever applied at that time.<" in page(shown)


def test_what_is_left_out_is_counted():
    assert "And 3 more" in page(report())
    assert "more: name them" not in page(replace(report(), left_out=0))


def test_every_variable_of_the_style_is_known_in_both_themes():
    used = set(re.findall(r"var\((--\w+)\)", BODY + page_style()))
    for theme in (LIGHT, DARK):
        assert used <= set(re.findall(r"(--\w+):", theme))


def test_every_class_that_is_drawn_differently_is_used():
    styled = set(re.findall(r"\.([a-z]\w+)", re.sub(r"\d\.\d|\.\d", "", BODY)))
    used = set(" ".join(re.findall(r'class="([^"]*)"', page(report()))).split())
    assert styled - used <= {"rate1", "rate2", "rate3"} | {f"rate{n}" for n in range(5)}


def test_a_widget_has_one_theme_and_touches_nothing_outside():
    assert DARK in widget_style("dark")
    assert LIGHT in widget_style("light")
    assert DARK not in widget_style("light")
    rules = re.sub(r"@\w+[^{]*\{", "", widget_style("light"))
    selectors = [s for rule in rules.split("}") for s in rule.partition("{")[0].split(",")]
    assert all(s.strip().startswith(".spotter") for s in selectors if s.strip())


def test_a_fleet_is_counted_and_its_worst_named():
    heads = [a.head for _, view in recorded()[1] for a in view.attempts]
    fleet = Fleet.of(known(heads), NOW)
    alerts = AlertsOfFleet(ALERTS, 12)
    content = list(fleet_picture(fleet, alerts, UTC, lambda job: f"to {job.name}").itertext())
    assert str(fleet.running.total()) in content
    assert f"{fleet.total}." in content
    assert all(f"to {job.id.name}" in content for job, _ in fleet.urgent)
    assert all(found.text(NOW, UTC) in content for _, found in fleet.urgent)
    assert "Open alerts, the worst 2 of 12" in content
    order = [content.index(f"to {one.id.name}") for one, _ in fleet.urgent[:1]]
    order += [content.index(ALERTS[0].headline), content.index("Finished")]
    assert order == sorted(order), "running jobs, open alerts, then the rest"


def test_a_fleet_without_open_alerts_says_so_unless_they_were_not_read():
    fleet = Fleet.of([], NOW)
    assert "No open alerts about these jobs." in list(
        fleet_picture(fleet, AlertsOfFleet()).itertext()
    )
    assert "No open alerts about these jobs." not in list(fleet_picture(fleet).itertext())


def test_a_map_has_a_field_where_something_trained_and_none_elsewhere():
    market = report().market
    days = [svg for svg in market_picture(market).iter("svg") if svg.get("class") == "day"]
    assert len(days) == len(market.kinds)
    for kind, day in zip(market.kinds, days, strict=True):
        fields = {int(r.get("data-hour")): r for r in day.iter("rect")}
        cells = {
            h: c for (k, h), c in market.cells.items() if k == kind and (c.hours or c.interruptions)
        }
        assert set(fields) == set(cells)
        for hour, rect in fields.items():
            assert int(rect.get("data-interruptions")) == cells[hour].interruptions
            assert float(rect.get("data-trained-hours")) == pytest.approx(
                cells[hour].hours, abs=1e-4
            )
            assert f"rate{step_of(cells[hour])}" in rect.get("class").split()
            assert ("thin" in rect.get("class")) is (cells[hour].hours < 10)


@pytest.mark.parametrize(
    ("interruptions", "step"), [(0, 0), (1, 1), (2, 2), (5, 2), (6, 3), (20, 3), (21, 4), (900, 4)]
)
def test_a_field_is_the_fuller_the_more_interruptions_there_were(interruptions, step):
    assert step_of(HourlyHistory(timedelta(hours=100), interruptions)) == step


def test_the_maps_legend_explains_every_step():
    marks = {rect.get("class").split()[0] for rect in legend().iter("rect")}
    assert marks == {f"rate{n}" for n in range(len(STEPS) + 1)}


def test_a_table_names_its_cells_for_where_it_folds():
    made = table("caption", ("a", "b", "c"), [("1", "2", "3")], figures=[2])
    assert [cell.get("data-label") for cell in made.iter("td")] == ["b", "c"]
    assert [cell.get("class") for cell in made.iter("td")] == [None, "figure"]
    assert [one.get("role") for one in made.iter("tr")] == ["row", "row"]
    with pytest.raises(ValueError, match="zip"):
        table("caption", ("a", "b"), [("1",)])


def test_savings_have_a_row_for_each_group():
    found = report().savings
    made = next(savings_picture(found).iter("table"))
    assert [row.find("th").text for row in made.iter("tr")][1:] == [*found.groups["type"], "all"]
    assert [th.text for th in made.find("thead").iter("th")] == ["type", *COLUMNS]


def test_the_answer_stands_before_its_chart_and_tables():
    views = tuple(view for _, view in recorded()[1])
    found, trend = savings(views, {"tag:team": tag("team")}, PRICES)
    assert "".join(savings_picture(found, trend)[0].itertext()) == first_line(found)


def test_a_chart_has_a_row_a_team_and_bars_within_it():
    ways = {"tag:team": tag("team")}
    period, now = Period.month(2026, 11), generated_month.NOW
    trend = Trend(period, generated_month.PRICES, ways["tag:team"])
    facts = [
        one for one in generated_month.month(jobs=200) if one.ended and period.holds(one.ended)
    ]
    attempts = [AccountedAttempt(f.head, LineageResult.COMPLETED, repeated_work(f.head, f.sightings())) for f in facts]  # fmt: skip
    found = Savings.of(
        trend.passing(attempts), ways, generated_month.PRICES, period=period, now=now
    )
    made = savings_picture(found, trend)
    bars = [one for one in made.iter("rect") if "data-step" in one.attrib]
    assert {one.get("data-step") for one in bars} <= set(trend.steps)
    rows = [one for one in made.iter("svg") if one.get("class") == "trend"]
    assert len(rows) == len(trend.rows) == 5
    for one in bars:
        assert float(one.get("y")) >= 0
        assert float(one.get("y")) + float(one.get("height")) <= 46
    assert any(one.get("class") == "lost" for one in bars), "a day that cost more than on demand"
    assert any("thin" in one.get("class") for one in bars), "a day whose figure is a range"


def test_absent_is_not_zero():
    assert [hours(None), hours(0), hours(12345.67)] == [ABSENT, "0.0 h", "12,345.7 h"]


def test_a_wait_alone_is_no_field_on_the_map():
    market = SpotHistory(report().zone)
    market.cells = {("ml.g5.xlarge", 6): HourlyHistory(waits=[Observed(3600.0, ended=True)])}
    assert not [r for r in market_picture(market).iter("rect") if "data-hour" in r.attrib]
    assert "1 h (1 h to ?)" in list(market_picture(market).itertext())


def test_a_median_wait_shows_what_was_not_seen_to_end():
    lasting = [Observed(7200.0, ended=False)] * 3
    few = [Observed(n * 600.0, ended=True) for n in range(1, 4)]
    assert median_wait(curve(lasting)) == "over 2 h"
    assert median_wait(curve([*few, *lasting])) == "30 min (10 min to ?)"
    assert median_wait(curve([])) == ABSENT


def test_there_is_no_rate_of_training_that_is_shown_as_zero_hours():
    """No interruption in seconds of training is no rate of zero: the rate is not known."""
    brief, longer = (HourlyHistory(timedelta(seconds=n)) for n in (150, 200))
    assert figures(brief) == ("0", "0.0 h", ABSENT, ABSENT)
    assert in_words(brief) == "0 interruptions in 0.0 h of training (no rate)"
    assert figures(longer) == ("0", "0.1 h", "0.0", ABSENT)
    assert in_words(HourlyHistory(timedelta(hours=2), 1)).startswith("1 interruption in 2.0 h")


def test_a_market_of_one_hour_is_drawn_in_its_place():
    market = SpotHistory(report().zone)
    market.cells = {("ml.g5.xlarge", 6): HourlyHistory(timedelta(hours=40), 2)}
    [field] = [r for r in market_picture(market).iter("rect") if "data-hour" in r.attrib]
    assert field.get("x") == "25.0000%"
    assert field.find("title").text.startswith("06:00 to 06:59: 2 interruptions in 40.0 h")
