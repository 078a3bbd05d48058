"""Every alert that was raised can be listed, newest first, as it is wanted and no further."""

import json
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from itertools import islice

import pytest

from laptop.simulated_sagemaker.spot_market import NEVER_LAUNCHED
from spotter.core.alerts import email, payload
from spotter.core.alerts.outbox import pending
from spotter.core.ledger.alert import AlertRecord
from spotter.core.model.times import iso
from spotter.core.policy.model import AlertsPolicy, Policy
from spotter_cli.output.times import in_zone, instant
from spotter_cli.views.alerts import AlertFilter, alerts, as_json, in_full, line
from tests.core.alerts.test_sns_message import alert
from tests.support.jobs import NOON, minutes
from tests.support.nightly_lineage import LIMITS

DAY = timedelta(days=1)
EARLY = Policy(alerts=AlertsPolicy(waiting_for_capacity=timedelta(seconds=20)))


@pytest.fixture
def world(new_world):
    """Two jobs that wait too long, and a minute later run out of time."""
    one = new_world(EARLY)
    one.script("*", NEVER_LAUNCHED)
    for name in ("nightly-1", "weekly-1"):
        one.create(name, StoppingCondition=LIMITS)
    one.pass_time(30, step=10)
    one.sweep()
    one.pass_time(60, step=10)
    return one


def listed(world, deployed, **filters):
    wanted = AlertFilter(**{"since": NOON - DAY, "until": NOON + DAY} | filters)
    found = alerts(deployed(world), wanted)
    return [f"{record.alert.kind} {record.alert.job.name}" for record in found]


WAITED, OUT = "waiting_for_capacity", "attempt_ended"


def test_instants_in_a_headline_are_in_the_reader_s_zone_as_its_own_instant_is():
    said = replace(alert(), headline=f"it cannot finish by {iso(NOON)}")
    shown = line(AlertRecord(said), timezone(timedelta(hours=1)))
    assert "it cannot finish by 2026-11-23 13:00:00 UTC+01:00" in shown


LATER = [f"{OUT} weekly-1", f"{OUT} nightly-1"]
EARLIER = [f"{WAITED} weekly-1", f"{WAITED} nightly-1"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, LATER + EARLIER),
        ({"job": "nightly"}, [LATER[1], EARLIER[1]]),
        ({"job": "week"}, [LATER[0], EARLIER[0]]),
        ({"job": "x"}, []),
        ({"severity": "critical"}, LATER),
        ({"severity": "Critical"}, LATER),
        ({"severity": "warning"}, EARLIER),
        ({"severity": "info"}, []),
        ({"kind": OUT}, LATER),
        ({"kind": "max"}, []),
        ({"kind": WAITED, "job": "nightly"}, [EARLIER[1]]),
        ({"since": NOON + minutes(0.9)}, LATER),
        ({"until": NOON + minutes(0.9)}, EARLIER),
        ({"since": NOON + DAY}, []),
    ],
)
def test_alerts_are_those_that_fit_and_the_newest_comes_first(world, deployed, filters, expected):
    assert sorted(listed(world, deployed, **filters)) == sorted(expected)
    kinds = [one.partition(" ")[0] for one in listed(world, deployed, **filters)]
    assert kinds == sorted(kinds, key=[OUT, WAITED].index), (
        "attempt_ended came later, and so comes first"
    )


def test_the_command_of_a_digest_lists_just_what_is_in_it(new_world, deployed):
    world = new_world(EARLY)
    world.script("*", NEVER_LAUNCHED)
    for n in range(8):
        world.create(f"job-{n}", StoppingCondition=LIMITS)
    world.pass_time(30, step=10)
    world.together = True
    world.sweep()
    digest = json.loads(json.loads(world.published[0]["Message"])["sqs"])
    words = digest["command"].split()
    since, until = (words[words.index(option) + 1] for option in ("--since", "--until"))
    filters = {"since": instant(since, world.now, ""), "until": instant(until, world.now, "")}
    assert len(listed(world, deployed, **filters)) == digest["alert_count"] == 8


