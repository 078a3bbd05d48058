"""A timeline of thousands of transitions that nobody has seen is recorded over several deliveries."""

from datetime import timedelta

import pytest

from spotter.core import rows
from spotter.core.hints import Hint
from spotter.core.timeline import ORDER
from tests.telling import NOON
from tests.world import Killed, World

MANY, AT_A_TIME = 3000, 700
HINT = Hint(("long",))


def long(told: World) -> World:
    """A job that SageMaker shows with thousands of transitions, and none of whose events arrived."""
    told.weather = lambda entry: []
    told.create("long")
    told.create("short")
    shown = [
        {"Status": ORDER[n % 9], "StartTime": NOON + timedelta(seconds=n), "StatusMessage": ""}
        for n in range(MANY)
    ]
    told.distort(
        "describe_training_job",
        lambda answer: answer | {"SecondaryStatusTransitions": shown},
        "long",
    )
    return told


def transitions(told: World) -> int:
    return sum(row[rows.SK].startswith("AT#") for row in told.rows())


def cut_off(told: World, puts: int) -> None:
    """One delivery whose function runs out of time after so many puts."""
    told.stream.puts, told.stream.die_after = 0, puts
    with pytest.raises(Killed):
        told.recorder.look_at([HINT])


def test_every_delivery_goes_on_where_the_last_one_was_cut_off(world):
    told = long(world())
    seen = []
    for _ in range(MANY // AT_A_TIME):
        cut_off(told, AT_A_TIME)
        seen.append(transitions(told))
    assert seen == [AT_A_TIME * n for n in range(1, 5)]
    assert "long" not in told.heads()
    tried, put = [], told.stream.client.put_item
    told.stream.client.put_item = lambda **asked: tried.append(asked) or put(**asked)
    (look,) = told.recorder.look_at([HINT])
    assert (look.error, look.fresh) == (None, MANY - seen[-1] + 1)
    assert len(tried) <= look.fresh + 2, "what was there is not tried again"
    assert told.heads()["long"].recorded == MANY


def test_a_long_timeline_keeps_the_other_jobs_of_its_batch_waiting_for_nothing(world):
    told = long(world())
    told.stream.die_after = AT_A_TIME
    with pytest.raises(Killed):
        told.recorder.look_at([HINT, Hint(("short",))])
    assert "short" in told.heads()


def test_once_it_is_recorded_a_look_costs_what_is_new(world):
    told = long(world())
    told.recorder.look_at([HINT])
    told.stream.puts = 0
    told.recorder.look_at([HINT])
    assert told.stream.puts == 0
