"""The next attempt's request is that of the first one, but for what must differ."""

import copy
from datetime import datetime
from typing import Any

import pytest

from laptop.simulated_sagemaker.api import SimulatedSageMaker
from laptop.simulated_sagemaker.spot_market import SpotMarket
from spotter.aws.resubmit import training_request
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT, CapacityOption
from spotter.core.resubmit.past_attempts import NOTHING
from spotter.core.resubmit.plan import Plan, plan
from tests.support.jobs import ACCOUNT, BUCKET, NOON, REGION, ROLE
from tests.support.spotter_in_one_process import MODEL, request

S3_INPUT = {
    "ChannelName": "train",
    "ContentType": "text/csv",
    "CompressionType": "None",
    "DataSource": {
        "S3DataSource": {
            "S3DataType": "S3Prefix",
            "S3Uri": "s3://ml-data/train/",
            "S3DataDistributionType": "ShardedByS3Key",
        }
    },
    "ShuffleConfig": {"Seed": 7},
}
FILES = {
    "ChannelName": "lustre",
    "DataSource": {
        "FileSystemDataSource": {
            "FileSystemId": "fs-0123456789abcdef0",
            "FileSystemAccessMode": "ro",
            "FileSystemType": "FSxLustre",
            "DirectoryPath": "/fsx/train",
        }
    },
}
VPC = {"SecurityGroupIds": ["sg-0123456789abcdef0"], "Subnets": ["subnet-0123456789abcdef0"]}
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
VARIED: dict[str, dict[str, Any]] = {
    "plain": {},
    "script mode": {
        "HyperParameters": {
            "sagemaker_program": '"train.py"',
            "sagemaker_submit_directory": '"s3://ml-code/nightly-7/source.tar.gz"',
            "sagemaker_job_name": '"nightly-7"',
            "sagemaker_region": f'"{REGION}"',
            "epochs": "90",
        },
        "Environment": {"NCCL_DEBUG": "WARN"},
        "InputDataConfig": [S3_INPUT],
    },
    "built-in algorithm": {
        "AlgorithmSpecification": {
            "TrainingImage": f"{IMAGE}/xgboost:1.7-1",
            "TrainingInputMode": "Pipe",
            "MetricDefinitions": [{"Name": "validation:rmse", "Regex": "rmse:([0-9.]+)"}],
            "EnableSageMakerMetricsTimeSeries": True,
        },
        "HyperParameters": {"num_round": "100", "objective": "reg:squarederror"},
        "InputDataConfig": [S3_INPUT],
    },
    "marketplace algorithm": {
        "AlgorithmSpecification": {
            "AlgorithmName": "scikit-decision-trees",
            "TrainingInputMode": "File",
        }
    },
    "own command": {
        "AlgorithmSpecification": {
            "TrainingImage": f"{IMAGE}/own:1",
            "TrainingInputMode": "FastFile",
            "ContainerEntrypoint": ["python", "train.py"],
            "ContainerArguments": ["--lr", "0.1"],
            "TrainingImageConfig": {"TrainingRepositoryAccessMode": "Vpc"},
        },
        "VpcConfig": VPC,
    },
    "vpc": {
        "VpcConfig": VPC,
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "OutputDataConfig": {
            "S3OutputPath": "s3://ml-models/out",
            "KmsKeyId": "alias/models",
            "CompressionType": "NONE",
        },
        "ResourceConfig": {
            "InstanceType": "ml.g5.12xlarge",
            "InstanceCount": 4,
            "VolumeSizeInGB": 500,
            "VolumeKmsKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
        },
    },
    "heterogeneous groups": {
        "ResourceConfig": {
            "VolumeSizeInGB": 50,
            "InstanceGroups": [
                {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "InstanceGroupName": "gpu"},
                {"InstanceType": "ml.c5.xlarge", "InstanceCount": 2, "InstanceGroupName": "cpu"},
            ],
        },
        "InputDataConfig": [
            {
                **S3_INPUT,
                "DataSource": {
                    "S3DataSource": {
                        **S3_INPUT["DataSource"]["S3DataSource"],
                        "InstanceGroupNames": ["cpu"],
                    }
                },
            }
        ],
    },
    "debugger and profiler": {
        "DebugHookConfig": {
            "S3OutputPath": "s3://ml-debug/nightly",
            "HookParameters": {"save_interval": "500"},
            "CollectionConfigurations": [
                {"CollectionName": "losses", "CollectionParameters": {"save_interval": "50"}}
            ],
        },
        "DebugRuleConfigurations": [
            {
                "RuleConfigurationName": "LossNotDecreasing",
                "RuleEvaluatorImage": f"{IMAGE}/rules:latest",
                "RuleParameters": {"rule_to_invoke": "LossNotDecreasing"},
            }
        ],
        "TensorBoardOutputConfig": {"LocalPath": "/opt/tb", "S3OutputPath": "s3://ml-tb/nightly"},
        "ProfilerConfig": {
            "S3OutputPath": "s3://ml-profiler/nightly",
            "ProfilingIntervalInMilliseconds": 500,
            "DisableProfiler": False,
        },
        "ProfilerRuleConfigurations": [
            {
                "RuleConfigurationName": "ProfilerReport",
                "RuleEvaluatorImage": f"{IMAGE}/rules:latest",
            }
        ],
    },
    "file system inputs": {"InputDataConfig": [FILES], "VpcConfig": VPC},
    "retries and experiments": {
        "RetryStrategy": {"MaximumRetryAttempts": 3},
        "ExperimentConfig": {"ExperimentName": "vision", "TrialName": "nightly"},
        "RemoteDebugConfig": {"EnableRemoteDebug": True},
        "InfraCheckConfig": {"EnableInfraCheck": True},
    },
    "no checkpoints": {"CheckpointConfig": None},
    "a checkpoint path of its own": {
        "CheckpointConfig": {"S3Uri": f"{BUCKET}/raw-prefix", "LocalPath": "/opt/ml/own"}
    },
    "tags": {"Tags": [{"Key": "team", "Value": "vision"}, {"Key": "cost-centre", "Value": "4711"}]},
}
OPTIONS = [
    SPOT,
    ON_DEMAND,
    CapacityOption.parse("spot ml.g5.4xlarge"),
    CapacityOption.parse("spot ml.g5.4xlarge instances=2 volume=200 max_wait=12h"),
    CapacityOption.parse("spot max_wait=1s"),
    CapacityOption.parse("on-demand ml.g5.2xlarge"),
    CapacityOption.parse("on-demand ml.g5.2xlarge ml.g5.4xlarge instances=3"),
]
varied = pytest.mark.parametrize("more", VARIED.values(), ids=VARIED)
options = pytest.mark.parametrize("option", OPTIONS, ids=str)


