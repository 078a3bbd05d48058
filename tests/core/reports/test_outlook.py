"""Every state of a job has an outlook: one word, and a reason that names the cause."""

from dataclasses import replace
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.deadline.figures import DeadlineFigures
from spotter.core.deadline.hand_over import Phase
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.ledger.checkpoint_sightings import CheckpointSightings, SeenInterruption
from spotter.core.ledger.deadline import DeadlineRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt
from spotter.core.model.timeline import ORDER
from spotter.core.reports.outlook import OutlookCase, OutlookWord, needs_sightings, outlook
from spotter.core.reports.outlook.rules import RULES, it_cannot_finish_by_its_deadline
from spotter.core.reports.outlook.words import MEANINGS, RISKY
from tests.support.generated_fleets import generated_fleet
from tests.support.generated_lineages import attempts
from tests.support.jobs import NOON, job

HOUR = timedelta(hours=1)
BIRTH = NOON - 10 * HOUR


def head(**more) -> JobRecord:
    """A spot job in Training for four hours, with a checkpoint location and a day for everything."""
    one = job(("Starting", "Downloading", "Training"))
    made = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    known = {
        "id": replace(one.id, created=BIRTH),
        "since": NOON - 4 * HOUR,
        "modified": NOON - 4 * HOUR,
        "trained": timedelta(),
        "max_runtime": 24 * HOUR,
        "max_wait": 48 * HOUR,
    }
    return replace(made, **known | more)


def waiting(**more) -> JobRecord:
    since = {"since": NOON - 2 * HOUR, "waiting_since": NOON - 2 * HOUR, "secondary": "Starting"}
    return head(**since | more)


def seen(newest: float | None = None, ago: float = 0.1, *interrupted: float) -> CheckpointSightings:
    """What a sweep saw so many hours ago: the newest checkpoint, and interruptions that found none newer."""
    at = None if newest is None else NOON - newest * HOUR
    gone = tuple(SeenInterruption(NOON - h * HOUR, HOUR, NOON, at) for h in interrupted)
    return CheckpointSightings(head().id, NOON - ago * HOUR, at, gone)


def text(one: JobRecord, known: CheckpointSightings | None = None, zone=UTC, **more) -> str:
    return outlook(OutlookCase(one, NOON, known, **more)).text(NOON, zone)


def dated(phase: Phase, hand_over: float | None, soonest: float = 1, **more) -> DeadlineRecord:
    """A lineage that is to finish in nine hours; instants are in hours from now."""
    figures = DeadlineFigures(
        seen=NOON,
        phase=phase,
        slack=HOUR,
        remaining=HOUR,
        source="needs",
        basis="",
        step="stay",
        reason="",
        soonest=NOON + soonest * HOUR,
        hand_over_at=None if hand_over is None else NOON + hand_over * HOUR,
    )
    terms = DeadlineTerms(NOON + 9 * HOUR, "9 h after its creation", "nightly-*")
    held = {"figures": figures, "acts": True} | more
    return DeadlineRecord(head().id, Attempt(head().id, 1), "print", terms, **held)


@pytest.mark.parametrize(
    ("one", "deadline", "shown"),
    [
        (
            waiting(),
            dated(Phase.WAITING, 4),
            "waiting 2 h (limit in 1 d 14 h), hands over at 16:00",
        ),
        (
            waiting(),
            dated(Phase.WAITING, -1),
            "waiting 2 h (limit in 1 d 14 h), hands over at 12:00",
        ),
        (
            waiting(),
            dated(Phase.WAITING, 4, acts=False),
            "waiting 2 h (limit in 1 d 14 h), would hand over at 16:00",
        ),
        (head(), dated(Phase.TRAINING, 4), "on track (checkpoints not listed), finish by 21:00"),
        (head(spot=False), dated(Phase.ON_DEMAND, None), "on track, finish by 21:00"),
        (head(), dated(Phase.TRAINING, 4, soonest=10), "at risk: cannot finish by 21:00"),
        (waiting(), dated(Phase.WAITING, 0, soonest=10), "at risk: cannot finish by 21:00"),
        (head(), dated(Phase.TRAINING, 4, figures=None), "on track (checkpoints not listed)"),
        (
            head(status="Stopping", secondary="Stopping"),
            dated(Phase.STOPPING, 0),
            "stopping, hands over at 12:00",
        ),
        (
            head(status="Stopping", secondary="Stopping"),
            dated(Phase.STOPPING, None, soonest=10),
            "stopping, finish by 21:00",
        ),
    ],
)
def test_a_lineage_with_a_deadline_says_how_it_stands(one, deadline, shown):
    assert text(one, dated=deadline) == shown


