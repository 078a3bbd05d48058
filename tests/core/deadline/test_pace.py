"""A pace that fell is said only if the deadline is in doubt because of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.alerts.deadline_timers import deadline_notices
from spotter.core.deadline.assessment import Assessment, Standing, assess
from spotter.core.deadline.durations import TypeObservations, lineage_durations
from spotter.core.deadline.figures import figures
from spotter.core.deadline.hand_over import NextStep, Phase
from spotter.core.deadline.pace import pace_fell
from spotter.core.deadline.remaining import Progress, remaining
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.ledger.deadline import DeadlineRecord
from spotter.core.model.identity import Attempt
from spotter.core.policy.model import AlertsPolicy
from tests.support.jobs import NOON, minutes
from tests.support.ledger_rows import ROOT

TERMS = DeadlineTerms(NOON + minutes(720), "12 h after its creation", "nightly-*", steps=1000)
TIMES = lineage_durations(TypeObservations(), TypeObservations(), (), minutes(10))


def look(seconds: float, phase: Phase = Phase.TRAINING, steps: int | None = 1000) -> Assessment:
    """At noon with half of the steps done, at this pace; 12 h are left, the waiting point is 100 min."""
    progress = Progress(minutes(60), 500, (timedelta(seconds=seconds),) * 5)
    terms = DeadlineTerms(TERMS.finish_by, "12 h", "nightly-*", steps=steps)
    standing = Standing(NOON, phase, secondary="Training", progress=progress)
    return assess(terms, standing, remaining(terms, progress), TIMES)


@pytest.mark.parametrize(
    ("best", "now", "fell"),
    [
        (60, 60, False),
        (60, 71, False),  # less than a fifth
        (60, 70, False),
        (55, 72, True),  # 618 min remain, and 97 min of slack
        (40, 60, False),  # a third slower, and there is time enough
        (73, 88, False),  # there was no slack before either
    ],
)
def test_a_slower_pace_counts_once_it_has_used_up_the_slack(best, now, fell):
    assert pace_fell(look(now), timedelta(seconds=best)) is fell


def test_on_demand_the_slack_itself_counts():
    assert not pace_fell(look(75, Phase.ON_DEMAND), timedelta(seconds=55))
    assert pace_fell(look(90, Phase.ON_DEMAND), timedelta(seconds=55))


def test_without_steps_nothing_is_known_of_a_pace():
    assert not pace_fell(look(90, steps=None), timedelta(seconds=55))
    assert not pace_fell(look(90), None)


def test_the_best_pace_is_remembered_from_look_to_look():
    first = figures(look(55))
    second = figures(look(72), first)
    assert (second.pace, second.best_pace) == (timedelta(seconds=72), timedelta(seconds=55))


def test_each_doubt_is_named_for_its_deadline_and_the_switch_holds_it_back():
    found = look(90)
    record = DeadlineRecord(
        ROOT, Attempt(ROOT, 1), "p", TERMS, figures=figures(found, figures(look(55)))
    )
    kinds = [one.kind for one in deadline_notices(record, found, AlertsPolicy())]
    assert kinds == ["cannot_finish", "pace_fell"]
    assert {one.since for one in deadline_notices(record, found, AlertsPolicy())} == {
        TERMS.finish_by
    }
    assert deadline_notices(record, found, AlertsPolicy(deadlines=False)) == ()


@pytest.mark.parametrize(
    ("stopped_for", "kinds"), [(None, []), (NextStep.HAND_OVER, ["cannot_finish", "pace_fell"])]
)
def test_while_a_job_is_stopping_its_deadline_is_in_doubt_only_if_it_was_stopped_for_it(
    stopped_for, kinds
):
    trains = look(90)
    before = figures(trains, figures(look(55)))
    standing = replace(trains.standing, phase=Phase.STOPPING, stopped_for=stopped_for)
    found = assess(trains.terms, standing, trains.remaining, TIMES)
    record = DeadlineRecord(ROOT, Attempt(ROOT, 1), "p", TERMS, figures=before)
    assert [one.kind for one in deadline_notices(record, found, AlertsPolicy())] == kinds
