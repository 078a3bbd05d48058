"""What timelines show of starts, launches, uploads and checkpoints."""

from datetime import timedelta

from spotter.core.deadline.observed import SeenJob, observations
from spotter.core.deadline.progress import Save
from spotter.core.model.timeline import Timeline, Transition
from tests.support.jobs import NOON, minutes


def job(*stays: tuple[float, str], spot: bool = True, saves: tuple[float, ...] = ()) -> SeenJob:
    line = Timeline(Transition(NOON + minutes(at), status) for at, status in stays)
    return SeenJob(NOON, spot, line, tuple(Save(NOON + minutes(at)) for at in saves))


def seen(*jobs: SeenJob):
    return observations(jobs, NOON + minutes(1000))


def test_an_on_demand_start_is_from_creation_to_training():
    one = job((1, "Starting"), (4, "Downloading"), (6, "Training"), (9, "Completed"), spot=False)
    never = job((0, "Starting"), (20, "Failed"), spot=False)
    assert seen(one, never).start_on_demand == (minutes(6),)
    assert seen(one).launch == ()


def test_a_launch_on_spot_is_what_follows_a_wait_and_the_provisioning_of_the_quickest():
    quick = job((0, "Starting"), (2, "Downloading"), (5, "Training"), (50, "Uploading"))
    slow = job((0, "Starting"), (300, "Downloading"), (301, "Training"), (310, "Stopped"))
    assert seen(quick, slow).launch == (minutes(5), minutes(3))
    assert seen(quick).start_on_demand == ()


def test_each_launch_after_an_interruption_counts():
    one = job(
        (0, "Starting"), (2, "Downloading"), (5, "Training"), (20, "Interrupted"), (21, "Starting"),
        (41, "Downloading"), (42, "Training"), (60, "Interrupted"), (61, "Starting"),
    )  # fmt: skip
    assert seen(one).launch == (minutes(5), minutes(3))


def test_a_wait_lasts_from_its_first_status_to_the_launch():
    one = job(
        (0, "Starting"), (3, "Pending"), (9, "Downloading"), (11, "Training"), (30, "Stopped")
    )
    assert seen(one).launch == (minutes(11),)


def test_a_launch_that_was_interrupted_before_training_is_none():
    one = job((0, "Starting"), (2, "Downloading"), (3, "Interrupted"), (9, "Starting"))
    assert seen(one).launch == ()


def test_uploads_and_checkpoints_are_measured_where_they_are_seen():
    one = job(
        (0, "Starting"), (5, "Training"), (65, "Uploading"), (68, "Completed"), saves=(25, 55)
    )
    lasting = job((0, "Training"), (9, "Uploading"))
    found = seen(one, lasting)
    assert (found.upload, found.checkpoint_gap) == ((minutes(3),), (minutes(20), minutes(30)))


def test_a_hundred_of_each_kind_are_enough():
    many = [job((0, "Starting"), (1, "Training"), spot=False)] * 150
    assert seen(*many).start_on_demand == (timedelta(minutes=1),) * 100
