"""A table that was restored to an earlier instant has lost claims, and no cap is broken for that."""

from dataclasses import replace

import pytest

from laptop.simulated_sagemaker.spot_market import Script, Step
from spotter.aws.alerts.publisher import Publisher
from spotter.aws.ledger import codec
from spotter.aws.ledger.table import Ledger
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT
from tests.support.nightly_lineage import ACT, NIGHTLY, children, failing
from tests.support.spotter_in_one_process import SpotterInOneProcess, create_table

LATER = Script(steps=(Step("Starting", 120),), failure="CapacityError: none")


def restored(world: SpotterInOneProcess, held: list) -> SpotterInOneProcess:
    """From now on the ledger is a table with these rows only."""
    name = f"{world.ledger.table}-restored"
    create_table(world.stream.client, name)
    for row in held:
        world.stream.client.put_item(TableName=name, Item=codec.written(row))
    world.ledger = Ledger(world.stream, name)
    world.publisher = Publisher(world.ledger, world, "topic", "Spotter", lambda: world.now)
    world.under(world.policy)
    return world


def swept(world: SpotterInOneProcess, times: int) -> SpotterInOneProcess:
    for _ in range(times):
        world.pass_time(60, step=5)
        world.sweep()
    return world


@pytest.mark.shows("outages", "the table is restored to an earlier time")
@pytest.mark.parametrize("after", [3, 20, 140])
def test_a_lineage_has_no_more_attempts_than_allowed_after_a_restore(new_world, after):
    world = new_world(ACT)
    world.script("nightly-*", LATER)
    world.create(
        "nightly-7", StoppingCondition={"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 6000}
    )
    world.pass_time(after)
    held = world.rows()
    world.pass_time(400, step=5)
    before = len(world.attempts())
    swept(restored(world, held), 10)
    assert before <= 3
    assert len(world.attempts()) <= 3


def test_a_job_that_bears_a_lineages_tags_is_refused_with_what_to_do(new_world):
    world = new_world(ACT)
    tags = [
        {"Key": "spotter:lineage", "Value": "nightly-7/1795435200000"},
        {"Key": "spotter:attempt", "Value": "2"},
    ]
    failing(world, "nightly-7-copy", Tags=tags)
    world.pass_time(10)
    assert world.attempts() == ["nightly-7-copy"]
    reason = world.ended("nightly-7-copy")["reason"]
    assert "lineage nightly-7" in reason
    assert "without the tags spotter:lineage and spotter:attempt" in reason
    assert "refused" in [one for name in world.attempts() for one in world.outcomes(name)]


def test_a_tags_own_text_is_not_repeated(new_world):
    world = new_world(ACT)
    tags = [{"Key": "spotter:lineage", "Value": "hunter2 @channel"}]
    failing(world, "nightly-7-copy", Tags=tags)
    world.pass_time(10)
    assert "hunter2" not in str(world.rows()) + str(world.published)


@pytest.mark.shows("outages", "a restored table has lost the claim of a running attempt")
@pytest.mark.parametrize("option", [SPOT, ON_DEMAND], ids=str)
def test_a_child_that_lost_its_claim_is_watched_and_refused(new_world, option):
    world = new_world(replace(ACT, rules=(replace(NIGHTLY, capacity=(option,)),)))
    world.script("nightly-7-a2-*", LATER)
    failing(world, "nightly-7", then=LATER)
    world.pass_time(2)
    held = world.rows()
    world.pass_time(8)
    (child,) = children(world)
    world.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    restored(world, held)
    swept(world, 3)
    assert world.heads()[child].in_scope
    assert world.heads()[child].spot is option.spot
    assert "without the tags" in world.ended(child)["reason"]
    assert world.outcomes(child) == ["refused"]
    assert len(world.attempts()) == 2


def test_names_and_tags_of_jobs_that_are_not_spotters_are_not_read(new_world):
    world = new_world(ACT)
    requests = []
    real = world.sagemaker.list_tags
    world.sagemaker.list_tags = lambda **more: requests.append(more) or real(**more)
    limits = {"MaxRuntimeInSeconds": 60}
    world.create("etl-7", EnableManagedSpotTraining=False, StoppingCondition=limits)
    world.pass_time(5)
    assert requests == []
    assert not world.heads()["etl-7"].in_scope
