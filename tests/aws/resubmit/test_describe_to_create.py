"""What Describe shows otherwise than Create takes it: each row of the table, through the simulated SageMaker."""

import copy
from typing import Any

import pytest

from laptop.simulated_sagemaker import request_rules
from laptop.simulated_sagemaker.api import SimulatedSageMaker
from laptop.simulated_sagemaker.spot_market import SpotMarket
from spotter.aws import api_model
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT
from spotter.core.resubmit.describe_to_create import TABLE, faults, without_empty
from tests.aws.resubmit.test_training_request import VARIED, made_again
from tests.support.jobs import ACCOUNT, NOON, REGION
from tests.support.spotter_in_one_process import MODEL, request

GROUPS = VARIED["heterogeneous groups"]["ResourceConfig"]["InstanceGroups"]
OWN = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
XGBOOST = {
    "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.5-1",
    "TrainingInputMode": "File",
}
PROFILED = {
    "ProfilerConfig": {
        "S3OutputPath": "s3://ml-profiler/x",
        "ProfilingIntervalInMilliseconds": 500,
    },
    "ProfilerRuleConfigurations": [
        {"RuleConfigurationName": "ProfilerReport", "RuleEvaluatorImage": f"{OWN}/rules:latest"}
    ],
}
TYPE = {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
ABSENT = object()
NOTHING = {
    "VpcConfig": {"SecurityGroupIds": [], "Subnets": []},
    "DebugHookConfig": {"S3OutputPath": "", "CollectionConfigurations": []},
    "InputDataConfig": [],
    "RetryStrategy": {},
}
EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "TrainingJobStatus": ({}, {"ProfilingStatus": "Enabled"}, {"ProfilingStatus": ABSENT}),
    "any optional text": ({}, NOTHING, dict.fromkeys(NOTHING, ABSENT)),
    "any optional number": (
        {},
        {"RetryStrategy": {"MaximumRetryAttempts": 0}},
        {"RetryStrategy": ABSENT},
    ),
    "SelectedInstanceType": (
        {},
        {"ResourceConfig": TYPE | {"SelectedInstanceType": "ml.g5.xlarge"}},
        {"ResourceConfig": TYPE},
    ),
    "beside `InstanceGroups`": (
        {"ResourceConfig": {"InstanceGroups": GROUPS, "VolumeSizeInGB": 30}},
        {},
        {"ResourceConfig": {"InstanceGroups": GROUPS, "VolumeSizeInGB": 30}},
    ),
    "beside `InstancePreferences`": (
        {},
        {
            "ResourceConfig": TYPE
            | {
                "InstancePreferences": [{"InstanceType": "ml.g5.4xlarge"}, {"InstanceType": "ml.g5.xlarge"}],
                "SelectedInstanceType": "ml.g5.xlarge",
                "SelectedInstanceCount": 1,
            }
        },
        {"ResourceConfig": TYPE},
    ),
    "KeepAlivePeriodInSeconds": (
        {},
        {"ResourceConfig": TYPE | {"KeepAlivePeriodInSeconds": 0}},
        {"ResourceConfig": TYPE},
    ),
    "MetricDefinitions": (
        {"AlgorithmSpecification": XGBOOST},
        {},
        {"AlgorithmSpecification": XGBOOST | {"EnableSageMakerMetricsTimeSeries": False}},
    ),
    "EnableSageMakerMetricsTimeSeries": (
        {"AlgorithmSpecification": XGBOOST},
        {"AlgorithmSpecification": XGBOOST | {"EnableSageMakerMetricsTimeSeries": True}},
        {"AlgorithmSpecification": XGBOOST | {"EnableSageMakerMetricsTimeSeries": True}},
    ),
    "while profiling is off": (
        PROFILED,
        {"ProfilingStatus": "Disabled"},
        {"ProfilerConfig": {"DisableProfiler": True}, "ProfilerRuleConfigurations": ABSENT},
    ),
    "`VolumeSizeInGB` of": (PROFILED, {}, PROFILED),
    "while profiling is on": (PROFILED, {}, PROFILED),
    "`CompressionType`": (
        {"InputDataConfig": VARIED["script mode"]["InputDataConfig"]},
        {},
        {"EnableNetworkIsolation": False, "EnableInterContainerTrafficEncryption": False},
    ),
    "`Tags`": ({}, {"Tags": [{"Key": "aws:x", "Value": "y"}]}, {}),
    "`SessionChainingConfig`": (
        {"SessionChainingConfig": {"EnableSessionTagChaining": True}},
        {},
        {"SessionChainingConfig": ABSENT},
    ),
}  # fmt: skip


@pytest.fixture
def sagemaker() -> SimulatedSageMaker:
    return SimulatedSageMaker(
        account=ACCOUNT, region=REGION, clock=lambda: NOON, market=SpotMarket(), emit=lambda e: None
    )


