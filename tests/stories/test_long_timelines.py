"""A timeline of thousands of transitions that nobody has seen is recorded over several deliveries."""

from datetime import timedelta

import pytest

from spotter.core.ledger import row_keys
from spotter.core.model.hints import Hint
from spotter.core.model.timeline import ORDER
from tests.support.jobs import NOON
from tests.support.spotter_in_one_process import Killed, SpotterInOneProcess

MANY, AT_A_TIME = 3000, 700
HINT = Hint(("long",))


def long(world: SpotterInOneProcess) -> SpotterInOneProcess:
    """A job that SageMaker shows with thousands of transitions, and none of whose events arrived."""
    world.weather = lambda entry: []
    world.create("long")
    world.create("short")
    shown = [
        {"Status": ORDER[n % 9], "StartTime": NOON + timedelta(seconds=n), "StatusMessage": ""}
        for n in range(MANY)
    ]
    world.distort(
        "describe_training_job",
        lambda answer: answer | {"SecondaryStatusTransitions": shown},
        "long",
    )
    return world


def transitions(world: SpotterInOneProcess) -> int:
    return sum(row[row_keys.SK].startswith("AT#") for row in world.rows())


def cut_off(world: SpotterInOneProcess, puts: int) -> None:
    """One delivery whose function runs out of time after so many puts."""
    world.stream.puts, world.stream.die_after = 0, puts
    with pytest.raises(Killed):
        world.recorder.record([HINT])


def test_every_delivery_goes_on_where_the_last_one_was_cut_off(new_world):
    world = long(new_world())
    seen = []
    for _ in range(MANY // AT_A_TIME):
        cut_off(world, AT_A_TIME)
        seen.append(transitions(world))
    assert seen == [AT_A_TIME * n for n in range(1, 5)]
    assert "long" not in world.heads()
    tried, put = [], world.stream.client.put_item
    world.stream.client.put_item = lambda **request: tried.append(request) or put(**request)
    (look,) = world.recorder.record([HINT])
    assert (look.error, look.fresh) == (None, MANY - seen[-1] + 1)
    assert len(tried) <= look.fresh + 2, "what was there is not tried again"
    assert world.heads()["long"].recorded == MANY


def test_a_long_timeline_keeps_the_other_jobs_of_its_batch_waiting_for_nothing(new_world):
    world = long(new_world())
    world.stream.die_after = AT_A_TIME
    with pytest.raises(Killed):
        world.recorder.record([HINT, Hint(("short",))])
    assert "short" in world.heads()


def test_once_it_is_recorded_describing_it_again_costs_what_is_new(new_world):
    world = long(new_world())
    world.recorder.record([HINT])
    world.stream.puts = 0
    world.recorder.record([HINT])
    assert world.stream.puts == 0
