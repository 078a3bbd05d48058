"""A child is made once: taken for ours by proof, left to its owner, and known when it is gone."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from laptop.simulated_sagemaker.spot_market import Step
from spotter.core.ledger import row_keys
from spotter.core.model.hints import sweep_message
from spotter.core.policy.capacity_options import CapacityOption
from tests.support.jobs import BUCKET, minutes
from tests.support.nightly_lineage import (
    ACT,
    NIGHTLY,
    NO_CAPACITY,
    PATIENT,
    children,
    claimed,
    failing,
)
from tests.support.spotter_in_one_process import HERE, Killed, SpotterInOneProcess

OWN_PLACE = {"S3Uri": f"{BUCKET}/nightly-7/"}


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "CreateTrainingJob")


def cut_off(world: SpotterInOneProcess, *, done: bool) -> SpotterInOneProcess:
    """The resubmitter died in its call to SageMaker, before or after the job was created."""
    world.refuse("create_training_job", Killed(), done=done)
    with pytest.raises(Killed):
        world.pass_time(10, step=5)
    world.settle()
    return world


@pytest.mark.parametrize(
    ("tagged", "equal", "state"),
    [(True, True, "started"), (True, False, "abandoned"), (False, True, "abandoned")],
)
def test_a_job_under_the_claimed_name_is_ours_by_its_tags_and_its_request(
    new_world, tagged, equal, state
):
    world = failing(new_world(ACT), "nightly-7")
    world.settle()
    attempt = world.heads()["nightly-7"].attempt.next
    tags = [{"Key": k, "Value": v} for k, v in attempt.tags.items()]
    real = world.sagemaker.create_training_job

    def late(**request):
        world.sagemaker.create_training_job = real
        more = {"Tags": tags} if tagged else {}
        more |= {} if equal else {"HyperParameters": {"steps": "1"}}
        world.create(attempt.name, StoppingCondition=PATIENT, CheckpointConfig=OWN_PLACE, **more)
        return real(**request)

    world.sagemaker.create_training_job = late
    world.pass_time(10, step=5)
    assert claimed(world)["state"] == state


@pytest.mark.shows("squatters", "a job under the claimed name, without our tags")
def test_a_job_without_our_tags_waits_for_the_claim_and_is_then_somebody_elses(new_world):
    world = cut_off(failing(new_world(ACT), "nightly-7", then=NO_CAPACITY), done=False)
    taken = claimed(world)["name"]
    world.create(taken, CheckpointConfig=None)
    world.settle()
    assert taken not in world.heads()
    world.now += minutes(3)
    world.sweep()
    assert claimed(world)["state"] == "abandoned"
    world.sweep()
    assert world.heads()[taken].attempt.number == 1
    assert world.heads()[taken].status == "Failed"
    assert [row["job"] for row in world.rows() if row[row_keys.SK].startswith("ENDED#")] == [
        str(world.heads()["nightly-7"].id)
    ]
    assert children(world) == [taken]


def test_an_attempt_whose_tags_were_taken_off_is_that_attempt_all_the_same(new_world):
    world = failing(new_world(ACT), "nightly-7", then=NO_CAPACITY)
    keys = ["spotter:lineage", "spotter:attempt"]
    world.distort(
        "create_training_job",
        lambda made: world.sagemaker.delete_tags(ResourceArn=made["TrainingJobArn"], TagKeys=keys),
    )
    world.pass_time(60, step=5)
    assert [world.heads()[name].attempt.number for name in world.attempts()] == [1, 2, 3]


def test_a_child_that_was_seen_and_deleted_is_not_made_again(new_world):
    world = cut_off(failing(new_world(ACT), "nightly-7"), done=True)
    (child,) = children(world)
    assert world.heads()[child].attempt.number == 2
    world.sagemaker.stop_training_job(TrainingJobName=child)
    world.pass_time(5, step=5)
    world.sagemaker.delete_training_job(TrainingJobName=child)
    for _ in range(2):
        world.now += minutes(3)
        world.sweep()
    assert (children(world), claimed(world)["state"]) == ([child], "started")


@pytest.mark.parametrize(("done", "state"), [(True, "started"), (False, "abandoned")])
def test_with_its_parent_deleted_a_child_is_adopted_and_never_created(new_world, done, state):
    world = cut_off(failing(new_world(ACT), "nightly-7"), done=done)
    world.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    world.now += minutes(3)
    world.sweep()
    assert claimed(world)["state"] == state
    assert len(children(world)) == done


def test_with_its_parent_deleted_a_job_of_somebody_elses_is_no_child_of_it(new_world):
    """There is nothing left to make the request from but the job itself."""
    world = cut_off(failing(new_world(ACT), "nightly-7"), done=False)
    attempt = world.heads()["nightly-7"].attempt.next
    tags = [{"Key": key, "Value": value} for key, value in attempt.tags.items()]
    other = {"HyperParameters": {"steps": "1"}, "CheckpointConfig": OWN_PLACE}
    world.create(attempt.name, StoppingCondition=PATIENT, Tags=tags, **other)
    world.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    world.now += minutes(3)
    world.sweep()
    assert claimed(world)["state"] == "abandoned"


def test_with_the_first_attempt_deleted_a_child_on_another_capacity_option_is_adopted_all_the_same(
    new_world,
):
    ladder = tuple(map(CapacityOption.parse, ["spot ml.g5.4xlarge instances=2 volume=99", "spot"]))
    rule = replace(NIGHTLY, capacity=ladder)
    world = failing(new_world(replace(ACT, rules=(rule,))), "nightly-7", then=NO_CAPACITY)
    world.pass_time(5, step=5)
    cut_off(world, done=True)
    world.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    world.now += minutes(3)
    world.sweep()
    assert len(children(world)) == 2
    assert claimed(world, 3)["state"] == "started"


@pytest.mark.shows("squatters", "a job with our name and our tags")
@pytest.mark.parametrize("when", ["waiting", "creating"])
def test_a_job_of_somebody_elses_with_our_name_and_our_tags_is_no_attempt_of_the_lineage(
    new_world, when
):
    rule = replace(NIGHTLY, max_attempts=9)
    world = failing(new_world(replace(ACT, rules=(rule,))), "nightly-7", then=NO_CAPACITY)
    if when == "waiting":
        world.refuse("create_training_job", refusal("ResourceLimitExceeded"))
        world.pass_time(10, step=5)
    else:
        cut_off(world, done=False)
    attempt = world.heads()["nightly-7"].attempt.next
    tags = [{"Key": key, "Value": value} for key, value in attempt.tags.items()]
    world.create(attempt.name, CheckpointConfig=None, Tags=tags, StoppingCondition=PATIENT)
    world.pass_time(10, step=5)
    for _ in range(3):
        world.now += minutes(6)
        world.sweep()
        world.pass_time(10, step=5)
    assert claimed(world)["state"] == "abandoned"
    assert children(world) == [attempt.name]
    assert "is not Spotter's attempt" in world.ended(attempt.name)["reason"]
    assert world.outcomes("nightly-7")[-1] == "abandoned"


def test_an_attempt_that_came_back_to_life_is_the_only_one_that_lives(new_world):
    later = replace(NO_CAPACITY, steps=(Step("Starting", 60),))
    world = failing(new_world(ACT), "nightly-7", then=later)
    world.pass_time(10, step=5)
    (second,) = children(world)
    back = {"TrainingJobStatus": "InProgress", "SecondaryStatus": "Training"}
    world.distort(
        "describe_training_job",
        lambda answer: answer | back | {"LastModifiedTime": world.now},
        only="nightly-7",
    )
    world.events.append({"body": sweep_message("nightly-7", HERE)})
    world.settle()
    assert world.heads()["nightly-7"].running
    world.pass_time(70, step=10)
    assert children(world) == [second]
    assert "nightly-7 of the same lineage is running" in world.ended(second)["held"]


def test_a_fresh_claim_is_left_to_its_owner(new_world):
    world = failing(new_world(ACT), "nightly-7")
    real, seen = world.sagemaker.create_training_job, []

    def slow(**request):
        world.sagemaker.create_training_job = real
        world.run_resubmit((claimed(world)[row_keys.PK], row_keys.attempt_sk(2)))
        seen.append(children(world))
        return real(**request)

    world.sagemaker.create_training_job = slow
    world.pass_time(10, step=5)
    assert (seen, len(children(world)), claimed(world)["state"]) == ([[]], 1, "started")
