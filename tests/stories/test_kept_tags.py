"""Of a job's tags the ledger keeps those that the policy names, so that reports can group by them."""

from dataclasses import replace

from laptop.simulated_sagemaker.spot_market import INTERRUPTED_ONCE
from spotter.core.policy.model import Policy
from tests.support.nightly_lineage import ACT, children, out_of_wait

TAGS = [{"Key": "team", "Value": "vision"}, {"Key": "note", "Value": "a secret"}]
KEEP = Policy(recorded_tags=("team",))


def kept_tags_of(new_world, policy, **more):
    one = new_world(policy)
    one.script("*", INTERRUPTED_ONCE)
    one.create("nightly-7", Tags=TAGS, **more)
    return one


def test_a_jobs_tags_are_kept_as_far_as_the_policy_names_them(new_world):
    one = kept_tags_of(new_world, KEEP)
    one.pass_time(120)
    assert one.heads()["nightly-7"].tags == (("team", "vision"),)
    assert "a secret" not in str(one.rows())


def test_tags_are_read_once_a_job(new_world):
    one = kept_tags_of(new_world, KEEP)
    request = []
    real = one.sagemaker.list_tags
    one.sagemaker.list_tags = lambda **how: request.append(how) or real(**how)
    one.pass_time(120)
    assert len(request) == 1


def test_without_the_key_no_tags_are_read(new_world):
    one = kept_tags_of(new_world, Policy())
    one.sagemaker.list_tags = None
    one.pass_time(120)
    assert one.heads()["nightly-7"].tags is None


def test_a_job_of_nobodys_has_no_tags_read(new_world):
    one = kept_tags_of(
        new_world,
        KEEP,
        EnableManagedSpotTraining=False,
        StoppingCondition={"MaxRuntimeInSeconds": 100},
    )
    one.sagemaker.list_tags = None
    one.pass_time(120)
    assert one.heads()["nightly-7"].tags is None


def test_the_tags_of_a_next_attempt_are_read_once_for_all_that_they_tell(new_world):
    """Whether it is ours, and what the policy keeps of them."""
    one, request = new_world(replace(ACT, recorded_tags=("team",))), []
    real = one.sagemaker.list_tags
    one.sagemaker.list_tags = lambda **how: request.append(how["ResourceArn"]) or real(**how)
    out_of_wait(one, Tags=TAGS)
    one.pass_time(40)
    child = one.heads()[children(one)[0]]
    assert child.tags == (("team", "vision"),)
    assert request.count(child.arn) == 1
