"""However the sweeps fall, each interruption is recorded once, with what the first sweep after it saw."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.checkpoints import Findings
from spotter.core.checkpoints.found import Checkpoint
from spotter.core.deadline.progress import Save
from spotter.core.ledger.checkpoint_sightings import (
    MOST,
    MOST_SAVES,
    CheckpointSightings,
    SeenInterruption,
)
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.model.timeline import Timeline
from spotter.core.money.repeated_work import RepeatedWork, repeated_work
from spotter.core.record.sightings import (
    RECENT,
    awaits_a_scan,
    may_await_a_scan,
    step_of,
    updated,
)
from tests.support.jobs import INTERRUPTED_ONCE, NOON, OUT_OF_TIME, job, minutes, transitions

MINUTES = st.lists(st.integers(0, 120), max_size=12, unique=True).map(sorted)


def head_at(now, line):
    described_job = job(OUT_OF_TIME)
    head = JobRecord.of(described_job, Attempt(described_job.id, 1), in_scope=True)
    known = Timeline(t for t in line if t.start <= now)
    return known, head.__class__(
        **vars(head) | {"interruptions": len(known.interruptions), "lost": known.work_lost()}
    )


@given(MINUTES, MINUTES)
def test_each_interruption_has_what_the_first_sweep_after_it_saw(sweeps, saves):
    line = Timeline(transitions(OUT_OF_TIME))
    row, saved = None, [NOON + minutes(s) for s in saves]
    for at in sweeps:
        now = NOON + minutes(at)
        known, head = head_at(now, line)
        found = Findings(tuple(Checkpoint(f"{s}", s) for s in saved if s <= now))
        row = updated(row, head, known, found, now) or row
        assert not awaits_a_scan(head, row, now)
    swept = [NOON + minutes(at) for at in sweeps]
    expected = [
        (at, min(s for s in swept if s >= at), max((s for s in saved if s <= at), default=None))
        for at in line.interruptions
        if any(s >= at for s in swept)
    ]
    assert [(o.at, o.seen, o.newest) for o in (row.interruptions if row else ())] == expected


def test_a_checkpoint_that_was_removed_before_the_listing_counts_if_a_sweep_saw_it():
    """Training code keeps its best checkpoint, of long ago, and removes the last one once the next is there."""
    line = Timeline(transitions(OUT_OF_TIME))
    interrupted = line.interruptions[0]
    best, last = interrupted - minutes(9), interrupted - minutes(1)
    before = CheckpointSightings(job(OUT_OF_TIME).id, seen=last + minutes(0.5), newest=last)
    now = interrupted + minutes(20)
    known, head = head_at(now, line)
    found = Findings((Checkpoint("best", best), Checkpoint("next", now)))
    row = updated(before, head, known, found, now)
    assert row.interruptions[0].repeated == minutes(1)
    at_once = CheckpointSightings(before.job, seen=interrupted, newest=interrupted)
    row = updated(at_once, head, known, found, now)
    assert row.interruptions[0].repeated == timedelta()


def test_a_job_that_finished_long_ago_or_has_no_location_awaits_nothing():
    told = job(INTERRUPTED_ONCE)
    head = JobRecord.of(told, Attempt(told.id, 1), in_scope=True)
    assert may_await_a_scan(head, head.ended + RECENT - minutes(1))
    assert not may_await_a_scan(head, head.ended + RECENT)
    without = job(INTERRUPTED_ONCE, CheckpointConfig=None)
    plain = JobRecord.of(without, Attempt(told.id, 1), in_scope=True)
    assert not may_await_a_scan(plain, head.ended)


def test_of_more_interruptions_than_a_row_holds_the_rest_is_a_range():
    line = Timeline(transitions(("Training", "Interrupted") * (MOST + 3)))
    now = line.last.start
    _, head = head_at(now, line)
    row = updated(None, head, line, Findings((Checkpoint("a", NOON),)), now)
    assert len(row.interruptions) == MOST
    assert not awaits_a_scan(head, row, now)
    found = repeated_work(head, row)
    assert found == RepeatedWork(MOST * minutes(10), (MOST + 3) * minutes(10))


def test_without_a_sighting_the_range_is_the_whole_stay_and_without_interruption_nothing():
    _, head = head_at(NOON + minutes(30), Timeline(transitions(OUT_OF_TIME)))
    assert repeated_work(head, None) == RepeatedWork(timedelta(), minutes(10))
    _, before = head_at(NOON + minutes(20), Timeline(transitions(OUT_OF_TIME)))
    assert repeated_work(before, None) == RepeatedWork()
    assert repeated_work(replace(before, lost=None), None) == RepeatedWork()
    assert repeated_work(replace(head, lost=None), None) == RepeatedWork(timedelta(), None)


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("checkpoint-500/", 500),
        ("runs/a/iter_0002500/", 2500),
        ("epoch=3-step=500.ckpt", 500),
        ("step_5/model.pt", 5),
        ("100/", 100),
        ("last.ckpt", None),
        ("20261125/", None),
        ("step-123456789012/", 123456789012),
        ("step-1234567890123/", None),
        ("model_0012.pt", None),
        (f"step-{'9' * 30}.pt", None),
    ],
)
def test_the_step_is_read_from_a_checkpoint_s_name(name, step):
    assert step_of(name) == step


def test_complete_checkpoints_are_remembered_and_what_is_settling_is_not():
    line, head = head_at(NOON + minutes(60), Timeline(transitions(OUT_OF_TIME)))
    one = Checkpoint("checkpoint-10/", NOON + minutes(25))
    other = Checkpoint("checkpoint-20/", NOON + minutes(28))
    first = updated(None, head, line, Findings((one,), settling=other), NOON + minutes(60))
    assert first.saves == (Save(one.written, 10),)
    second = updated(first, head, line, Findings((other,)), NOON + minutes(61))
    assert second.saves == (Save(one.written, 10), Save(other.written, 20))


def test_of_many_checkpoints_the_newest_and_a_part_of_the_older_ones_are_kept():
    line, head = head_at(NOON + minutes(60), Timeline(transitions(OUT_OF_TIME)))
    many = tuple(Checkpoint(f"step-{n}/", NOON + minutes(n / 10)) for n in range(1, 500))
    found = updated(None, head, line, Findings(many), NOON + minutes(60)).saves
    assert len(found) <= MOST_SAVES
    assert found[-50:] == tuple(Save(c.written, n) for n, c in enumerate(many, start=1))[-50:]
    assert found[0].at - NOON < minutes(10)
    assert updated(None, head, line, Findings(many), NOON + minutes(60)).saves == found


def test_of_one_checkpoint_too_many_every_second_of_the_older_half_goes():
    line, head = head_at(NOON + minutes(60), Timeline(transitions(OUT_OF_TIME)))
    many = tuple(Checkpoint(f"step-{n}/", NOON + minutes(n / 10)) for n in range(1, MOST_SAVES + 2))
    found = updated(None, head, line, Findings(many), NOON + minutes(60)).saves
    half = (MOST_SAVES + 1) // 2
    expected = [*range(2, half + 1, 2), *range(half + 1, MOST_SAVES + 2)]
    assert [save.step for save in found] == expected


def test_a_listing_that_shows_nothing_new_is_recorded_every_fifteen_minutes_only():
    line = Timeline(transitions(("Starting", "Training")))
    saved = NOON + minutes(11)
    known = CheckpointSightings(
        job(OUT_OF_TIME).id, seen=saved, newest=saved, saves=(Save(saved, 1),)
    )
    head, found = head_at(saved, line)[1], Findings((Checkpoint("step-1", saved),))
    assert updated(known, head, line, found, saved + minutes(14.9)) is None
    later = updated(known, head, line, found, saved + minutes(15))
    assert later is not None
    assert (later.seen, later.newest) == (saved + minutes(15), saved)


@pytest.mark.parametrize(("hours", "awaits"), [(23, True), (25, False)])
def test_a_finished_job_is_listed_for_a_day(hours, awaits):
    _, head = head_at(NOON + minutes(200), transitions(OUT_OF_TIME))
    assert may_await_a_scan(head, head.ended + timedelta(hours=hours)) is awaits


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_row_holds_so_many_interruptions_and_no_more(left):
    line, head = head_at(NOON + minutes(200), Timeline(transitions(OUT_OF_TIME)))
    earlier = tuple(
        SeenInterruption(NOON - minutes(n), timedelta(), NOON, None)
        for n in range(1, MOST - left + 1)
    )
    before = CheckpointSightings(head.id, interruptions=earlier)
    found = updated(before, head, line, Findings(), NOON + minutes(200))
    assert len(found.interruptions) == MOST - left + min(left, len(line.interruptions))


def test_a_job_that_begins_with_an_interruption_had_not_trained_before_it():
    line = Timeline(transitions(("Interrupted", "Starting", "Training")))
    _, head = head_at(NOON + minutes(30), line)
    [one] = updated(None, head, line, Findings(), NOON + minutes(30)).interruptions
    assert (one.at, one.trained) == (NOON, timedelta())
