"""The savings of a month are published once, on the first days of the next one, whatever dies meanwhile."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from handlers.sweep import put_digest
from laptop.simulated_sagemaker.spot_market import INTERRUPTED_ONCE
from spotter.aws.reports import monthly_digest as maker
from spotter.aws.reports.monthly_digest import DigestMaker, NotEnoughTime
from spotter.core.alerts import monthly, slack, sns_message
from spotter.core.ledger.monthly_digest import MonthlyDigestRecord, key
from spotter.core.ledger.validation import Malformed
from spotter.core.money.period import Period
from spotter.core.policy.model import DigestPolicy, Policy
from spotter_cli.views.savings import groups, savings
from tests.support.generated_month import NOW as DECEMBER_2
from tests.support.generated_month import PRICES, ledger_of, month
from tests.support.jobs import minutes
from tests.support.spotter_in_one_process import HERE, Killed, SpotterInOneProcess

MONTHLY = Policy(recorded_tags=("team",), digest=DigestPolicy(monthly=True))
TURNED = datetime(2026, 12, 1, tzinfo=UTC)
DUE = TURNED + timedelta(hours=6)


@pytest.fixture
def world(new_world: Any) -> SpotterInOneProcess:
    """A job that completed in November."""
    one: SpotterInOneProcess = new_world(MONTHLY)
    one.script("*", INTERRUPTED_ONCE)
    one.create("nightly-7", Tags=[{"Key": "team", "Value": "vision"}])
    one.pass_time(300, step=5)
    one.published.clear()
    return one


def sweep_at(world: SpotterInOneProcess, now: datetime, times: int = 3) -> list[dict[str, Any]]:
    """Sweeps from an instant on, five minutes apart; the digests that were published since."""
    before = len(world.published)
    for n in range(times):
        world.now = now + minutes(5 * n)
        world.sweep()
    return [json.loads(json.loads(one["Message"])["sqs"]) for one in world.published[before:]]


def test_a_month_has_one_digest_however_many_sweeps_there_are(world):
    assert sweep_at(world, TURNED - minutes(10)) == []
    assert sweep_at(world, DUE - minutes(30)) == []
    (digest,) = sweep_at(world, DUE)
    assert (digest["schema"], digest["month"]) == ("spotter.savings-digest/1", "2026-11")
    assert digest["lines"][0].startswith("Saved ")
    assert any(line.startswith("vision: saved ") for line in digest["lines"])
    assert digest["command"] == "spotter savings --month 2026-11 --region us-east-1"
    assert sweep_at(world, DUE + timedelta(days=2)) == []


def test_the_next_month_has_a_digest_of_its_own_also_if_nothing_ended_in_it(world):
    sweep_at(world, DUE)
    (digest,) = sweep_at(world, datetime(2027, 1, 3, tzinfo=UTC))
    assert digest["month"] == "2026-12"
    assert digest["headline"] == "Spot savings in December 2026"
    assert digest["lines"][0] == (
        "No attempt ended in December 2026, so there is nothing to compare."
    )


def test_a_month_that_was_missed_for_a_week_has_no_digest(world):
    assert sweep_at(world, TURNED + timedelta(days=7)) == []


def test_without_the_key_there_is_none(world):
    world.under(Policy())
    assert sweep_at(world, DUE) == []


def test_a_digest_that_sns_refuses_stays_pending_and_is_published_by_a_later_sweep(world):
    world.sns_failures = 4
    assert sweep_at(world, DUE) == []
    assert world.ledger.get(MonthlyDigestRecord, key("2026-11")).pending
    (digest,) = sweep_at(world, DUE + timedelta(hours=1))
    assert digest["month"] == "2026-11"
    assert not world.ledger.get(MonthlyDigestRecord, key("2026-11")).pending


@pytest.mark.parametrize("puts", range(4))
def test_a_function_that_dies_amid_it_loses_no_digest_and_doubles_it_only_between_sns_and_its_mark(
    world, puts
):
    """The first puts are the sweep's own; then the digest, its slot, its mark, and the end of its slot."""
    world.now = DUE
    world.sweep()
    assert world.ledger.get(MonthlyDigestRecord, key("2026-11")).pending
    world.now = DUE + minutes(5)
    world.stream.die_after = world.stream.puts + puts
    with suppress(Killed):  # of so many puts it needs fewer
        world.sweep()
    world.stream.changes.clear()
    world.stream.die_after = None
    sweep_at(world, DUE + minutes(10), 4)
    months = [json.loads(json.loads(one["Message"])["sqs"])["month"] for one in world.published]
    assert 1 <= len(months) <= 2
    assert set(months) == {"2026-11"}
    assert not world.ledger.get(MonthlyDigestRecord, key("2026-11")).pending


