"""A next attempt is asked for in a request that SageMaker takes, or in none."""

from tests.nightly import ACT, claimed, out_of_wait
from tests.shell.test_requests import VARIED


def test_a_job_with_instance_groups_is_resubmitted(world):
    told = out_of_wait(world(ACT), **VARIED["heterogeneous groups"])
    told.pass_time(40)
    _, second = told.attempts()
    assert claimed(told)["state"] == "started"
    assert told.statuses(second)[-1] == "Completed"
