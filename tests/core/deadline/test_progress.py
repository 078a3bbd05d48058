"""What is saved is the training before the last complete checkpoint of each stay, over all attempts."""

from datetime import timedelta

from spotter.core.deadline.progress import Save, lineage_progress
from spotter.core.model.timeline import Timeline, Transition
from tests.support.jobs import NOON, minutes


def line(*stays: tuple[float, str]) -> Timeline:
    return Timeline(Transition(NOON + minutes(at), status) for at, status in stays)


def saves(*found: tuple[float, int | None]) -> list[Save]:
    return [Save(NOON + minutes(at), step) for at, step in found]


INTERRUPTED = line((0, "Starting"), (10, "Training"), (60, "Interrupted"), (70, "Training"))


def test_training_after_the_last_checkpoint_of_a_stay_is_not_saved():
    found = lineage_progress([INTERRUPTED], saves((30, None), (50, None)), NOON + minutes(90))
    assert (found.progress.saved, found.unsaved) == (minutes(40), minutes(20))
    later = lineage_progress(
        [INTERRUPTED], saves((30, None), (50, None), (85, None)), NOON + minutes(90)
    )
    assert (later.progress.saved, later.unsaved) == (minutes(55), minutes(5))
    assert later.newest == NOON + minutes(85)


def test_attempts_add_up():
    first = line((0, "Training"), (60, "Interrupted"), (65, "Stopped"))
    second = line((70, "Starting"), (80, "Training"), (100, "Uploading"), (101, "Completed"))
    found = lineage_progress([second, first], saves((50, 5), (95, 8)), NOON + minutes(200))
    assert (found.progress.saved, found.unsaved) == (minutes(65), timedelta())


def test_without_a_checkpoint_nothing_is_saved():
    found = lineage_progress([INTERRUPTED], [], NOON + minutes(90))
    assert (found.progress.saved, found.newest, found.gaps) == (timedelta(), None, ())
    assert found.unsaved == minutes(20)


def test_steps_are_compared_within_one_stay():
    found = lineage_progress(
        [INTERRUPTED], saves((20, 100), (40, 300), (80, 400), (90, 500)), NOON + minutes(95)
    )
    assert found.progress.step == 500
    assert found.progress.paces == (minutes(20) / 200, minutes(10) / 100)


def test_a_script_that_counts_anew_gives_no_negative_pace():
    found = lineage_progress([INTERRUPTED], saves((20, 300), (40, 100)), NOON + minutes(45))
    assert (found.progress.paces, found.progress.step) == ((), 100)


def test_a_single_step_between_two_checkpoints_has_a_pace_and_none_has_none():
    found = lineage_progress([INTERRUPTED], saves((20, 7), (30, 8), (40, 8)), NOON + minutes(45))
    assert found.progress.paces == (minutes(10),)


def test_a_name_that_counts_nanoseconds_gives_no_pace_of_zero():
    found = lineage_progress([INTERRUPTED], saves((20, 0), (40, 10**18)), NOON + minutes(45))
    assert found.progress.paces == ()


def test_the_time_to_the_first_checkpoint_of_a_stay_is_a_gap_too():
    found = lineage_progress([INTERRUPTED], saves((25, None), (45, None)), NOON + minutes(50))
    assert found.gaps == (minutes(15), minutes(20))


def test_a_checkpoint_of_the_very_instant_of_the_look_counts():
    found = lineage_progress([INTERRUPTED], saves((30, 3), (40, 5)), NOON + minutes(40))
    assert (found.progress.step, found.newest) == (5, NOON + minutes(40))


def test_a_checkpoint_that_is_newer_than_the_look_is_left_out():
    found = lineage_progress([INTERRUPTED], saves((30, 3), (50, 5)), NOON + minutes(40))
    assert (found.progress.saved, found.progress.step) == (minutes(20), 3)


def test_steps_count_from_zero():
    for step, paces in ((0, ()), (10, (minutes(1),))):
        found = lineage_progress([INTERRUPTED], saves((20, 0), (30, step)), NOON + minutes(45))
        assert found.progress.paces == paces
