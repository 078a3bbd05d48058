"""A month of 2,000 jobs in four teams: every figure equals one that is computed here from the definitions.

The computation below knows nothing of core/money: it goes from what SageMaker and S3 showed
(tests/support/generated_month.py) to amounts, by the sentences of docs/figures.md alone.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from types import SimpleNamespace

import pytest

from spotter import notebook
from spotter.aws.reports.dashboard_widget import answer
from spotter.core.model.hints import AccountRegion
from spotter.core.model.times import ms
from spotter.core.money.digest import monthly_digest
from spotter.core.money.groups import group
from spotter.core.money.period import Period
from spotter.core.money.savings import Savings
from spotter.core.money.text import FEW_COLUMNS, cells, first_line
from spotter.core.money.trend import Trend
from spotter.notebook import Connection
from spotter_cli.views import html_report
from spotter_cli.views.savings import SavingsView, savings
from tests.support.generated_month import NOW, PRICES, TEAMS, AttemptFacts, ledger_of, month
from tests.support.jobs import ACCOUNT, REGION

NOVEMBER = Period(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
WAYS = ("tag:team", "type", "month", "week", "day")
FACTS = month()


class Spotter:
    """As much of a deployed stack as savings need."""

    def __init__(self, facts: list[AttemptFacts]):
        self.ledger = ledger_of(facts)


SPOTTER = Spotter(FACTS)


def repeated(one: AttemptFacts) -> tuple[Fraction, Fraction]:
    """Seconds at the least and at the most: by each interruption of a stay in Training."""
    least = most = Fraction()
    for (before, start), (status, at) in zip(one.statuses, one.statuses[1:], strict=False):
        if status != "Interrupted" or before != "Training":
            continue
        stay = seconds(at - start)
        newest = one.seen.get(at)
        if newest is None:
            most += stay
        else:
            lost = min(stay, seconds(at - newest))
            least, most = least + lost, most + lost
    return least, most


def seconds(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(milliseconds=1), 1000)


COMPLETED = {one.root for one in FACTS if one.last == "Completed"}
RUNNING = {one.root for one in FACTS if one.running}
APART = ("without_result", "in_open_lineages")


def result_apart(one: AttemptFacts) -> str | None:
    """Where an attempt counts whose lineage has not completed."""
    if one.root in COMPLETED:
        return None
    return APART[one.root in RUNNING]


def expected(facts: list[AttemptFacts], *, in_money: bool) -> dict[str, object]:
    """The figures of these attempts."""
    sums: dict[str, Fraction] = defaultdict(Fraction)
    counts: dict[str, int] = defaultdict(int)
    waited = timedelta()
    for one in facts:
        counts["attempts"] += 1
        apart = result_apart(one)
        if apart:
            counts[f"attempts_{apart}"] += 1
        waited += sum(
            (b[1] - a[1] for a, b in zip(one.statuses, one.statuses[1:], strict=False) if a[0] in ("Starting", "Interrupted")),
            timedelta(),
        )  # fmt: skip
        if not one.billable or not one.training:
            counts["attempts_without_figures"] += 1
            continue
        priced = all(kind in PRICES.prices for kind, _ in one.instances)
        instances = sum(count for _, count in one.instances)
        if in_money and not priced:
            counts["attempts_without_price"] += 1
            sums["instance_hours_without_price"] += Fraction(one.billable * instances, 3600)
            continue
        p = Fraction(instances)
        if in_money:
            p = sum(Fraction(PRICES.prices[kind]) * count for kind, count in one.instances)
        paid, trained = one.billable * p / 3600, one.training * p / 3600
        if one.root in COMPLETED:
            least, most = (min(bound, one.training) * p / 3600 for bound in repeated(one))
            counts["attempts_counted"] += 1
            sums["paid"] += paid
            sums["on_demand_at_least"] += trained - most
            sums["on_demand_at_most"] += trained - least
            sums["interruptions_cost_at_least"] += least
            sums["interruptions_cost_at_most"] += most
        else:
            counts[f"known_{apart}"] += 1
            sums[f"spent_{apart}"] += paid
    known = counts["attempts_counted"]
    saved = {
        f"saved_{end}": sums[f"on_demand_{end}"] - sums["paid"] for end in ("at_least", "at_most")
    }
    percent = {
        f"saved_percent_{end}": saved[f"saved_{end}"] / sums[f"on_demand_{end}"] * 100
        if known and sums[f"on_demand_{end}"] > 0
        else None
        for end in ("at_least", "at_most")
    }
    if not known or sums["on_demand_at_most"] <= 0:
        percent = dict.fromkeys(percent)
    amounts = ("paid", "on_demand_at_least", "on_demand_at_most", "interruptions_cost_at_least", "interruptions_cost_at_most")  # fmt: skip
    return {
        **{name: counts[name] for name in ("attempts", "attempts_counted", "attempts_without_figures", "attempts_without_price", "attempts_without_result", "attempts_in_open_lineages")},
        **{name: cents(sums[name]) if known else None for name in amounts},
        **{name: cents(value) if known else None for name, value in saved.items()},
        **{name: None if value is None else cents(value) for name, value in percent.items()},
        **{name: cents(sums[name]) for name in ("spent_without_result", "spent_in_open_lineages", "instance_hours_without_price")},
        **{f"spent_{apart}": None for apart in APART if counts[f"attempts_{apart}"] and not counts[f"known_{apart}"]},
        "waited_seconds": waited.total_seconds(),
    }  # fmt: skip


def cents(value: Fraction) -> float:
    """Two decimals; an exact half goes to the even one."""
    whole, rest = divmod(value * 100, 1)
    up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2)
    return float(Fraction(whole + up, 100))


def of_november(facts: list[AttemptFacts]) -> list[AttemptFacts]:
    return [one for one in facts if one.ended and (one.ended.year, one.ended.month) == (2026, 11)]


GROUPED = {
    "tag:team": lambda one: one.team or "(no such tag)",
    "type": lambda one: " + ".join(sorted({kind for kind, _ in one.instances})),
    "month": lambda one: one.ended.strftime("%Y-%m"),
    "week": lambda one: one.ended.strftime("%G-W%V"),
    "day": lambda one: one.ended.strftime("%Y-%m-%d"),
}


def found(
    period: Period = NOVEMBER, *, in_money: bool = True, trend: Trend | None = None
) -> Savings:
    ways = {word: group(word) for word in WAYS}
    prices = PRICES if in_money else None
    return savings(SPOTTER, period, NOW, groups=ways, prices=prices, trend=trend)


def difference(mine: dict, theirs: dict) -> dict:
    return {name: (mine[name], value) for name, value in theirs.items() if mine[name] != value}


@pytest.mark.parametrize("in_money", [True, False])
def test_every_figure_of_the_month_equals_the_one_from_the_definitions(in_money):
    facts = found(in_money=in_money).facts
    attempts = of_november(FACTS)
    assert len(attempts) > 1000
    assert difference(facts["total"], expected(attempts, in_money=in_money)) == {}
    for way, by in GROUPED.items():
        groups = defaultdict(list)
        for one in attempts:
            groups[by(one)].append(one)
        assert set(facts["by"][way]) == set(groups)
        for name, part in groups.items():
            assert difference(facts["by"][way][name], expected(part, in_money=in_money)) == {}
    assert facts["running_jobs"] == sum(
        one.running for one in FACTS if one.created < NOVEMBER.until
    )
    assert set(TEAMS) < set(facts["by"]["tag:team"])


def test_the_month_holds_what_makes_figures_hard():
    total = found().facts["total"]
    for name in (
        "attempts_without_figures", "attempts_without_price", "attempts_without_result",
        "attempts_in_open_lineages", "spent_without_result", "interruptions_cost_at_least",
    ):  # fmt: skip
        assert total[name] > 0, name
    assert total["saved_at_least"] < total["saved_at_most"]
    assert (
        min(day["saved_at_least"] or 0 for day in found().facts["by"]["day"].values())
        < total["saved_at_least"]
    )


def test_the_first_line_and_the_digest_hold_the_same_figures():
    facts = found().facts["total"]
    digest = monthly_digest(found(), "tag:team")
    assert digest.title == "Spot savings in November 2026"
    low, high = (f"{round(facts[f'saved_{end}']):,}" for end in ("at_least", "at_most"))
    assert digest.lines[0].startswith(f"Saved {low} to {high} USD in November (")
    cost = " to ".join(
        f"{round(facts[f'interruptions_cost_{end}']):,}" for end in ("at_least", "at_most")
    )
    assert f"; interruptions cost {cost} USD of it; " in digest.lines[0]
    assert f" {round(facts['waited_seconds'] / 3600):,} h waited." in digest.lines[0]
    assert {line.partition(":")[0] for line in digest.lines[1:6]} == {*TEAMS, "(no such tag)"}
    assert digest.payload["total"] == facts
    assert digest.payload["summary"] == digest.lines[0]


@pytest.mark.parametrize("in_money", [True, False])
def test_dashboard_report_and_python_show_the_same(in_money, monkeypatch):
    prices = PRICES if in_money else None
    expected = savings(
        SPOTTER, NOVEMBER, NOW, groups={"tag:team": group("tag:team")}, prices=prices
    )
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:Dashboard"
    span = {"start": ms(NOVEMBER.since), "end": ms(NOVEMBER.until)}
    event = {"view": "savings", "widgetContext": {"timeRange": span}}
    page = escaped_back(answer(event, SPOTTER.ledger, function, NOW, prices, ("team",)))
    assert f"<b>{first_line(expected)}</b>" in page
    for team, totals in expected.groups["tag:team"].items():
        assert team in page
        assert all(cell in page for cell in cells(totals, expected, FEW_COLUMNS))
    options = html_report.ReportOptions(
        (), NOVEMBER.since, NOVEMBER.until, {"tag:team": group("tag:team")}, prices, 0, UTC, NOW
    )
    report = html_report.FleetReading(None, None)
    report._read_savings(SPOTTER, options)
    assert report.savings == expected
    there = SimpleNamespace(
        ledger=SPOTTER.ledger, prices=prices, stack="Spotter", here=AccountRegion(ACCOUNT, REGION)
    )
    monkeypatch.setattr(notebook, "datetime", Clock)
    python = Connection(there).savings("2026-11", by=("tag:team",))
    assert python.summary == first_line(expected)
    assert tuple(python) == (*expected.rows, expected.total)


class Clock(datetime):
    """A clock that stands at the beginning of December."""

    @classmethod
    def now(cls, tz=None):
        return NOW


def escaped_back(page: str) -> str:
    return page.replace("&amp;", "&")


def test_the_chart_holds_the_months_of_each_team():
    trend = Trend(NOVEMBER, PRICES, group("tag:team"))
    whole = found(trend=trend)
    assert (trend.step, len(trend.steps)) == ("day", 30)
    for team, row in trend.rows.items():
        sums = sum((one.money.completed.saved.most for one in row.values()), 0)
        assert sums == whole.groups["tag:team"][team].money.completed.saved.most
        assert set(row) <= set(trend.steps)


def test_months_add_up_to_the_time_that_they_make():
    parts = [found(Period.month(2026, month)) for month in (10, 11, 12)]
    whole = found(Period(datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)))
    amounts = [one.whole.money.completed for one in parts]
    assert sum(one.paid for one in amounts) == whole.whole.money.completed.paid
    assert sum(one.whole.attempts for one in parts) == whole.whole.attempts


def test_a_name_selects_jobs_and_a_spreadsheet_gets_a_line_a_group():
    few = savings(SPOTTER, NOVEMBER, NOW, groups={}, prices=PRICES, name="job-0000")
    ours = [one for one in of_november(FACTS) if one.attempt.name.startswith("job-0000")]
    assert 0 < few.whole.attempts == len(ours)
    lines = list(SavingsView(found()).as_csv())
    assert lines[0].startswith("by,group,unit,attempts,")
    assert len(lines) == 2 + sum(len(part) for part in found().groups.values())
