"""Words for tests of the checks: a request that is wise, what is found in another, and a world to see."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sagemaker_api import model
from spotter.core.check.findings import (
    AccountState,
    CheckInput,
    Finding,
    NotChecked,
    check,
)
from spotter.core.check.request import Request
from spotter.core.check.rules import RULES
from spotter.core.model.hints import AccountRegion
from spotter.core.model.rule_text import title
from spotter.core.policy.model import Policy

WISE: dict[str, Any] = {
    "TrainingJobName": "nightly-7",
    "AlgorithmSpecification": {
        "TrainingImage": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/train:1",
        "TrainingInputMode": "File",
    },
    "RoleArn": "arn:aws:iam::111122223333:role/training-vision",
    "OutputDataConfig": {"S3OutputPath": "s3://ml-models/nightly/"},
    "ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
    "StoppingCondition": {"MaxRuntimeInSeconds": 36000, "MaxWaitTimeInSeconds": 86400},
    "EnableManagedSpotTraining": True,
    "CheckpointConfig": {"S3Uri": "s3://ml-checkpoints/nightly-7/"},
}
SHAPE = model.request_shape("CreateTrainingJob")
SEEN = AccountState(
    AccountRegion("111122223333", "eu-west-1"), taken=False, bucket="eu-west-1", running=()
)
OF_THE_POLICY = ("the policy resubmits something", "a rule of the policy names it")


def changed(**changes: Any) -> dict[str, Any]:
    """The wise request with other members: `StoppingCondition__MaxWaitTimeInSeconds=1`; None removes."""
    request = copy.deepcopy(WISE)
    for path, value in changes.items():
        *above, name = path.split("__")
        inside: Any = request
        for one in above:
            inside = inside.setdefault(one, {})
        if value is None:
            inside.pop(name, None)
        else:
            inside[name] = value
    return request


def check_input(
    members: Mapping[str, Any], policy: Policy | None = None, seen: AccountState = SEEN, **more: Any
) -> CheckInput:
    others = tuple(more.pop("others", ()))
    return CheckInput(
        Request("request.json", members, **more), policy or Policy(), seen, SHAPE, others
    )


def results(about: CheckInput) -> list[Finding | NotChecked]:
    """All that the rules say, except that the shipped policy resubmits nothing."""
    return [one for one in check(about, RULES) if one.rule not in OF_THE_POLICY]


def found(about: CheckInput) -> dict[str, str]:
    """The severity of what is found, by the rule that found it."""
    return {one.rule: one.severity.value for one in results(about) if isinstance(one, Finding)}


def left_out(about: CheckInput) -> dict[str, str]:
    """Why a rule was not evaluated, by the rule."""
    return {one.rule: one.reason for one in results(about) if isinstance(one, NotChecked)}


def seen(**other: Any) -> AccountState:
    return replace(SEEN, **other)


def titles() -> Iterator[str]:
    return (title(rule) for _, rule in RULES)
