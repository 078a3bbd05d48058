"""What remains is known from the best source there is, and each answer names its source."""

from datetime import timedelta

from spotter.core.deadline.remaining import Progress, RemainingSource, remaining
from spotter.core.deadline.terms import DeadlineTerms
from tests.support.jobs import NOON


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


PACES = (timedelta(seconds=2),) * 4
MEASURED = Progress(saved=hours(1), step=400, paces=PACES)


def terms(**more: object) -> DeadlineTerms:
    return DeadlineTerms(NOON + hours(12), "12 h after its creation", "nightly-*", **more)


def test_the_steps_in_the_checkpoint_s_name_come_first():
    found = remaining(terms(steps=1000, needs=hours(6)), MEASURED, (hours(9),) * 5, hours(24))
    assert found.source is RemainingSource.STEPS
    assert found.length == timedelta(seconds=600 * 2 * 1.03)
    assert found.words == (
        "600 of 1,000 steps are left, at a measured 2 s a step (p90 of 4), and 3 % more"
    )


def test_the_pace_is_the_p90_so_that_one_slow_step_in_ten_counts():
    paces = (*(timedelta(seconds=n) for n in range(1, 11)),)
    found = remaining(terms(steps=500), Progress(step=400, paces=paces))
    assert found.length == timedelta(seconds=100 * 9 * 1.03)


def test_without_a_measured_pace_the_stated_needs_count_times_1_2():
    for progress in (Progress(saved=hours(1)), Progress(saved=hours(1), step=400)):
        found = remaining(terms(steps=1000, needs=hours(6)), progress, (hours(9),) * 5, hours(24))
        assert (found.source, found.length) == (RemainingSource.NEEDS, hours(6.2))
    assert found.words == "6 h are stated, times 1.2, and 1 h are in checkpoints"


def test_without_stated_needs_five_completed_lineages_are_enough():
    five = tuple(map(hours, (4, 5, 6, 7, 8)))
    found = remaining(terms(), Progress(saved=hours(1)), five, hours(24))
    assert (found.source, found.length) == (RemainingSource.LINEAGES, hours(7))
    assert "p90 of 5 completed lineages" in found.words
    four = remaining(terms(), Progress(saved=hours(1)), five[:4], hours(24))
    assert (four.source, four.length) == (RemainingSource.MAX_RUNTIME, hours(23))


def test_a_job_without_a_limit_may_train_for_a_day_as_sagemaker_says():
    found = remaining(terms(), Progress(saved=hours(1)))
    assert (found.source, found.length) == (RemainingSource.MAX_RUNTIME, hours(23))


def test_a_source_that_is_used_up_was_wrong_and_the_next_one_counts():
    done = Progress(saved=hours(8))
    stated = terms(needs=hours(6))
    assert remaining(stated, done, (hours(9),) * 5).source is RemainingSource.LINEAGES
    assert remaining(stated, done, (hours(7),) * 5).source is RemainingSource.MAX_RUNTIME
    beyond = Progress(saved=hours(1), step=1001, paces=PACES)
    assert remaining(terms(steps=1000, needs=hours(6)), beyond).source is RemainingSource.NEEDS


def test_the_last_step_leaves_nothing_and_only_the_last_source_is_cut_at_zero():
    last = Progress(saved=hours(1), step=1000, paces=PACES)
    assert remaining(terms(steps=1000), last).length == timedelta()
    assert remaining(terms(), Progress(saved=hours(25))).length == timedelta()