@pytest.fixture
def sagemaker() -> SimulatedSageMaker:
    return SimulatedSageMaker(
        account=ACCOUNT, region=REGION, clock=lambda: NOON, market=SpotMarket(), emit=lambda e: None
    )


def made_again(
    sagemaker: SimulatedSageMaker, first: dict[str, Any], option: CapacityOption, **shown: Any
) -> Any:
    """The second attempt's request for a first one that SageMaker took and described."""
    sagemaker.create_training_job(**copy.deepcopy(first))
    described = sagemaker.describe_training_job(TrainingJobName=first["TrainingJobName"]) | shown
    tags = sagemaker.list_tags(ResourceArn=described["TrainingJobArn"])["Tags"]
    attempt = Attempt(Job.described(described).id, 2)
    own = {tag["Key"]: tag["Value"] for tag in tags}
    job = Job.described(described)
    planned = plan(option, job, left=None, before=NOTHING, prices={})
    return training_request.next_request(MODEL, described, own, attempt, planned)


@varied
@options
def test_every_request_is_one_that_sagemaker_takes(sagemaker, more, option):
    if "InstanceGroups" in more.get("ResourceConfig", {}) and not option.keeps_resources:
        pytest.skip("no such capacity option is taken for InstanceGroups: a_rung_must_fit_the_job")
    sagemaker.create_training_job(**made_again(sagemaker, request("nightly-7", **more), option))


@varied
def test_it_differs_from_the_first_only_where_it_must(sagemaker, more):
    first = request("nightly-7", **more)
    second = made_again(sagemaker, first, SPOT)
    differing = {k for k in first if first[k] != second.get(k)} - {"Tags", "TrainingJobName"}
    assert all(training_request.describes({k: second[k]}, {k: first[k]}) for k in differing)
    tags = {tag["Key"]: tag["Value"] for tag in second["Tags"]}
    assert {t["Key"]: t["Value"] for t in first.get("Tags", ())}.items() <= tags.items()
    assert tags["spotter:attempt"] == "2"


