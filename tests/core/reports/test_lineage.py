"""What a lineage's pictures show follows from its transitions, whoever looks and whenever."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.model.timeline import FINAL, Timeline, Transition
from spotter.core.model.times import iso, ms
from spotter.core.reports.lineage import AttemptView, LineageView
from tests.support.generated_lineages import RecordedLineages, attempts, several
from tests.support.jobs import (
    INTERRUPTED_ONCE,
    LIFE_CYCLES,
    NEVER_LAUNCHED,
    NOON,
    OUT_OF_TIME,
    job,
    minutes,
    story,
)

LATER = NOON + minutes(600)


def attempt(*statuses, now=LATER, saved=None, **more) -> AttemptView:
    one = job(statuses, **more)
    head = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    return AttemptView(head, story(*statuses), now, saved)


@given(attempts())
def test_stretches_are_the_stays_in_order_without_gaps(view):
    shown = view.periods
    assert all(a.end == b.start for a, b in pairwise(shown))
    assert all(s.start <= s.end for s in shown)
    transitions = [(t.start, t.status) for t in view.timeline]
    last = transitions[-1][1] if transitions else None
    assert [(s.start, s.status) for s in shown] == (
        transitions[:-1] if last in FINAL else transitions
    )
    assert not shown or shown[-1].end == view.end


@given(attempts())
def test_only_the_last_stretch_of_a_living_job_lasts(view):
    lasting = [s.ongoing for s in view.periods]
    assert not any(lasting[:-1])
    last = view.timeline.last
    open_ended = last is not None and last.status not in FINAL
    assert any(lasting) == (view.head.running and open_ended)


@given(attempts())
def test_what_was_lost_is_told_alike_in_stretches_and_in_sum(view):
    lost = [(s.end - s.lost_from) for s in view.periods if s.lost_from is not None]
    assert sum(lost, timedelta()) == view.lost
    assert all(s.start <= s.lost_from <= s.end for s in view.periods if s.lost_from is not None)


@given(attempts())
def test_a_known_checkpoint_only_makes_a_loss_smaller(view):
    assert view.lost <= replace(view, checkpoints=None).lost == view.timeline.work_lost()


@given(attempts())
def test_waiting_and_training_are_what_the_timeline_closed_and_what_lasts(view):
    last = view.periods[-1:]
    open_ended = [s for s in last if view.timeline.stays[-1].status == s.status]
    for kind, closed in (("waiting", view.timeline.waited), ("training", view.timeline.trained)):
        on_top = sum((s.length for s in open_ended if s.kind == kind), timedelta())
        closing = view.timeline.stays and view.timeline.stays[-1].status in FINAL
        expected = closed if closing else closed + on_top
        assert getattr(view, {"waiting": "waited", "training": "trained"}[kind]) == expected


@given(attempts(), attempts(number=2))
def test_a_lineage_spans_all_of_its_attempts_and_sums_them(first, second):
    view = LineageView([first, second])
    instants = [t.start for a in view.attempts for t in a.timeline]
    assert all(view.begin <= when <= view.end for when in instants)
    assert view.begin <= min(first.head.id.created, second.head.id.created)
    assert view.lost == first.lost + second.lost
    assert view.interruptions == len(first.interruptions) + len(second.interruptions)
    assert (view.waited, view.trained) == (
        first.waited + second.waited,
        first.trained + second.trained,
    )


@given(attempts())
def test_a_lineage_of_one_saved_what_its_attempt_saved(view):
    found = LineageView([view]).saved
    assert found == pytest.approx(view.saved) if view.saved is not None else found is None


@given(attempts(), attempts(number=2))
def test_savings_of_a_lineage_lie_between_those_of_its_attempts(first, second):
    figures = [a.saved for a in (first, second) if a.saved is not None]
    found = LineageView([first, second]).saved
    if not figures:
        assert found is None
    else:
        assert min(figures) - 1e-6 <= found <= max(figures) + 1e-6


@given(attempts())
def test_facts_can_be_written_as_json_and_say_the_same(view):
    facts = view.facts
    assert [s["started_at"] for s in facts["periods"]] == [iso(s.start) for s in view.periods]
    assert facts["saved_percent"] is None or view.head.training_seconds
    assert facts["checkpoints_known"] is (view.checkpoints is not None)


def test_attempts_weigh_as_their_instances_do():
    """Sixteen instances that saved nothing count more than one that saved half."""
    half = attempt(*INTERRUPTED_ONCE, BillableTimeInSeconds=50, TrainingTimeInSeconds=100)
    sixteen = {"InstanceType": "ml.g5.xlarge", "InstanceCount": 16}
    none = attempt(
        *INTERRUPTED_ONCE,
        BillableTimeInSeconds=100,
        TrainingTimeInSeconds=100,
        ResourceConfig=sixteen,
    )
    assert LineageView([half, none]).saved == pytest.approx(50 / 17)


@pytest.mark.parametrize("cycle", LIFE_CYCLES)
def test_a_documented_life_cycle_is_shown_to_its_end(cycle):
    view = attempt(*cycle)
    assert [s.status for s in view.periods] == list(cycle[:-1])
    assert (view.end, view.head.running) == (NOON + minutes(10 * (len(cycle) - 1)), False)


def test_the_last_stay_of_an_ended_job_ends_when_sagemaker_says_so():
    one = job(("Starting", "Training"), TrainingJobStatus="Stopped", SecondaryStatus="Stopped")
    one = replace(one, ended_at=NOON + minutes(17))
    head = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    view = AttemptView(head, story("Starting", "Training"), NOON + minutes(900))
    assert [s.length for s in view.periods] == [minutes(10), minutes(7)]
    assert not view.periods[-1].ongoing


def test_a_stay_that_lasts_ends_now():
    view = attempt("Starting", "Training", now=NOON + minutes(25))
    assert (view.periods[-1].length, view.periods[-1].ongoing) == (minutes(15), True)
    assert view.trained == minutes(15)


def test_what_still_lasts_has_no_end_in_the_facts():
    over, lasting = attempt(*OUT_OF_TIME), attempt("Starting", "Training", now=NOON + minutes(25))
    facts = LineageView([over, lasting]).facts
    assert (facts["running"], facts["ended_at"]) == (True, None)
    of_it = facts["attempts"][1]["periods"]
    assert [(s["ended_at"], s["ongoing"]) for s in of_it] == [
        (iso(NOON + minutes(10)), False),
        (None, True),
    ]
    ended = LineageView([over]).facts
    assert (ended["running"], ended["ended_at"]) == (False, iso(over.end))


def test_a_last_word_that_the_head_does_not_know_yet_is_the_end():
    """The recorder puts transitions first: whoever looks in between sees this."""
    running = attempt(*INTERRUPTED_ONCE[:-1]).head
    view = AttemptView(running, story(*INTERRUPTED_ONCE), LATER)
    assert view.head.running
    assert view.end == NOON + minutes(80) == view.periods[-1].end


def test_our_clock_behind_sagemakers_turns_nothing_around():
    view = attempt("Starting", "Training", now=NOON - minutes(5))
    assert view.periods[-1].length == timedelta()


def test_a_transition_before_the_creation_is_on_the_axis():
    late = job(("Starting", "Training"), CreationTime=NOON + minutes(5))
    head = JobRecord.of(late, Attempt(late.id, 1), in_scope=True)
    view = LineageView([AttemptView(head, story("Starting", "Training"), NOON + minutes(30))])
    assert view.begin == NOON


def test_a_deleted_job_ends_with_what_is_known_last():
    view = attempt("Starting", "Training")
    gone = AttemptView(view.head.deleted(), view.timeline, view.now)
    assert (gone.outcome, gone.end) == ("Deleted", NOON + minutes(10))


def test_a_job_of_which_nothing_is_shown_has_an_empty_picture():
    one = job(NEVER_LAUNCHED[:1])
    head = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    view = AttemptView(head, Timeline(), NOON + minutes(1))
    assert (view.periods, view.lost, view.saved) == ((), timedelta(), None)


def test_a_loss_is_exact_only_where_somebody_looked_for_checkpoints():
    unseen, seen = attempt(*OUT_OF_TIME), attempt(*OUT_OF_TIME, saved=())
    assert not LineageView([unseen]).lost_exactly
    assert LineageView([seen]).lost_exactly
    assert LineageView([attempt("Starting")]).lost_exactly
    assert not LineageView([seen, unseen]).lost_exactly


def test_a_loss_begins_with_the_last_checkpoint_before_the_interruption():
    view = attempt(*OUT_OF_TIME, saved=(NOON + minutes(27), NOON + minutes(22)))
    assert [s.lost_from for s in view.periods if s.lost_from] == [
        NOON + minutes(27),
        NOON + minutes(60),
    ]


@pytest.mark.parametrize("recorded", several(), ids=lambda recorded: recorded.root.name)
def test_what_is_read_back_from_the_ledger_is_what_sagemaker_described(recorded):
    books = RecordedLineages()
    view = books.record(recorded)
    assert len(view.attempts) == len(recorded.answers)
    for one, answered in zip(view.attempts, recorded.answers, strict=True):
        shown = [
            Transition(t["StartTime"], t["Status"]) for t in answered["SecondaryStatusTransitions"]
        ]
        assert one.timeline == Timeline(shown)
        held = books.transitions(one.head.id)
        assert held == [(t.status, ms(t.start)) for t in one.timeline]


@given(st.lists(attempts(), min_size=1, max_size=3))
def test_a_lineage_has_the_facts_of_each_attempt(found):
    view = LineageView(found)
    assert [a["job"] for a in view.facts["attempts"]] == [a.head.id.name for a in found]
    assert view.facts["lost_seconds"] == sum((a.lost for a in found), timedelta()).total_seconds()