@pytest.mark.parametrize(
    ("holder", "member", "number", "stays"),
    [
        ("RetryStrategy", "MaximumRetryAttempts", 0, False),
        ("RetryStrategy", "MaximumRetryAttempts", 1, True),
        ("ResourceConfig", "VolumeSizeInGB", 0, True),
        ("ProfilerConfig", "ProfilingIntervalInMilliseconds", 0, True),
    ],
)
def test_a_zero_says_nothing_only_where_the_model_asks_for_more(holder, member, number, stays):
    shape = MODEL.operation_model("CreateTrainingJob").input_shape
    kept = without_empty({holder: {member: number}}, shape)
    assert (kept == {holder: {member: number}}) is stays


def test_every_row_has_its_example():
    for row in TABLE:
        assert len([name for name in EXAMPLES if name in row.name]) == 1, row.name
    assert len(EXAMPLES) == len(TABLE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_create_takes_back_what_describe_shows_of_a_row(sagemaker, example):
    created, shown, expected = EXAMPLES[example]
    second = made_again(sagemaker, request("nightly-7", **created), SPOT, **copy.deepcopy(shown))
    assert {name: second.get(name, ABSENT) for name in expected} == expected
    assert not {tag["Key"] for tag in second["Tags"]} & {"aws:x"}
    sagemaker.create_training_job(**second)


def test_preferences_stay_on_demand_without_the_type_beside_them(sagemaker):
    _, shown, _ = EXAMPLES["beside `InstancePreferences`"]
    second = made_again(sagemaker, request("nightly-7"), ON_DEMAND, **copy.deepcopy(shown))
    assert {"InstanceType", "SelectedInstanceType"} & set(second["ResourceConfig"]) == set()
    sagemaker.create_training_job(**second)


def test_a_network_that_is_empty_in_a_part_only_is_not_left_out(sagemaker):
    half = {"VpcConfig": {"SecurityGroupIds": [], "Subnets": ["subnet-0123456789abcdef0"]}}
    assert (
        made_again(sagemaker, request("nightly-7"), SPOT, **half)["VpcConfig"] == half["VpcConfig"]
    )


def optional_members(shape: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every optional member of a structure, however deep, outside lists and maps."""
    found = []
    for name, member in getattr(shape, "members", {}).items():
        if name not in shape.required_members:
            found.append(((*path, name), member))
        found += optional_members(member, (*path, name))
    return found


CREATED: Any = MODEL.operation_model("CreateTrainingJob").input_shape
EMPTY = {"string": "", "list": [], "map": {}, "structure": {}}
OPTIONAL = [
    (path, member) for path, member in optional_members(CREATED) if member.type_name in EMPTY
]


@pytest.mark.parametrize(("path", "member"), OPTIONAL, ids=[".".join(path) for path, _ in OPTIONAL])
def test_no_optional_member_that_is_empty_is_left(path, member):
    value: Any = EMPTY[member.type_name]
    for name in reversed(path):
        value = {name: value}
    kept = without_empty(value, CREATED)
    for name in path[:-1]:
        kept = kept.get(name, {})
    assert path[-1] not in kept


@pytest.mark.parametrize("beside", [{"InstanceCount": 0}, {"InstanceType": "ml.g5.xlarge"}])
def test_the_market_refuses_a_count_or_a_type_beside_groups(beside):
    resources = {"InstanceGroups": GROUPS, "VolumeSizeInGB": 30}
    assert request_rules.groups_stand_alone({"ResourceConfig": resources}) is None
    assert request_rules.groups_stand_alone({"ResourceConfig": resources | beside})


def test_the_market_shows_a_count_of_0_beside_groups(sagemaker):
    resources = {"InstanceGroups": GROUPS, "VolumeSizeInGB": 30}
    sagemaker.create_training_job(**request("nightly-7", ResourceConfig=resources))
    shown = sagemaker.describe_training_job(TrainingJobName="nightly-7")
    assert shown["ResourceConfig"] == resources | {"InstanceCount": 0}


def test_only_an_instance_type_that_the_model_does_not_list_may_be_newer_than_it():
    shape = api_model.request_shape("CreateTrainingJob")

    def places(**members):
        return [".".join(map(str, one.path)) for one in faults(members, shape) if one.value]

    newer = "ml.p99.48xlarge"
    assert places(ResourceConfig={"InstanceType": newer}) == []
    assert places(ResourceConfig={"InstanceType": "large"}) == ["ResourceConfig.InstanceType"]
    assert places(AlgorithmSpecification={"TrainingInputMode": newer}) == [
        "AlgorithmSpecification.TrainingInputMode"
    ]