def many(world, count: int) -> None:
    """So many alerts, each a minute and some before the one before it."""
    for n in range(count):
        one = alert(key=f"{n:013d}", raised_at=NOON - minutes(7 * n))
        record = pending(one, NOON - minutes(7 * n))
        world.ledger.put_new(record.published(NOON) if n % 2 else record)


def test_a_list_reads_no_further_than_it_is_wanted(new_world, deployed):
    world, calls = new_world(), []
    many(world, 1000)
    for method in ("query", "batch_get_item"):
        real = getattr(world.stream, method)
        setattr(world.stream, method, lambda real=real, **a: calls.append(a) or real(**a))
    wanted = AlertFilter(NOON - 30 * DAY, NOON + DAY)
    found = list(islice(alerts(deployed(world), wanted), 50))
    assert found[0].alert.key == "0000000000000"
    assert len(calls) <= 4, "tomorrow's empty day, today's keys, and the rows of a hundred"
    assert {call["Limit"] for call in calls if "Limit" in call} == {100}
    assert sum("IndexName" in call for call in calls) == sum("Limit" in call for call in calls)
    assert len(list(alerts(deployed(world), wanted))) == 1000


def test_a_line_shows_the_time_the_severity_the_alert_and_whether_it_was_published(
    new_world, deployed
):
    world = new_world()
    many(world, 2)
    newest, older = alerts(deployed(world), AlertFilter(NOON - DAY, NOON + DAY))
    assert line(newest, UTC) == (
        "2026-11-23 12:00:00  critical  attempt_ended               "
        "nightly-7 stopped: it ran out of MaxWaitTimeInSeconds (2 h) after it had trained"
        "  (pending)"
    )
    assert line(older, UTC).endswith("after it had trained")


def test_in_full_an_alert_is_the_text_of_its_e_mail_with_what_to_do_next(new_world, deployed):
    world = new_world()
    many(world, 2)
    newest, older = alerts(deployed(world), AlertFilter(NOON - DAY, NOON + DAY))
    first, *text = in_full(newest, "Spotter", UTC).splitlines()
    assert first == "2026-11-23 12:00:00  critical  attempt_ended               pending"
    facts = payload.alert_payload(newest.alert, "Spotter")
    assert text == ["", *in_zone(UTC, email.alert(facts).splitlines())]
    assert "What you can do:" in text
    assert text[-1] == "Details:     spotter explain nightly-7 --region us-east-1"
    assert in_full(older, "Spotter", UTC).splitlines()[0].endswith("attempt_ended")


def test_in_full_lines_fit_a_window_and_addresses_stay_whole(new_world, deployed):
    world = new_world()
    many(world, 1)
    (one,) = alerts(deployed(world), AlertFilter(NOON - DAY, NOON + DAY))
    lines = in_full(one, "Spotter", UTC, 80).splitlines()
    assert all(len(line) <= 80 for line in lines if "https://" not in line)
    links = payload.alert_payload(one.alert, "Spotter")["links"].values()
    assert all(any(line.endswith(address) for line in lines) for address in links)


def test_in_json_an_alert_is_a_line_as_queues_get_it(new_world, deployed):
    world = new_world()
    many(world, 2)
    newest, older = alerts(deployed(world), AlertFilter(NOON - DAY, NOON + DAY))
    (first, second) = (as_json(row, "Spotter") for row in (newest, older))
    assert "\n" not in first
    assert json.loads(first)["published_at"] is None
    published = json.loads(second)
    assert published.pop("published_at") == "2026-11-23T12:00:00.000Z"
    same = alert(key=f"{1:013d}", raised_at=NOON - minutes(7))
    assert published == json.loads(json.dumps(payload.alert_payload(same, "Spotter")))
