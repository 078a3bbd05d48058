"""A table that was restored to an earlier instant has lost claims, and no cap is broken for that."""

from dataclasses import replace

import pytest

from laptop.market.spot import Script, Step
from spotter.core.rungs import ON_DEMAND, SPOT
from spotter.shell import wire
from spotter.shell.ledger import Ledger
from spotter.shell.speaking import Voice
from tests.nightly import ACT, NIGHTLY, children, failing
from tests.world import World, create_table

LATER = Script(steps=(Step("Starting", 120),), failure="CapacityError: none")


def restored(told: World, held: list) -> World:
    """From now on the ledger is a table with these rows only."""
    name = f"{told.ledger.table}-restored"
    create_table(told.stream.client, name)
    for row in held:
        told.stream.client.put_item(TableName=name, Item=wire.written(row))
    told.ledger = Ledger(told.stream, name)
    told.voice = Voice(told.ledger, told, "topic", "Spotter", lambda: told.now)
    told.under(told.policy)
    return told


def swept(told: World, times: int) -> World:
    for _ in range(times):
        told.pass_time(60, step=5)
        told.sweep()
    return told


@pytest.mark.parametrize("after", [3, 20, 140])
def test_a_lineage_has_no_more_attempts_than_allowed_after_a_restore(world, after):
    told = world(ACT)
    told.script("nightly-*", LATER)
    told.create(
        "nightly-7", StoppingCondition={"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 6000}
    )
    told.pass_time(after)
    held = told.rows()
    told.pass_time(400, step=5)
    before = len(told.attempts())
    swept(restored(told, held), 10)
    assert before <= 3
    assert len(told.attempts()) <= 3


def test_a_job_that_bears_a_lineages_tags_is_refused_with_what_to_do(world):
    told = world(ACT)
    tags = [
        {"Key": "spotter:lineage", "Value": "nightly-7/1795435200000"},
        {"Key": "spotter:attempt", "Value": "2"},
    ]
    failing(told, "nightly-7-copy", Tags=tags)
    told.pass_time(10)
    assert told.attempts() == ["nightly-7-copy"]
    reason = told.ended("nightly-7-copy")["reason"]
    assert "lineage nightly-7" in reason
    assert "without the tags spotter:lineage and spotter:attempt" in reason
    assert "refused" in [one for name in told.attempts() for one in told.outcomes(name)]


def test_a_tags_own_text_is_not_repeated(world):
    told = world(ACT)
    tags = [{"Key": "spotter:lineage", "Value": "hunter2 @channel"}]
    failing(told, "nightly-7-copy", Tags=tags)
    told.pass_time(10)
    assert "hunter2" not in str(told.rows()) + str(told.published)


@pytest.mark.parametrize("rung", [SPOT, ON_DEMAND], ids=str)
def test_a_child_that_lost_its_claim_is_watched_and_refused(world, rung):
    told = world(replace(ACT, rules=(replace(NIGHTLY, ladder=(rung,)),)))
    told.script("nightly-7-a2-*", LATER)
    failing(told, "nightly-7", then=LATER)
    told.pass_time(2)
    held = told.rows()
    told.pass_time(8)
    (child,) = children(told)
    told.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    restored(told, held)
    swept(told, 3)
    assert told.heads()[child].in_scope
    assert told.heads()[child].spot is rung.spot
    assert "without the tags" in told.ended(child)["reason"]
    assert told.outcomes(child) == ["refused"]
    assert len(told.attempts()) == 2


def test_names_and_tags_of_jobs_that_are_not_spotters_are_not_read(world):
    told = world(ACT)
    asked = []
    real = told.sagemaker.list_tags
    told.sagemaker.list_tags = lambda **more: asked.append(more) or real(**more)
    limits = {"MaxRuntimeInSeconds": 60}
    told.create("etl-7", EnableManagedSpotTraining=False, StoppingCondition=limits)
    told.pass_time(5)
    assert asked == []
    assert not told.heads()["etl-7"].in_scope
