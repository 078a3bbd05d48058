"""Each documented life cycle is in the ledger exactly, whatever becomes of its events."""

import itertools
import random

import pytest

from laptop.simulated_sagemaker.spot_market import (
    INTERRUPTED_ONCE,
    NEVER_LAUNCHED,
    OUT_OF_TIME,
    UNINTERRUPTED,
    Script,
)
from spotter.core.ledger import row_keys
from tests.support import jobs
from tests.support.spotter_in_one_process import Killed, SpotterInOneProcess

SCRIPTED = {
    jobs.UNINTERRUPTED: UNINTERRUPTED,
    jobs.INTERRUPTED_ONCE: INTERRUPTED_ONCE,
    jobs.OUT_OF_TIME: OUT_OF_TIME,
    jobs.NEVER_LAUNCHED: NEVER_LAUNCHED,
}
NAMES = ("uninterrupted", "interrupted once", "out of time", "never launched")
cycles = pytest.mark.parametrize(("cycle", "script"), SCRIPTED.items(), ids=NAMES)


def lived(world: SpotterInOneProcess, script: Script) -> SpotterInOneProcess:
    """A job that goes through a script, and ends."""
    world.script("*", script)
    limits = {"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 100}
    world.create("nightly-7", HyperParameters={}, StoppingCondition=limits)
    world.pass_time(120)
    return world


@cycles
def test_a_life_cycle_is_recorded_as_it_happened(new_world, cycle, script):
    world = lived(new_world(), script)
    assert world.statuses("nightly-7") == cycle
    assert world.differences() == []


@pytest.mark.shows("disordered events", "each event twice, late and shuffled")
@cycles
def test_doubled_and_disordered_events_change_nothing(new_world, cycle, script):
    world = new_world()
    rng, late = random.Random(7), []

    def weather(entry):
        late.extend([entry, entry])
        rng.shuffle(late)
        return [late.pop() for _ in range(rng.randint(0, len(late)))]

    world.weather = weather
    lived(world, script)
    for entry in late:
        world.weather = lambda e: [e]
        world._emit(entry)
    world.settle()
    assert world.statuses("nightly-7") == cycle
    assert world.differences() == []


@pytest.mark.shows("lost events", "all events of a life cycle")
@cycles
def test_events_that_are_all_lost_are_made_good_by_the_sweep_alone(new_world, cycle, script):
    world = new_world()
    world.weather = lambda entry: []
    lived(world, script)
    assert world.heads() == {}
    world.sweep()
    assert world.statuses("nightly-7") == cycle
    assert world.differences() == []


@pytest.mark.shows("lost answers", "record dies after any of its puts")
@cycles
def test_a_recorder_that_dies_after_any_put_is_made_good(new_world, cycle, script, proof):
    for after in itertools.count():
        world = new_world()
        world.weather = lambda entry: []
        lived(world, script)
        world.stream.die_after = world.stream.puts + after
        try:
            world.sweep()
        except Killed:
            world.sweep()
            proof.count(tries=1, fired=1)
            assert world.statuses("nightly-7") == cycle
            assert world.differences() == []
        else:
            assert after >= len(cycle) + 1
            return


@pytest.mark.shows("lost events", "random subsets of the events of a life cycle")
@cycles
def test_every_subset_of_lost_events_converges_within_two_sweeps(new_world, cycle, script, proof):
    rng = random.Random(len(cycle))
    for _ in range(5):
        world = new_world()
        world.weather = lambda entry: [entry] if rng.random() < 0.5 else []
        lived(world, script)
        world.sweep()
        world.sweep()
        proof.count(tries=1, fired=1)
        assert world.statuses("nightly-7") == cycle


@pytest.mark.shows("disordered events", "a job that is described again without news")
def test_a_repeated_look_puts_nothing(new_world):
    world = lived(new_world(), INTERRUPTED_ONCE)
    before, puts = world.rows(), world.stream.puts
    world.events.append(
        {"body": '{"training_job": "nightly-7", "account": "111122223333", "region": "us-east-1"}'}
    )
    world.settle()
    assert world.rows() == before
    assert world.stream.puts == puts


def test_a_name_that_is_used_again_is_another_job(new_world):
    world = lived(new_world(), UNINTERRUPTED)
    world.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    lived(world, INTERRUPTED_ONCE)
    heads = [row for row in world.rows() if row[row_keys.SK].startswith("HEAD#")]
    assert len(heads) == 2
    assert world.differences() == []


def test_a_job_that_is_not_on_spot_leaves_a_head_and_nothing_else(new_world):
    world = new_world()
    limits = {"MaxRuntimeInSeconds": 80}
    world.create("plain", EnableManagedSpotTraining=False, StoppingCondition=limits)
    world.pass_time(30)
    assert [row[row_keys.SK].partition("#")[0] for row in world.rows()] == ["HEAD"]
    assert list(world.ledger.unsettled()) == []
