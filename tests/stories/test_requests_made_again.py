"""A next attempt is asked for in a request that SageMaker takes, or in none."""

from tests.aws.resubmit.test_training_request import VARIED
from tests.support.nightly_lineage import ACT, claimed, out_of_wait


def test_a_job_with_instance_groups_is_resubmitted(new_world):
    world = out_of_wait(new_world(ACT), **VARIED["heterogeneous groups"])
    world.pass_time(40)
    _, second = world.attempts()
    assert claimed(world)["state"] == "started"
    assert world.statuses(second)[-1] == "Completed"