def test_the_deadline_is_in_the_facts_and_null_where_there_is_none():
    found = outlook(OutlookCase(waiting(), NOON, dated=dated(Phase.WAITING, 4))).facts
    assert (found["finish_by"], found["hand_over_at"]) == (
        "2026-11-23T21:00:00.000Z",
        "2026-11-23T16:00:00.000Z",
    )
    none = outlook(OutlookCase(waiting(), NOON)).facts
    assert (none["finish_by"], none["hand_over_at"]) == (None, None)


STATES = [
    (head(), seen(0.5), "on track"),
    (head(), None, "on track (checkpoints not listed)"),
    (head(since=NOON - HOUR / 2), None, "on track"),
    (head(spot=False), None, "on track"),
    (head(secondary="Downloading"), None, "on track (downloading)"),
    (head(secondary="Updating"), None, "on track (updating)"),
    (head(secondary="Uploading"), None, "on track (uploading)"),
    (waiting(), None, "waiting 2 h (limit in 1 d 14 h)"),
    (waiting(secondary="Interrupted"), None, "waiting 2 h (limit in 1 d 14 h)"),
    (waiting(secondary="Restarting"), None, "waiting 2 h (limit in 1 d 14 h)"),
    (waiting(secondary="Pending", spot=False), None, "waiting 2 h"),
    (waiting(max_wait=None), None, "waiting 2 h"),
    (waiting(max_wait=12 * HOUR), None, "at risk: MaxWaitTimeInSeconds ends in 2 h"),
    (waiting(max_wait=11 * HOUR), None, "will be stopped at 13:00 (MaxWaitTimeInSeconds)"),
    (waiting(max_wait=9 * HOUR), None, "unknown: MaxWaitTimeInSeconds ended 1 h ago"),
    (head(max_runtime=4.4 * HOUR), seen(0.5), "will be stopped at 12:24 (MaxRuntimeInSeconds)"),
    (head(max_runtime=5 * HOUR), seen(0.5), "on track"),
    (head(max_runtime=5 * HOUR), None, "on track (checkpoints not listed)"),
    (head(max_runtime=5 * HOUR, spot=False, checkpoint=None), None, "at risk: MaxRuntimeInSeconds ends in 1 h"),
    (head(trained=HOUR, max_runtime=5 * HOUR), seen(0.5), "will be stopped at 12:00 (MaxRuntimeInSeconds)"),
    (head(), seen(3), "at risk: no checkpoint for 2 h 54 min"),
    (head(), seen(None), "at risk: no checkpoint for 3 h 54 min"),
    (head(since=NOON - HOUR / 2), seen(3), "on track"),
    (head(checkpoint=None), None, "at risk: no checkpoint location, trained 4 h"),
    (head(checkpoint=None, since=NOON - HOUR / 2), None, "on track"),
    (head(checkpoint=None, interruptions=1, since=NOON), None, "at risk: interrupted once, no checkpoint location"),
    (head(checkpoint=None, spot=False), None, "on track"),
    (head(interruptions=3), seen(9, 0.1, 8, 7, 6), "at risk: interrupted 3 times, no new checkpoint"),
    (head(interruptions=3), seen(None, 0.1, 8, 7, 6), "at risk: interrupted 3 times, no new checkpoint"),
    (head(interruptions=3, waited=5 * HOUR), seen(0.5), "at risk: interrupted 3 times, waited 5 h, trained 4 h"),
    (head(interruptions=2, waited=5 * HOUR), seen(0.5), "on track"),
    (head(status="Stopping", secondary="Stopping", since=NOON), None, "stopping"),
    (head(status="Stopping", secondary="Stopping", since=NOON, max_wait=10 * HOUR), None, "stopping (MaxWaitTimeInSeconds)"),
    (head(secondary="MaxWaitTimeExceeded"), None, "stopping (MaxWaitTimeExceeded)"),
    (head(secondary="Teleporting"), None, "unknown: status Teleporting"),
    (head(status="Completed", ending=Ending.COMPLETED), None, "finished (completed)"),
    (head(status="Deleting", ending=Ending.DELETED), None, "deleted"),
    (head(gone=True), None, "deleted"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "known", "expected"), STATES, ids=[text for *_, text in STATES])
def test_a_state_has_this_outlook(one, known, expected):
    assert text(one, known) == expected


def test_unknown_is_not_zero_and_zero_is_not_absent():
    """Never listed, listed without a checkpoint, no location: three outlooks."""
    never, none, nowhere = text(head()), text(head(), seen(None)), text(head(checkpoint=None))
    assert len({never, none, nowhere}) == 3
    assert never.startswith("on track")
    refused = CheckpointSightings(head().id)
    assert text(head(), refused) == never


def test_a_record_that_no_sweep_has_confirmed_lately_is_neither_on_track_nor_waiting():
    for one in (head(), waiting()):
        assert text(one, swept=NOON - HOUR) == "unknown: no sweep for 1 h"
        assert not text(one, swept=NOON - HOUR / 4).startswith("unknown")
    fresh = head(modified=NOON - HOUR / 4)
    assert text(fresh, swept=NOON - HOUR).startswith("on track"), "an event came since"
    assert text(head(), seen(3), swept=NOON - HOUR).startswith("at risk"), "a risk stays one"