@varied
def test_on_demand_differs_in_nothing_but_spot_and_its_wait(sagemaker, more):
    first = request("nightly-7", **more)
    spot = made_again(sagemaker, first, SPOT)
    first["TrainingJobName"] = "nightly-8"
    on_demand = made_again(sagemaker, first, ON_DEMAND)
    assert on_demand["EnableManagedSpotTraining"] is False
    assert on_demand["StoppingCondition"] == {"MaxRuntimeInSeconds": 600}
    own = {"EnableManagedSpotTraining", "StoppingCondition", "TrainingJobName", "Tags"}
    assert {k: v for k, v in on_demand.items() if k not in own} == {
        k: v for k, v in spot.items() if k not in own
    }


def test_what_create_refuses_to_take_back_is_left_out(sagemaker):
    first = request("nightly-7")
    selected = {"SelectedInstanceType": "ml.g5.xlarge", "SelectedInstanceCount": 1}
    shown = {
        "ResourceConfig": first["ResourceConfig"] | selected,
        "InputDataConfig": [],
        "SecondaryStatus": "Stopped",
        "FinalMetricDataList": [{"MetricName": "x", "Value": 1.0, "Timestamp": datetime.now()}],
        "ProfilingStatus": "Enabled",
    }
    second = made_again(sagemaker, first, SPOT, **shown)
    assert second["ResourceConfig"] == first["ResourceConfig"]
    assert not {"InputDataConfig", "FinalMetricDataList", "ProfilingStatus"} & set(second)
    sagemaker.create_training_job(**second)


def test_tags_of_awss_own_and_of_an_earlier_attempt_are_not_carried_over():
    root = Attempt(Job.described(shown_minimally()).id, 1)
    tags = {"aws:createdBy": "x", "spotter:attempt": "2", "spotter:lineage": "y", "team": "a"}
    third = Attempt(root.root, 3)
    second = training_request.next_request(MODEL, shown_minimally(), tags, third, Plan(SPOT, ()))
    assert {t["Key"]: t["Value"] for t in second["Tags"]} == {"team": "a", **third.tags}


def shown_minimally() -> dict[str, Any]:
    return {
        "TrainingJobName": "nightly-7",
        "TrainingJobArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/nightly-7",
        "TrainingJobStatus": "Stopped",
        "SecondaryStatus": "MaxWaitTimeExceeded",
        "CreationTime": NOON,
        "RoleArn": ROLE,
        "StoppingCondition": {"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 2},
    }


def test_every_member_that_both_shapes_have_is_carried_over():
    """Computed from the model: a member that botocore learns is not forgotten here."""
    created = set(MODEL.operation_model("CreateTrainingJob").input_shape.members)
    shown = set(MODEL.operation_model("DescribeTrainingJob").output_shape.members)
    described = shown_minimally()
    second = training_request.next_request(
        MODEL, described, {}, Attempt(Job.described(described).id, 2), Plan(SPOT, ())
    )
    assert set(second) == (created & shown & set(described)) | {"Tags"}
    assert len(created & shown) >= 26


def test_the_fingerprint_follows_the_request_and_not_its_tags():
    one = request("nightly-7")
    print_ = training_request.fingerprint(one)
    assert print_ == training_request.fingerprint(one | {"Tags": [{"Key": "a", "Value": "b"}]})
    for member in one:
        assert print_ != training_request.fingerprint(one | {member: "other"}), member


@pytest.mark.parametrize(
    ("shown", "expected"),
    [({}, True), ({"RoleArn": "other"}, False), ({"EnableNetworkIsolation": False}, True)],
)
def test_a_job_is_what_was_requested_also_with_defaults_added(shown, expected):
    first = request("nightly-7")
    assert training_request.describes(first | shown, first) is expected


@pytest.mark.parametrize("on", [True, False])
def test_a_switch_that_is_off_may_be_left_out_of_the_answer_and_one_that_is_on_may_not(on):
    answer = request("nightly-7", EnableManagedSpotTraining=None)
    request_ = answer | {"EnableManagedSpotTraining": on}
    assert training_request.describes(answer, request_) is not on
