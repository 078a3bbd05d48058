"""A next attempt is requested in a form that SageMaker takes, or not at all; mode `advise` decides alike."""

from typing import Any

import pytest

from spotter.core.ledger import row_keys
from spotter.core.policy.model import Mode
from tests.aws.resubmit.test_training_request import VARIED
from tests.stories.test_refusals_in_alerts import of_the_job
from tests.support.nightly_lineage import (
    ACT,
    IN_USE,
    QUOTA,
    bounded,
    children,
    claimed,
    failing,
    out_of_wait,
)

HALF_A_NETWORK = {"SecurityGroupIds": [], "Subnets": ["subnet-0123456789abcdef0"]}
SECRET = "hunter2-" + "x" * 600
RULE = "the_request_must_fit_createtrainingjob"


def shows(world, **members: Any) -> None:
    """Describe shows these members of jobs that were made by their owners."""
    world.distort("describe_training_job", lambda answer: answer | members)


def ending(world) -> dict[str, Any]:
    (row,) = [row for row in world.rows() if row[row_keys.SK] == row_keys.ended_sk(1)]
    return row


def slots(world) -> list[str]:
    return [row[row_keys.SK] for row in world.rows() if row[row_keys.PK] == row_keys.CREATIONS]


def test_a_job_with_instance_groups_is_resubmitted(new_world):
    world = out_of_wait(new_world(ACT), **VARIED["heterogeneous groups"])
    world.pass_time(40)
    _, second = world.attempts()
    assert claimed(world)["state"] == "started"
    assert world.statuses(second)[-1] == "Completed"


@pytest.mark.parametrize("mode", [Mode.ACT, Mode.ADVISE])
def test_a_request_that_breaks_the_model_is_refused_before_anything_is_claimed(new_world, mode):
    world = new_world(bounded(mode=mode))
    shows(world, VpcConfig=HALF_A_NETWORK)
    out_of_wait(world)
    row = ending(world)
    assert (row["settled"], row["because"]) == ("refuse", RULE)
    assert row["reason"] == (
        "CreateTrainingJob would reject its request: VpcConfig.SecurityGroupIds: "
        "Member must have length greater than or equal to 1"
    )
    assert slots(world) == []
    [alert] = of_the_job(world)
    assert alert["outcome"] == "refused"
    assert row["reason"] in alert["headline"]
    assert "with a VpcConfig.SecurityGroupIds that the API accepts" in alert["next_steps"][0]


@pytest.mark.parametrize("mode", [Mode.ACT, Mode.ADVISE])
def test_no_value_and_no_key_of_a_map_is_shown(new_world, mode):
    world = new_world(bounded(mode=mode))
    shows(
        world, Environment={"hunter2 key": SECRET}, InfraCheckConfig={"EnableInfraCheck": "hunter2"}
    )
    out_of_wait(world)
    assert ending(world)["because"] == RULE
    assert "Environment[...]: Member must have length" in ending(world)["reason"]
    assert "hunter2" not in str(world.rows()) + str(world.published)


@pytest.mark.parametrize("mode", [Mode.ACT, Mode.ADVISE])
def test_an_instance_type_that_is_newer_than_the_model_is_no_fault(new_world, mode):
    world = new_world(bounded(mode=mode))
    real = world.sagemaker.create_training_job
    world.sagemaker.create_training_job = lambda **request: real(
        **request | {"ResourceConfig": request["ResourceConfig"] | {"InstanceType": "ml.g5.xlarge"}}
    )
    newer = {"InstanceType": "ml.p99e.48xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
    shows(world, ResourceConfig=newer)
    out_of_wait(world)
    assert ending(world)["settled"] == ("resubmit" if mode is Mode.ACT else "advise")


def test_a_claim_that_waits_is_abandoned_when_its_request_breaks_the_model(new_world):
    world = failing(new_world(ACT), "nightly-7")
    world.sagemaker.quotas[QUOTA] = IN_USE
    world.pass_time(10, step=5)
    assert claimed(world)["state"] == "waiting"
    before = slots(world)
    world.sagemaker.quotas[QUOTA] = 10
    shows(world, VpcConfig=HALF_A_NETWORK)
    world.pass_time(600, step=30)
    world.sweep()
    assert claimed(world)["state"] == "abandoned"
    assert "VpcConfig.SecurityGroupIds" in claimed(world)["reason"]
    assert children(world) == []
    assert slots(world) == before