def test_of_two_sweeps_at_once_one_puts_it(world):
    world.now = DUE
    first, second = world.digest_maker(), world.digest_maker()
    world.stream.intruder = (3, lambda: second.put_if_due(world.now, lambda: True))
    assert first.put_if_due(world.now, lambda: True) is None
    assert world.ledger.get(MonthlyDigestRecord, key("2026-11")).pending


def test_without_enough_time_nothing_is_put_and_the_next_sweep_begins_again(world):
    world.now = DUE
    with pytest.raises(NotEnoughTime):
        world.digest_maker().put_if_due(world.now, lambda: False)
    put_digest(world.digest_maker(), world.now, lambda: False)
    assert world.ledger.stored(key("2026-11")) is None
    assert len(sweep_at(world, DUE)) == 1


def test_of_too_many_jobs_the_digest_names_the_command_that_computes_the_figures(
    world, monkeypatch
):
    monkeypatch.setattr(maker, "MOST_JOBS", 0)
    (digest,) = sweep_at(world, DUE)
    assert digest["lines"][0] == (
        "More than 0 jobs are to be read. For the figures: "
        "spotter savings --month 2026-11 --region us-east-1."
    )


def test_alerts_are_published_before_it_and_never_with_it(world):
    world.now = DUE
    world.sns_failures = 10
    world.sweep()
    world.under(MONTHLY)
    world.create(
        "weekly-1", StoppingCondition={"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 1}
    )
    world.pass_time(60, step=5)
    world.sns_failures = 0
    schemas = [one["schema"] for one in sweep_at(world, DUE + timedelta(hours=1))]
    assert schemas[-1] == "spotter.savings-digest/1"
    assert set(schemas[:-1]) <= {"spotter.alert/1", "spotter.digest/1"}


def test_a_spotter_that_was_deployed_after_the_month_sends_none_and_within_it_says_so():
    assert monthly.due(DUE, watching=TURNED) is None
    november = monthly.due(DUE, watching=TURNED - timedelta(days=3))
    assert november == Period.month(2026, 11)
    (remark,) = monthly.remarks(november, TURNED - timedelta(days=3))
    assert remark.startswith("Spotter watches since 2026-11-28T00:00:00.000Z")
    assert monthly.remarks(november, november.since) == ()


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_each_month_of_a_year_is_due_for_one_span_of_days(year):
    """Leap years and turns of the year, too."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    due = [monthly.due(start + timedelta(hours=h), start - timedelta(days=99)) for h in range(8760)]
    names = [monthly.name_of(month) for month in due if month]
    assert len(set(names)) == 12
    assert len(names) == 12 * (7 * 24 - 6)


def digest_of(facts: Any, **more: Any) -> dict[str, Any]:
    """The digest that a sweep puts on 2 December of a generated November."""
    ledger = ledger_of(facts)
    policy = replace(MONTHLY, **more)
    watching = datetime(2026, 1, 1, tzinfo=UTC)
    one = DigestMaker(ledger, policy, PRICES, HERE, "Spotter", watching)
    assert one.put_if_due(DECEMBER_2, lambda: True) == "2026-11"
    record = ledger.get(MonthlyDigestRecord, key("2026-11"))
    assert MonthlyDigestRecord.read(record.row()) == record
    return dict(record.facts)


def test_its_figures_are_those_that_the_command_it_names_prints():
    class Spotter:
        ledger = ledger_of(month())

    ways = groups(["tag:team"], None)
    found = savings(Spotter(), Period.month(2026, 11), DECEMBER_2, groups=ways, prices=PRICES)  # type: ignore[arg-type]
    digest = digest_of(month())
    for name in ("total", "by", "unit", "currency", "since", "until", "running_jobs"):
        assert digest[name] == found.facts[name], name
    assert digest["groups_left_out"] == 0
    assert len(digest["by"]["tag:team"]) >= 4


def test_it_fits_every_channel_whatever_its_teams_are_called_and_however_many_they_are():
    many = [
        replace(one, team=f"{n % 300}<b>@channel https://evil.example \u202e{'x' * 200}")
        for n, one in enumerate(month())
    ]
    digest = digest_of(many)
    assert digest["groups_left_out"] >= 200
    asked = sns_message.monthly(digest)
    assert len(asked["Message"].encode()) < 256 * 1024
    assert len(asked["Subject"]) < 100
    bodies = json.loads(asked["Message"])
    shown = slack.message([slack.read(bodies["sqs"])])
    for text in (bodies["email"], bodies["https"], json.dumps(shown, ensure_ascii=False)):
        assert "https://evil" not in text
        assert "@channel" not in text
        assert "\u202e" not in text


def test_a_row_that_is_no_digest_is_passed_over_and_reported(world):
    row = MonthlyDigestRecord("2026-11", {}, world.now).row() | {"facts": "["}
    world.ledger.rows.put(row)
    assert sweep_at(world, DUE) == []
    (malformed,) = world.malformed
    assert isinstance(malformed, Malformed)
