"""What Spotter has claimed lately holds its checkpoints, also while no index knows of it yet."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from spotter.core.ledger import row_keys
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from tests.support.nightly_lineage import ACT, SHARED, children, failing
from tests.support.spotter_in_one_process import SpotterInOneProcess


def resubmitted(world: SpotterInOneProcess) -> str:
    """nightly-1 was resubmitted, and its next attempt trains on a shared location. From now on the
    index of locations shows nothing.
    """
    failing(world, "nightly-1", CheckpointConfig=SHARED).pass_time(10, step=5)
    real = world.stream.query

    def lagging(**request: Any) -> Any:
        lags = request.get("IndexName") == row_keys.LOCATION
        return {"Items": [], "Count": 0} if lags else real(**request)

    world.stream.query = lagging
    (child,) = children(world)
    return child


def another_fails(world: SpotterInOneProcess) -> dict[str, Any]:
    """nightly-2 fails at the same location: its ending."""
    failing(world, "nightly-2", CheckpointConfig=SHARED).pass_time(10, step=5)
    return world.ended("nightly-2")


def put_head(world: SpotterInOneProcess, head: JobRecord) -> None:
    world.ledger.put_head(head, notable=False)


@pytest.mark.parametrize("minutes", [0, 61, 95])
def test_for_two_hours_a_claim_holds_its_location_without_any_index(new_world, minutes):
    world = new_world(ACT)
    child = resubmitted(world)
    world.now += timedelta(minutes=minutes)
    ending = another_fails(world)
    assert child in ending["held"]
    assert children(world) == [child]


def test_an_attempt_runs_though_an_older_job_of_its_name_has_ended(new_world):
    world = new_world(ACT)
    child = resubmitted(world)
    running = world.heads()[child]
    older = replace(running.id, created=running.id.created - timedelta(days=3))
    ended = replace(running, id=older, status="Failed", ending=Ending.CAPACITY)
    put_head(world, ended)
    assert child in another_fails(world)["held"]
    assert children(world) == [child]


def test_an_attempt_that_has_ended_holds_nothing(new_world):
    world = new_world(ACT)
    child = resubmitted(world)
    world.sagemaker.stop_training_job(TrainingJobName=child)
    world.pass_time(10, step=5)
    assert "held" not in another_fails(world)
    assert len(children(world)) == 2