def test_the_policys_limit_replaces_an_hour():
    assert text(head(), seen(3), quiet=3 * HOUR) == "on track"
    assert text(head(checkpoint=None), quiet=5 * HOUR) == "on track"


def test_an_instant_is_in_the_readers_zone_and_has_its_date_on_another_day():
    late = head(max_wait=20 * HOUR, max_runtime=4.4 * HOUR)
    kolkata = ZoneInfo("Asia/Kolkata")
    assert text(late, zone=kolkata) == "will be stopped at 17:54 (MaxRuntimeInSeconds)"
    tomorrow = waiting(id=replace(head().id, created=NOON - 100 * HOUR), max_wait=110 * HOUR)
    tomorrow = replace(tomorrow, max_wait=111 * HOUR)
    assert text(tomorrow, zone=kolkata) == "will be stopped at 11-24 04:30 (MaxWaitTimeInSeconds)"


def test_facts_hold_the_same_as_the_text():
    found = outlook(OutlookCase(waiting(max_wait=11 * HOUR), NOON)).facts
    assert found == {
        "word": "will be stopped",
        "reason": "MaxWaitTimeInSeconds ends in 1 h",
        "at_risk": True,
        "stopped_at": "2026-11-23T13:00:00.000Z",
        "limit": "MaxWaitTimeInSeconds",
        "finish_by": None,
        "hand_over_at": None,
    }


@pytest.mark.parametrize("secondary", [*ORDER, "Teleporting"])
@pytest.mark.parametrize("status", ["InProgress", "Stopping", "Quiesced"])
@pytest.mark.parametrize("spot", [True, False])
def test_every_pair_of_statuses_has_an_outlook(status, secondary, spot):
    found = outlook(OutlookCase(head(status=status, secondary=secondary, spot=spot), NOON))
    assert found.text(NOON, UTC)
    assert found.word not in (OutlookWord.FINISHED, OutlookWord.DELETED)


@given(attempts(), st.sampled_from([None, *(known for _, known, _ in STATES if known)]))
def test_whatever_sagemaker_shows_there_is_an_outlook(view, known):
    case = OutlookCase(view.head, view.now, known, view.now - HOUR)
    found = outlook(case)
    assert found.text(view.now, UTC)
    assert (found.word in (OutlookWord.FINISHED, OutlookWord.DELETED)) is not view.head.running


def test_every_rule_gives_the_word_that_its_row_in_the_documentation_names():
    given_by = {}
    for one, known, _ in STATES:
        answers = ((rule, rule(OutlookCase(one, NOON, known))) for rule in RULES)
        rule, found = next((rule, found) for rule, found in answers if found)
        assert found.word is RULES[rule]
        given_by[rule] = found
    late = OutlookCase(head(), NOON, dated=dated(Phase.TRAINING, 4, soonest=10))
    found = it_cannot_finish_by_its_deadline(late)
    assert found.word is RULES[it_cannot_finish_by_its_deadline]
    others = [rule.__name__ for rule in RULES if rule not in given_by]
    assert others == ["it_cannot_finish_by_its_deadline", "no_sweep_finished_lately"]
    assert set(MEANINGS) == set(OutlookWord)


def test_at_every_transition_of_a_thousand_jobs_there_is_an_outlook_and_the_words_are_all_used():
    words = set()
    for one in generated_fleet(1000, seed=1):
        for record in one.described:
            found = outlook(OutlookCase(record, record.since or record.modified))
            assert found.text(record.modified, UTC)
            words.add(found.word)
    assert {"on track", "waiting", "stopping", "finished", "will be stopped", "at risk"} <= words


def test_jobs_that_sagemaker_stops_at_a_limit_were_announced_before():
    """By construction nine tenths of a limit pass before its end; a sweep every five minutes sees that."""
    ended = [
        job for job in generated_fleet(300, seed=2) if job.ending in ("MaxWaitTimeExceeded", "NeverLaunched", "MaxRuntimeExceeded")
    ]  # fmt: skip
    warned = 0
    for one in ended:
        last = [s for s in one.seen_by_sweeps() if s.now <= one.last_running]
        warned += bool(last) and last[-1].outlook.word in RISKY
    assert len(ended) > 50
    assert warned / len(ended) > 0.95


def test_only_jobs_that_a_sweep_may_have_listed_need_a_second_read():
    assert needs_sightings(head(), NOON)
    assert needs_sightings(waiting(interruptions=3), NOON)
    for one in (
        waiting(),
        head(checkpoint=None),
        head(spot=False),
        head(since=NOON),
        head(gone=True),
    ):
        assert not needs_sightings(one, NOON)
