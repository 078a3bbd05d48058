"""What attempts cost and saved adds up exactly, in any order and grouping, and what is absent stays absent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt
from spotter.core.money import digest, groups
from spotter.core.money.attempts import AccountedAttempt, LineageResult, lineage_result
from spotter.core.money.period import Period
from spotter.core.money.repeated_work import RepeatedWork
from spotter.core.money.savings import Savings, SavingsRow
from spotter.core.money.text import ABSENT, cells, first_line, notes
from spotter.core.money.totals import Account, Totals, summed, totals
from spotter.core.money.trend import Trend
from spotter.core.prices.table import PriceTable
from tests.support.jobs import INTERRUPTED_ONCE, NOON, job

PRICES = PriceTable(
    "us-east-1",
    "USD",
    NOON,
    None,
    {"ml.g5.xlarge": Decimal("1.408"), "ml.p4d.24xlarge": Decimal(40)},
)
NOVEMBER = Period.month(2026, 11)
COMPLETED, OPEN, NO_RESULT = LineageResult.COMPLETED, LineageResult.OPEN, LineageResult.NO_RESULT


def attempt(
    *, billable=900, training=3600, least=0, most=None, result=COMPLETED, instances=(("ml.g5.xlarge", 2),), **more
) -> AccountedAttempt:  # fmt: skip
    one = job(INTERRUPTED_ONCE, BillableTimeInSeconds=billable, TrainingTimeInSeconds=training)
    head = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    upper = least if most is None else most
    work = RepeatedWork(timedelta(seconds=least), None if most == -1 else timedelta(seconds=upper))
    return AccountedAttempt(replace(head, instances=instances, **more), result, work)


attempts = st.builds(
    attempt,
    billable=st.none() | st.integers(0, 10**6),
    training=st.none() | st.integers(0, 10**6),
    least=st.integers(0, 10**4),
    most=st.integers(10**4, 10**6) | st.none() | st.just(-1),
    result=st.sampled_from(LineageResult),
    instances=st.lists(
        st.tuples(st.sampled_from([*PRICES.prices, "ml.new.large"]), st.integers(1, 9)), max_size=2
    ).map(tuple),
    waited=st.integers(0, 10**6).map(lambda n: timedelta(milliseconds=n)),
)


def facts(totals: Totals, prices: PriceTable | None) -> dict:
    return SavingsRow.of("", "all", totals, prices).facts


def savings(*found: AccountedAttempt, prices=PRICES, by=(), now=NOON, period=NOVEMBER) -> Savings:
    return Savings.of(found, {w: groups.group(w) for w in by}, prices, period=period, now=now)


@given(st.lists(attempts, max_size=6), st.randoms(), st.booleans())
def test_sums_are_the_same_to_the_last_digit_in_any_order_and_grouping(found, dice, in_money):
    prices = PRICES if in_money else None
    whole, split = summed(found, {"type": groups.instance_type}, prices)
    shuffled = dice.sample(found, len(found))
    assert summed(shuffled, {}, prices)[0] == whole
    assert sum(split["type"].values(), Totals()) == whole
    assert whole.attempts == len(found)


@given(attempts, st.booleans())
def test_bounds_are_in_order_and_nothing_is_counted_twice(one, in_money):
    prices = PRICES if in_money else None
    found = totals(one, prices)
    accounts = found.amounts(prices)
    for account in (accounts.completed, accounts.open, accounts.no_result):
        assert 0 <= account.repeated_least <= account.repeated_most <= account.training
        assert account.saved.least <= account.saved.most
        assert account.saved.most == account.training - account.repeated_least - account.paid
    counted = sum(a.attempts for a in (accounts.completed, accounts.open, accounts.no_result))
    assert counted + found.without_figures + found.unpriced.attempts == 1


def test_an_attempt_by_hand():
    """Two instances at 1.408 USD: one hour trained, a quarter billed, ten minutes repeated."""
    found = facts(totals(attempt(least=600), PRICES), PRICES)
    assert found["paid"] == 0.70
    assert found["on_demand_at_least"] == found["on_demand_at_most"] == 2.35
    assert found["interruptions_cost_at_least"] == found["interruptions_cost_at_most"] == 0.47
    assert found["saved_at_most"] == 1.64
    assert found["saved_percent_at_most"] == 70.0
    assert found["formula_percent"] == 75.0


def test_each_instance_group_has_its_own_price():
    mixed = attempt(instances=(("ml.g5.xlarge", 1), ("ml.p4d.24xlarge", 2)))
    assert totals(mixed, PRICES).money.completed.training == Fraction("81.408")


def test_sums_are_rounded_once():
    """A third of a cent each: three of them are a cent."""
    tiny = attempt(billable=1, training=1, instances=(("ml.p4d.24xlarge", 1),))
    third = replace(PRICES, prices={"ml.p4d.24xlarge": Decimal(12)})
    whole, _ = summed([tiny] * 3, {}, third)
    assert facts(whole, third)["paid"] == 0.01
    assert facts(totals(tiny, third), third)["paid"] == 0.0


def test_only_completed_lineages_have_saved_anything():
    found = savings(attempt(), attempt(result=NO_RESULT), attempt(result=OPEN))
    total = found.facts["total"]
    assert total["saved_at_most"] == savings(attempt()).facts["total"]["saved_at_most"]
    assert (total["spent_without_result"], total["spent_in_open_lineages"]) == (0.7, 0.7)
    assert (
        "Spent without a result: 0.70 USD, on 1 attempt whose lineages did not complete."
        in notes(found)
    )
    alone = savings(attempt(result=NO_RESULT))
    assert first_line(alone).startswith("No savings in November so far: none of the 1 attempt")
    assert alone.facts["total"]["saved_at_most"] is None


@pytest.mark.parametrize("more", [{"instances": (("ml.new.large", 1),)}, {"billable": None}])
@pytest.mark.parametrize(
    ("result", "count", "spent"),
    [
        (NO_RESULT, "attempts_without_result", "spent_without_result"),
        (OPEN, "attempts_in_open_lineages", "spent_in_open_lineages"),
    ],
)
def test_what_attempts_without_a_price_or_figures_cost_is_unknown_and_not_zero(
    result, count, spent, more
):
    unknown = attempt(result=result, **more)
    found = savings(unknown, unknown, by=("type",))
    for row in (found.total, *found.rows):
        assert (row.facts[count], row.facts[spent]) == (2, None)
    beside = savings(unknown, attempt(result=result)).facts["total"]
    assert (beside[count], beside[spent]) == (2, 0.7)
    none_of_it = savings(attempt()).facts["total"]
    assert (none_of_it[count], none_of_it[spent]) == (0, 0.0)


def test_what_cost_more_than_on_demand_stays_negative():
    found = savings(attempt(billable=3600, least=1800))
    assert found.facts["total"]["saved_at_most"] == -1.41
    assert found.facts["total"]["saved_percent_at_most"] == -100.0
    assert first_line(found).startswith(
        "Saved -1.41 USD in November so far (-100 %); interruptions cost 1.41 USD"
    )


def test_a_range_is_on_the_part_that_is_not_known_alone():
    found = savings(attempt(least=600, most=1800))
    assert first_line(found).startswith(
        "Saved 0.70 to 1.64 USD in November so far (50 to 70 %); interruptions cost 0.47 to 1.41 USD of it; "
    )
    assert any(note.startswith("Ranges: ") for note in notes(found))
    assert savings(attempt(most=-1)).facts["total"]["saved_percent_at_least"] is None
    assert "(at most 75 %)" in first_line(savings(attempt(most=-1)))


def test_a_type_without_a_price_has_hours_and_no_money_and_is_named():
    found = savings(attempt(), attempt(instances=(("ml.new.large", 4),)))
    assert found.facts["total"]["attempts_without_price"] == 1
    assert found.facts["total"]["instance_hours_without_price"] == 1.0
    assert found.facts["total"]["paid"] == 0.7
    assert any(
        "on instance types without a price (1.00 billed instance-hours)" in n for n in notes(found)
    )


def test_without_prices_amounts_are_hours_and_that_is_said_once():
    found = savings(attempt(), prices=None)
    shown = [first_line(found), *notes(found)]
    assert shown[0].startswith(
        "Saved 1.50 instance-hours in November so far (75 %); interruptions cost nothing; "
    )
    assert sum("no prices are known" in line for line in shown) == 1
    assert found.facts["currency"] is None


@pytest.mark.parametrize(
    ("billable", "training"), [(None, None), (0, 0), (None, 100), (0, 100), (100, 0)]
)
def test_an_attempt_without_figures_is_counted_and_has_none(billable, training):
    found = savings(attempt(billable=billable, training=training))
    assert found.facts["total"]["attempts_without_figures"] == 1
    assert found.facts["total"]["paid"] is None
    assert cells(found.whole, found)[1:7] == (ABSENT,) * 6


def test_a_month_without_attempts_is_one_sentence():
    assert (
        first_line(savings())
        == "No attempt ended in November so far, so there is nothing to compare."
    )


def test_the_line_of_the_issue():
    """12,480 USD saved, 54 % of 23,111; 1,130 USD of repeated training; 38 hours waited."""
    table = replace(PRICES, prices={"ml.g5.xlarge": Decimal(1)})
    big = attempt(
        billable=10_631 * 3600, training=(23_111 + 1_130) * 3600, least=1_130 * 3600,
        instances=(("ml.g5.xlarge", 1),), waited=timedelta(hours=38),
    )  # fmt: skip
    assert first_line(savings(big, prices=table, now=datetime(2026, 12, 1, tzinfo=UTC))) == (
        "Saved 12,480 USD in November (54 %); interruptions cost 1,130 USD of it; 38 h waited."
    )


def test_groups_are_by_the_utc_end_a_tag_the_type_and_the_user():
    late = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    one = attempt(ended=late, tags=(("team", "vision"), (groups.USER_TAG, "arn:aws:sagemaker:us-east-1:1:user-profile/d-1/anna")))  # fmt: skip
    words = {"month": "2026-11", "week": "2026-W49", "day": "2026-11-30", "type": "ml.g5.xlarge", "user": "d-1/anna", "tag:team": "vision", "tag:x": "(no such tag)"}  # fmt: skip
    assert {word: groups.group(word)(one) for word in words} == words
    assert groups.group("tag:team")(attempt(tags=None)) == "(tags not read)"
    assert groups.group("user")(attempt(tags=None)) == "(not recorded)"
    assert [groups.group(word) for word in ("", "tag:", "Month", "colour")] == [None] * 4


def test_a_lineage_completed_runs_or_has_no_result():
    failed, done = Ending.ALGORITHM, Ending.COMPLETED
    assert lineage_result([failed, done], running=False, pending=False) is COMPLETED
    assert lineage_result([failed, None], running=True, pending=False) is OPEN
    assert lineage_result([failed], running=False, pending=True) is OPEN
    assert lineage_result([failed, Ending.STOPPED], running=False, pending=False) is NO_RESULT


@pytest.mark.parametrize(
    ("since", "until", "now", "name"),
    [
        ("2026-11-01", "2026-12-01", "2026-12-05", "in November"),
        ("2026-11-01", "2026-12-01", "2026-11-26", "in November so far"),
        ("2026-11-01", "2026-11-26", "2026-11-26", "in November so far"),
        ("2025-12-01", "2026-01-01", "2026-11-26", "in December 2025"),
        ("2026-11-23", "2026-11-24", "2026-11-26", "on 2026-11-23"),
        ("2026-11-02", "2026-11-09", "2026-11-26", "from 2026-11-02 to 2026-11-08"),
    ],
)
def test_a_period_has_a_name(since, until, now, name):
    instants = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (since, until, now)]
    assert Period(*instants[:2]).name(instants[2]) == name


def test_a_period_holds_its_first_instant_and_not_its_end():
    instant = timedelta(milliseconds=1)
    begin, end = NOVEMBER.since, NOVEMBER.until
    held = [NOVEMBER.holds(one) for one in (begin - instant, begin, end - instant, end)]
    assert held == [False, True, True, False]


@pytest.mark.parametrize(
    ("days", "step", "count"), [(1, "day", 1), (2, "day", 2), (30, "day", 30), (365, "month", 12)]
)
def test_a_trend_has_each_step_of_its_period_and_none_beyond(days, step, count):
    since = datetime(2026, 1, 1, tzinfo=UTC)
    trend = Trend(Period(since, since + timedelta(days=days)), None)
    assert (trend.step, len(trend.steps)) == (step, count)


def test_the_month_before_january_is_december():
    assert Period.month(2026, 1).before == Period.month(2025, 12)
    assert Period.month(2026, 12).until == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("running", "found", "note"),
    [
        (0, (), None),
        (2, (), "Not counted yet: 2 jobs running now."),
        (
            1,
            (attempt(result=OPEN),),
            "Not counted yet: 1 job running now; 0.70 USD on 1 attempt whose lineages are still running.",
        ),
    ],
)
def test_what_is_not_counted_yet_is_named(running, found, note):
    open_notes = [one for one in notes(replace(savings(*found), running=running)) if "yet" in one]
    assert open_notes == ([note] if note else [])


@pytest.mark.parametrize(("count", "lines"), [(digest.MOST_GROUPS, 0), (digest.MOST_GROUPS + 3, 1)])
def test_a_digest_lists_so_many_groups_and_adds_up_the_others(count, lines):
    of = {f"team-{n:02d}": totals(attempt(billable=900 + n), PRICES) for n in range(count)}
    savings = Savings(NOVEMBER, NOON, groups={"team": of}, prices=PRICES)
    listed = digest.monthly_digest(savings, by="team").lines[1:]
    assert [line.partition(":")[0] for line in listed[: digest.MOST_GROUPS]] == sorted(of)[
        : digest.MOST_GROUPS
    ]
    more = [line for line in listed if "more of team" in line]
    assert len(more) == lines
    assert all(line.startswith("3 more of team: ") for line in more)


def test_an_attempt_is_counted_in_the_month_week_and_day_of_its_end():
    one = attempt()
    ended = one.ended
    found = {step: groups.group(step)(one) for step in ("month", "week", "day")}
    assert found == {
        "month": f"{ended:%Y-%m}",
        "week": f"{ended:%G-W%V}",
        "day": f"{ended:%Y-%m-%d}",
    }


def test_a_digest_is_titled_by_its_month_also_without_figures():
    titled = digest.monthly_digest(Savings(NOVEMBER, NOON, prices=PRICES)).title
    assert titled == "Spot savings in November 2026"
    bare = digest.without_figures(Period.month(2026, 1), "no prices are deployed")
    assert (bare.title, bare.text) == ("Spot savings in January 2026", "no prices are deployed")


@pytest.mark.parametrize(
    ("found", "line"),
    [
        ((attempt(billable=900),), "saved "),
        ((attempt(billable=900, result=NO_RESULT),), "0.70 without a result"),
        ((attempt(result=OPEN),), "no figures"),
    ],
)
def test_a_group_of_a_digest_says_what_is_known_of_it(found, line):
    of = {"vision": sum((totals(one, PRICES) for one in found), Totals())}
    savings = Savings(NOVEMBER, NOON, groups={"team": of}, prices=PRICES)
    [listed] = [x for x in digest.monthly_digest(savings, by="team").lines if "vision: " in x]
    assert listed.startswith(f"vision: {line}")
    assert ("without a result" in listed) is (found[0].result is NO_RESULT)


@pytest.mark.parametrize("unit", [Fraction(1, 1000), Fraction(1), Fraction(1000)])
def test_the_share_that_was_saved_does_not_depend_on_how_much_it_was(unit):
    one = Account(
        attempts=1, paid=unit * 3, training=unit * 10, repeated_least=0, repeated_most=unit * 4
    )
    assert one.saved_percent == (50, 70)
    nothing = replace(one, repeated_least=unit * 10, repeated_most=unit * 10)
    assert nothing.saved_percent is None
    assert replace(nothing, repeated_least=0).saved_percent == (None, 70)
