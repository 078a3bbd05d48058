"""A job's own timeline shows when its pool had capacity for it, and no more than that."""

from datetime import timedelta

import pytest

from spotter.core.model.timeline import Timeline, Transition
from spotter.core.replay.own_path import (
    Spell,
    SpotAttempt,
    Stretch,
    joined,
    provisioning,
    stretches,
)
from tests.support.generated_accounts import PROVISIONING, generated_account
from tests.support.jobs import INTERRUPTED_ONCE, NEVER_LAUNCHED, NOON, OUT_OF_TIME, minutes, story

AT_CREATION, AGAIN, STAY = Spell.WAIT_AT_CREATION, Spell.WAIT_AFTER_INTERRUPTION, Spell.STAY


def path(*statuses, launch=4, until=600) -> list[Stretch]:
    return stretches(SpotAttempt(story(*statuses), NOON + minutes(until)), NOON, minutes(launch))


def shown(found) -> list[tuple]:
    return [(one.spell, one.begin / 60, one.end / 60, one.ended) for one in found]


def test_capacity_is_there_from_starting_less_provisioning_up_to_the_interruption():
    assert shown(path(*INTERRUPTED_ONCE)) == [
        (AT_CREATION, 0, 6, True),
        (STAY, 6, 30, True),
        (AGAIN, 30, 46, True),
        (STAY, 46, 80, False),
    ]


def test_the_end_of_a_job_is_no_end_of_capacity():
    *_, last = path("Starting", "Downloading", "Training", "Uploading", "Completed")
    assert (last.spell, last.end, last.ended) == (STAY, 40 * 60, False)


def test_a_wait_without_a_launch_is_seen_up_to_where_a_launch_could_hide():
    assert shown(path(*NEVER_LAUNCHED)) == [(AT_CREATION, 0, 6, False)]
    assert shown(path("Starting", until=35)) == [(AT_CREATION, 0, 31, False)]


def test_an_interruption_without_starting_is_a_wait_too():
    found = path(*OUT_OF_TIME)
    assert [one.spell for one in found] == [AT_CREATION, STAY, AGAIN, STAY, AGAIN, STAY]
    assert found[-1].end == 100 * 60, "up to Stopping"


def test_an_interruption_of_a_launch_shows_that_there_was_capacity_before_it():
    """The instance was there for less than the provisioning: half of that is taken."""
    shows = {
        0: "Starting",
        20: "Interrupted",
        21: "Starting",
        23: "Interrupted",
        24: "Starting",
        34: "Training",
    }
    line = Timeline(Transition(NOON + minutes(at), status) for at, status in shows.items())
    assert shown(stretches(SpotAttempt(line, NOON + minutes(60)), NOON, minutes(4))) == [
        (AT_CREATION, 0, 18, True),
        (STAY, 18, 20, True),
        (AGAIN, 20, 21.5, True),
        (STAY, 21.5, 23, True),
        (AGAIN, 23, 30, True),
        (STAY, 30, 60, False),
    ]


def test_capacity_at_once_is_a_wait_of_no_length():
    assert shown(path("Starting", "Training", launch=10, until=30)) == [
        (AT_CREATION, 0, 0, True),
        (STAY, 0, 30, False),
    ]


def test_a_short_gap_between_two_attempts_is_closed_and_a_long_one_is_not():
    first = [Stretch(AT_CREATION, 0, 600, ended=False)]
    soon, later = ([Stretch(AT_CREATION, at, at + 60, ended=True)] for at in (900, 9000))
    assert joined([first, soon])[0].end == 900
    assert joined([first, later])[0].end == 600


def test_provisioning_is_that_of_the_jobs_that_got_capacity_at_once():
    account = generated_account(60)
    paths = [one.path for lineage in account.lineages for one in lineage.attempts]
    assert provisioning(paths) == timedelta(seconds=PROVISIONING)


def test_a_start_after_an_interruption_shows_provisioning_where_no_job_got_capacity_at_once():
    attempt = SpotAttempt(Timeline(
        Transition(NOON + minutes(at), status)
        for at, status in ((0, "Starting"), (60, "Training"), (90, "Interrupted"), (95, "Training"))
    ), NOON + minutes(200))  # fmt: skip
    assert provisioning([attempt]) == minutes(5)


def test_a_path_is_the_truth_wherever_it_is_seen():
    """Of jobs whose pool is known: at each instant within a stretch the pool was as the stretch has it."""
    account = generated_account(40)
    for job, lineage in zip(account.jobs, account.lineages, strict=True):
        [one] = lineage.attempts
        for stretch in stretches(one.path, job.root.created, timedelta(seconds=PROVISIONING)):
            for part in (0.01, 0.5, 0.99):
                at = stretch.begin + part * (stretch.end - stretch.begin)
                if stretch.end > stretch.begin + 1:
                    assert job.trace.at(job.start + at)[0] is stretch.available


@pytest.mark.parametrize("none", [[], [SpotAttempt(story(*NEVER_LAUNCHED), NOON)]])
def test_without_a_launch_no_provisioning_is_known(none):
    assert provisioning(none) == timedelta()
