"""What Spotter has claimed lately holds its checkpoints, also while no index knows of it yet."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from spotter.core import rows
from spotter.core.endings import Ending
from spotter.core.head import Head
from tests.nightly import ACT, SHARED, children, failing
from tests.world import World


def carried_on(told: World) -> str:
    """nightly-1 was resubmitted, and its next attempt trains on a shared location. From now on the
    index of locations shows nothing.
    """
    failing(told, "nightly-1", CheckpointConfig=SHARED).pass_time(10, step=5)
    real = told.stream.query

    def lagging(**asked: Any) -> Any:
        lags = asked.get("IndexName") == rows.LOCATION
        return {"Items": [], "Count": 0} if lags else real(**asked)

    told.stream.query = lagging
    (child,) = children(told)
    return child


def another_fails(told: World) -> dict[str, Any]:
    """nightly-2 fails at the same location: its ending."""
    failing(told, "nightly-2", CheckpointConfig=SHARED).pass_time(10, step=5)
    return told.ended("nightly-2")


def put_head(told: World, head: Head) -> None:
    told.ledger.put_new(head.row(notable=False))


@pytest.mark.parametrize("minutes", [0, 61, 95])
def test_for_two_hours_a_claim_holds_its_location_without_any_index(world, minutes):
    told = world(ACT)
    child = carried_on(told)
    told.now += timedelta(minutes=minutes)
    ending = another_fails(told)
    assert child in ending["held"]
    assert children(told) == [child]


def test_an_attempt_runs_though_an_older_job_of_its_name_has_ended(world):
    told = world(ACT)
    child = carried_on(told)
    running = told.heads()[child]
    older = replace(running.id, created=running.id.created - timedelta(days=3))
    ended = replace(running, id=older, status="Failed", ending=Ending.CAPACITY)
    put_head(told, ended)
    assert child in another_fails(told)["held"]
    assert children(told) == [child]


def test_an_attempt_that_has_ended_holds_nothing(world):
    told = world(ACT)
    child = carried_on(told)
    told.sagemaker.stop_training_job(TrainingJobName=child)
    told.pass_time(10, step=5)
    assert "held" not in another_fails(told)
    assert len(children(told)) == 2
