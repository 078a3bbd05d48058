"""The methods answer and refuse as boto3's client for SageMaker does."""

import contextlib
import threading

from botocore.exceptions import ClientError

from laptop.simulated_sagemaker import SimulatedSageMaker, SpotMarket
from laptop.simulated_sagemaker.spot_market import NEVER_LAUNCHED
from sagemaker_api import model

QUOTA = "ml.g5.xlarge for spot training job usage"


def test_a_name_is_taken_once(sagemaker, spot, refused):
    arn = sagemaker.create_training_job(**spot())["TrainingJobArn"]
    code, message = refused(sagemaker.create_training_job, **spot())
    assert code == "ResourceInUse"
    assert arn in message


def test_a_deleted_name_is_free_again_and_both_truths_are_kept(sagemaker, spot, clock, refused):
    sagemaker.create_training_job(**spot())
    assert refused(sagemaker.delete_training_job, TrainingJobName="job")[0] == "ResourceInUse"
    clock.forward(100)
    sagemaker.delete_training_job(TrainingJobName="job")
    assert [status for status, _ in sagemaker.truth("job")][-1] == "Completed"
    sagemaker.create_training_job(**spot())
    assert sagemaker.truth("job") == [("Starting", clock())]
    assert [truth.deleted for truth in sagemaker.truths()] == [clock(), None]


def test_the_arn_is_in_lower_case_and_the_name_is_not(sagemaker, spot, refused):
    sagemaker.create_training_job(**spot(TrainingJobName="MyJob"))
    shown = sagemaker.describe_training_job(TrainingJobName="MyJob")
    assert shown["TrainingJobName"] == "MyJob"
    assert shown["TrainingJobArn"].endswith(":training-job/myjob")
    assert refused(sagemaker.describe_training_job, TrainingJobName="myjob")[0]


def test_a_missing_job_is_a_validation_exception(sagemaker, refused):
    missing = ("ValidationException", "Requested resource not found.")
    for call in (
        sagemaker.describe_training_job,
        sagemaker.stop_training_job,
        sagemaker.delete_training_job,
    ):
        assert refused(call, TrainingJobName="nobody") == missing


def test_what_has_ended_cannot_be_stopped(sagemaker, spot, clock, refused):
    sagemaker.create_training_job(**spot())
    clock.forward(100)
    code, message = refused(sagemaker.stop_training_job, TrainingJobName="job")
    assert code == "ValidationException"
    assert message.endswith("in status Completed.")


def test_describe_gives_back_what_create_took_but_tags(sagemaker, spot):
    request = spot(
        Tags=[{"Key": "a", "Value": "b"}],
        HyperParameters={"rate": "0.1"},
        CheckpointConfig={"S3Uri": "s3://checkpoints/job"},
        VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
        Environment={"COLOUR": "blue"},
    )
    sagemaker.create_training_job(**request)
    shown = sagemaker.describe_training_job(TrainingJobName="job")
    assert "Tags" not in shown
    for member in request.keys() - {"Tags", "OutputDataConfig", "AlgorithmSpecification"}:
        assert shown[member] == request[member]
    for member in ("OutputDataConfig", "AlgorithmSpecification"):
        assert request[member].items() <= shown[member].items()
    assert shown["EnableNetworkIsolation"] is False


def test_a_job_can_be_made_again_from_its_description(sagemaker, spot, clock):
    sagemaker.create_training_job(**spot(HyperParameters={"rate": "0.1"}))
    clock.forward(100)
    shared = model.members_of_request_and_answer()
    shown = sagemaker.describe_training_job(TrainingJobName="job")
    again = {member: shown[member] for member in shared if member in shown}
    sagemaker.create_training_job(**again | {"TrainingJobName": "again"})
    twin = sagemaker.describe_training_job(TrainingJobName="again")
    assert all(twin[member] == again[member] for member in again.keys() - {"TrainingJobName"})


def test_every_description_fits_the_model_but_for_the_artifacts_to_come(sagemaker, spot, clock):
    sagemaker.create_training_job(**spot())
    for _ in range(70):
        clock.forward(1)
        shown = sagemaker.describe_training_job(TrainingJobName="job")
        faults = [*model.violations(shown, model.answer_shape("DescribeTrainingJob"))]
        to_come = ("ModelArtifacts", "KmsKeyId")
        assert [fault for fault in faults if fault.path[-1] not in to_come] == []


def test_what_a_caller_does_to_an_answer_changes_nothing(sagemaker, spot):
    sagemaker.create_training_job(**spot())
    sagemaker.describe_training_job(TrainingJobName="job")["ResourceConfig"]["InstanceCount"] = 9
    assert (
        sagemaker.describe_training_job(TrainingJobName="job")["ResourceConfig"]["InstanceCount"]
        == 1
    )


def test_what_a_caller_does_to_a_request_afterwards_changes_nothing(sagemaker, spot):
    request = spot()
    sagemaker.create_training_job(**request)
    request["ResourceConfig"]["InstanceCount"] = 9
    shown = sagemaker.describe_training_job(TrainingJobName="job")
    assert shown["ResourceConfig"]["InstanceCount"] == 1


def test_instants_have_milliseconds(sagemaker, spot, clock):
    clock.forward(0.0015)
    sagemaker.create_training_job(**spot())
    assert (
        sagemaker.describe_training_job(TrainingJobName="job")["CreationTime"].microsecond == 1000
    )


def test_a_quota_counts_the_instances_of_running_jobs(sagemaker, spot, on_demand, clock, refused):
    sagemaker.quotas = {QUOTA: 1}
    sagemaker.create_training_job(**spot())
    sagemaker.create_training_job(**on_demand(TrainingJobName="dear"))
    code, message = refused(sagemaker.create_training_job, **spot(TrainingJobName="second"))
    assert code == "ResourceLimitExceeded"
    assert f"'{QUOTA}' is 1 Instances, with current utilization of 1 Instances" in message
    clock.forward(100)
    sagemaker.create_training_job(**spot(TrainingJobName="second"))


def test_throttling_hits_the_operation_that_was_named(sagemaker, spot, refused):
    sagemaker.throttle("CreateTrainingJob", times=2)
    sagemaker.list_training_jobs()
    codes = [refused(sagemaker.create_training_job, **spot())[0] for _ in range(2)]
    assert codes == ["ThrottlingException"] * 2
    sagemaker.create_training_job(**spot())


def test_of_many_creators_of_one_name_one_succeeds(sagemaker, spot):
    won = []

    def create():
        with contextlib.suppress(ClientError):
            won.append(sagemaker.create_training_job(**spot()))

    threads = [threading.Thread(target=create) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == len(sagemaker.truths()) == 1


def test_who_hears_an_event_may_call_back(spot, clock):
    statuses = []

    def receive(entry):
        statuses.append(world.describe_training_job(TrainingJobName="job")["SecondaryStatus"])

    world = SimulatedSageMaker(
        account="1" * 12,
        region="eu-west-1",
        clock=clock,
        market=SpotMarket(otherwise=NEVER_LAUNCHED),
        emit=receive,
    )
    world.create_training_job(**spot())
    clock.forward(7200)
    world.advance()
    assert statuses == ["Starting", "Stopping"]
