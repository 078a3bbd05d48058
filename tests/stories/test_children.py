"""A child is made once: taken for ours by proof, left to its owner, and known when it is gone."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from laptop.market.spot import Step
from spotter.core import rows
from spotter.core.hints import look
from spotter.core.rungs import Rung
from tests.nightly import ACT, NIGHTLY, NO_CAPACITY, PATIENT, children, claimed, failing
from tests.telling import BUCKET, minutes
from tests.world import HERE, Killed, World

OWN_PLACE = {"S3Uri": f"{BUCKET}/nightly-7/"}


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "CreateTrainingJob")


def cut_off(told: World, *, done: bool) -> World:
    """The resubmitter died in its call to SageMaker, before or after the job was created."""
    told.refuse("create_training_job", Killed(), done=done)
    with pytest.raises(Killed):
        told.pass_time(10, step=5)
    told.settle()
    return told


@pytest.mark.parametrize(
    ("tagged", "equal", "state"),
    [(True, True, "started"), (True, False, "abandoned"), (False, True, "abandoned")],
)
def test_a_job_under_the_claimed_name_is_ours_by_its_tags_and_its_request(
    world, tagged, equal, state
):
    told = failing(world(ACT), "nightly-7")
    told.settle()
    attempt = told.heads()["nightly-7"].attempt.next
    tags = [{"Key": k, "Value": v} for k, v in attempt.tags.items()]
    real = told.sagemaker.create_training_job

    def late(**asked):
        told.sagemaker.create_training_job = real
        more = {"Tags": tags} if tagged else {}
        more |= {} if equal else {"HyperParameters": {"steps": "1"}}
        told.create(attempt.name, StoppingCondition=PATIENT, CheckpointConfig=OWN_PLACE, **more)
        return real(**asked)

    told.sagemaker.create_training_job = late
    told.pass_time(10, step=5)
    assert claimed(told)["state"] == state


def test_a_job_without_our_tags_waits_for_the_claim_and_is_then_somebody_elses(world):
    told = cut_off(failing(world(ACT), "nightly-7", then=NO_CAPACITY), done=False)
    taken = claimed(told)["name"]
    told.create(taken, CheckpointConfig=None)
    told.settle()
    assert taken not in told.heads()
    told.now += minutes(3)
    told.sweep()
    assert claimed(told)["state"] == "abandoned"
    told.sweep()
    assert told.heads()[taken].attempt.number == 1
    assert told.heads()[taken].status == "Failed"
    assert [row["job"] for row in told.rows() if row[rows.SK].startswith("ENDED#")] == [
        str(told.heads()["nightly-7"].id)
    ]
    assert children(told) == [taken]


def test_an_attempt_whose_tags_were_taken_off_is_that_attempt_all_the_same(world):
    told = failing(world(ACT), "nightly-7", then=NO_CAPACITY)
    keys = ["spotter:lineage", "spotter:attempt"]
    told.distort(
        "create_training_job",
        lambda made: told.sagemaker.delete_tags(ResourceArn=made["TrainingJobArn"], TagKeys=keys),
    )
    told.pass_time(60, step=5)
    assert [told.heads()[name].attempt.number for name in told.attempts()] == [1, 2, 3]


def test_a_child_that_was_seen_and_deleted_is_not_made_again(world):
    told = cut_off(failing(world(ACT), "nightly-7"), done=True)
    (child,) = children(told)
    assert told.heads()[child].attempt.number == 2
    told.sagemaker.stop_training_job(TrainingJobName=child)
    told.pass_time(5, step=5)
    told.sagemaker.delete_training_job(TrainingJobName=child)
    for _ in range(2):
        told.now += minutes(3)
        told.sweep()
    assert (children(told), claimed(told)["state"]) == ([child], "started")


@pytest.mark.parametrize(("done", "state"), [(True, "started"), (False, "abandoned")])
def test_with_its_parent_deleted_a_child_is_adopted_and_never_created(world, done, state):
    told = cut_off(failing(world(ACT), "nightly-7"), done=done)
    told.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    told.now += minutes(3)
    told.sweep()
    assert claimed(told)["state"] == state
    assert len(children(told)) == done


def test_with_its_parent_deleted_a_job_of_somebody_elses_is_no_child_of_it(world):
    """There is nothing left to make the request from but the job itself."""
    told = cut_off(failing(world(ACT), "nightly-7"), done=False)
    attempt = told.heads()["nightly-7"].attempt.next
    tags = [{"Key": key, "Value": value} for key, value in attempt.tags.items()]
    other = {"HyperParameters": {"steps": "1"}, "CheckpointConfig": OWN_PLACE}
    told.create(attempt.name, StoppingCondition=PATIENT, Tags=tags, **other)
    told.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    told.now += minutes(3)
    told.sweep()
    assert claimed(told)["state"] == "abandoned"


def test_with_the_first_attempt_deleted_a_child_on_another_rung_is_adopted_all_the_same(world):
    ladder = tuple(map(Rung.parse, ["spot ml.g5.4xlarge instances=2 volume=99", "spot"]))
    rule = replace(NIGHTLY, ladder=ladder)
    told = failing(world(replace(ACT, rules=(rule,))), "nightly-7", then=NO_CAPACITY)
    told.pass_time(5, step=5)
    cut_off(told, done=True)
    told.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    told.now += minutes(3)
    told.sweep()
    assert len(children(told)) == 2
    assert claimed(told, 3)["state"] == "started"


@pytest.mark.parametrize("when", ["waiting", "creating"])
def test_a_job_of_somebody_elses_with_our_name_and_our_tags_is_no_attempt_of_the_lineage(
    world, when
):
    rule = replace(NIGHTLY, attempts=9)
    told = failing(world(replace(ACT, rules=(rule,))), "nightly-7", then=NO_CAPACITY)
    if when == "waiting":
        told.refuse("create_training_job", refusal("ResourceLimitExceeded"))
        told.pass_time(10, step=5)
    else:
        cut_off(told, done=False)
    attempt = told.heads()["nightly-7"].attempt.next
    tags = [{"Key": key, "Value": value} for key, value in attempt.tags.items()]
    told.create(attempt.name, CheckpointConfig=None, Tags=tags, StoppingCondition=PATIENT)
    told.pass_time(10, step=5)
    for _ in range(3):
        told.now += minutes(6)
        told.sweep()
        told.pass_time(10, step=5)
    assert claimed(told)["state"] == "abandoned"
    assert children(told) == [attempt.name]
    assert "is not ours" in told.ended(attempt.name)["reason"]
    assert told.outcomes("nightly-7")[-1] == "abandoned"


def test_an_attempt_that_came_back_to_life_is_the_only_one_that_lives(world):
    later = replace(NO_CAPACITY, steps=(Step("Starting", 60),))
    told = failing(world(ACT), "nightly-7", then=later)
    told.pass_time(10, step=5)
    (second,) = children(told)
    back = {"TrainingJobStatus": "InProgress", "SecondaryStatus": "Training"}
    told.distort(
        "describe_training_job",
        lambda answer: answer | back | {"LastModifiedTime": told.now},
        only="nightly-7",
    )
    told.events.append({"body": look("nightly-7", HERE)})
    told.settle()
    assert told.heads()["nightly-7"].living
    told.pass_time(70, step=10)
    assert children(told) == [second]
    assert "nightly-7 is alive" in told.ended(second)["held"]


def test_a_fresh_claim_is_left_to_its_owner(world):
    told = failing(world(ACT), "nightly-7")
    real, seen = told.sagemaker.create_training_job, []

    def slow(**asked):
        told.sagemaker.create_training_job = real
        told.carry_on((claimed(told)[rows.PK], rows.attempt_sk(2)))
        seen.append(children(told))
        return real(**asked)

    told.sagemaker.create_training_job = slow
    told.pass_time(10, step=5)
    assert (seen, len(children(told)), claimed(told)["state"]) == ([[]], 1, "started")
