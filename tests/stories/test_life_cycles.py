"""Each documented life cycle is in the ledger exactly, whatever becomes of its events."""

import itertools
import random

import pytest

from laptop.market.spot import (
    INTERRUPTED_ONCE,
    NEVER_LAUNCHED,
    OUT_OF_TIME,
    UNINTERRUPTED,
    Script,
)
from spotter.core import rows
from tests import telling
from tests.world import Killed, World

SCRIPTED = {
    telling.UNINTERRUPTED: UNINTERRUPTED,
    telling.INTERRUPTED_ONCE: INTERRUPTED_ONCE,
    telling.OUT_OF_TIME: OUT_OF_TIME,
    telling.NEVER_LAUNCHED: NEVER_LAUNCHED,
}
NAMES = ("uninterrupted", "interrupted once", "out of time", "never launched")
cycles = pytest.mark.parametrize(("cycle", "script"), SCRIPTED.items(), ids=NAMES)


def lived(world: World, script: Script) -> World:
    """A job that goes through a script, and ends."""
    world.script("*", script)
    limits = {"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 100}
    world.create("nightly-7", HyperParameters={}, StoppingCondition=limits)
    world.pass_time(120)
    return world


@cycles
def test_a_life_cycle_is_recorded_as_it_happened(world, cycle, script):
    told = lived(world(), script)
    assert told.statuses("nightly-7") == cycle
    assert told.differences() == []


@cycles
def test_doubled_and_disordered_events_change_nothing(world, cycle, script):
    told = world()
    rng, late = random.Random(7), []

    def weather(entry):
        late.extend([entry, entry])
        rng.shuffle(late)
        return [late.pop() for _ in range(rng.randint(0, len(late)))]

    told.weather = weather
    lived(told, script)
    for entry in late:
        told.weather = lambda e: [e]
        told._emit(entry)
    told.settle()
    assert told.statuses("nightly-7") == cycle
    assert told.differences() == []


@cycles
def test_events_that_are_all_lost_are_made_good_by_the_sweep_alone(world, cycle, script):
    told = world()
    told.weather = lambda entry: []
    lived(told, script)
    assert told.heads() == {}
    told.sweep()
    assert told.statuses("nightly-7") == cycle
    assert told.differences() == []


@cycles
def test_a_recorder_that_dies_after_any_put_is_made_good(world, cycle, script):
    for after in itertools.count():
        told = world()
        told.weather = lambda entry: []
        lived(told, script)
        told.stream.die_after = told.stream.puts + after
        try:
            told.sweep()
        except Killed:
            told.sweep()
            assert told.statuses("nightly-7") == cycle
            assert told.differences() == []
        else:
            assert after >= len(cycle) + 1
            return


@cycles
def test_every_subset_of_lost_events_converges_within_two_sweeps(world, cycle, script):
    rng = random.Random(len(cycle))
    for _ in range(5):
        told = world()
        told.weather = lambda entry: [entry] if rng.random() < 0.5 else []
        lived(told, script)
        told.sweep()
        told.sweep()
        assert told.statuses("nightly-7") == cycle


def test_a_repeated_look_puts_nothing(world):
    told = lived(world(), INTERRUPTED_ONCE)
    before, puts = told.rows(), told.stream.puts
    told.events.append(
        {"body": '{"look": "nightly-7", "account": "111122223333", "region": "us-east-1"}'}
    )
    told.settle()
    assert told.rows() == before
    assert told.stream.puts == puts


def test_a_name_that_is_used_again_is_another_job(world):
    told = lived(world(), UNINTERRUPTED)
    told.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    lived(told, INTERRUPTED_ONCE)
    heads = [row for row in told.rows() if row[rows.SK].startswith("HEAD#")]
    assert len(heads) == 2
    assert told.differences() == []


def test_a_job_that_is_not_on_spot_leaves_a_head_and_nothing_else(world):
    told = world()
    limits = {"MaxRuntimeInSeconds": 80}
    told.create("plain", EnableManagedSpotTraining=False, StoppingCondition=limits)
    told.pass_time(30)
    assert [row[rows.SK].partition("#")[0] for row in told.rows()] == ["HEAD"]
    assert list(told.ledger.open()) == []
