"""The simulated SageMaker beside botocore's model and beside moto, over random sequences of calls.

Every answer fits the model's output; a request is refused as invalid exactly if another validator than ours finds a fault
in it (tests/support/model_judge.py), or if one of the rules refuses it that the model does not hold. Where moto implements an
operation, the same calls are answered alike; known differences have tests of their own below.
"""

import copy
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from moto import mock_aws

from laptop.simulated_sagemaker import protocol, request_rules
from laptop.simulated_sagemaker.api import SimulatedSageMaker
from laptop.simulated_sagemaker.spot_market import SpotMarket
from sagemaker_api import model
from tests.support import generated_requests
from tests.support.jobs import ACCOUNT, NOON, REGION
from tests.support.model_judge import faults

CALLS, PARTS, IN_A_PART = 12, 10, 15
"""Of `make proof`; `python -m tests.engines` tells more."""
PARTED = [pytest.param(n, marks=[pytest.mark.proof] if n else []) for n in range(PARTS)]
OPERATIONS = ("CreateTrainingJob", *protocol.OPERATIONS.values())
REFUSALS = {"ValidationException", "ResourceInUse", "ResourceLimitExceeded"}
SEEDS = 60
"""Requests are drawn from so many, because patterns take long to write texts for."""


class SimulatedAccount:
    """One simulated SageMaker, whose clock moves, and what it answered."""

    def __init__(self) -> None:
        self.now = NOON
        self.sagemaker = SimulatedSageMaker(
            account=ACCOUNT,
            region=REGION,
            clock=lambda: self.now,
            market=SpotMarket(),
            emit=lambda _: None,
        )

    def names(self) -> list[str]:
        return [truth.name for truth in self.sagemaker.truths() if truth.deleted is None]


def request(chance: random.Random, operation: str, names: list[str]) -> dict[str, Any]:
    """A request that the model takes, about a job that there is or is not."""
    name = chance.choice([*names, "no-such-job"])
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{name.lower()}"
    if operation == "CreateTrainingJob":
        made = copy.deepcopy(generated_requests.created(chance.randrange(SEEDS)))
        return made | ({"TrainingJobName": name} if names and chance.random() < 0.1 else {})
    if operation == "ListTrainingJobs":
        return listed(chance)
    if operation.endswith("Tags"):
        tags = [{"Key": f"key {n}", "Value": "é"} for n in range(chance.randint(0, 3))]
        more = {"AddTags": {"Tags": tags}, "DeleteTags": {"TagKeys": ["key 0", "other"]}}
        return {"ResourceArn": arn} | more.get(operation, {})
    return {"TrainingJobName": name}


def listed(chance: random.Random) -> dict[str, Any]:
    some = {
        "MaxResults": chance.choice([1, 5, 100]),
        "NameContains": chance.choice(["seed", "1", "zzz"]),
        "StatusEquals": chance.choice(["InProgress", "Stopped", "Failed"]),
        "SortBy": chance.choice(["Name", "CreationTime", "Status"]),
        "SortOrder": chance.choice(["Ascending", "Descending"]),
        "CreationTimeAfter": NOON + timedelta(seconds=chance.randint(0, 60)),
        "LastModifiedTimeBefore": NOON + timedelta(seconds=chance.randint(0, 60)),
    }
    return {name: some[name] for name in chance.sample(list(some), chance.randint(0, 3))}


def spoiled(chance: random.Random, value: Any, shape: Any) -> Any:
    """The same value with one thing changed anywhere in it, which the model may or may not take."""
    if shape.type_name == "structure":
        return spoiled_structure(chance, value, shape)
    if shape.type_name == "list" and value and chance.random() < 0.8:
        at = chance.randrange(len(value))
        return [*value[:at], spoiled(chance, value[at], shape.member), *value[at + 1 :]]
    if shape.type_name == "list":
        return chance.choice([[], value * 60, "no list"])
    if shape.type_name == "map":
        return chance.choice([{}, {"": "x"}, {"k" * 3000: "x"}, {"k": 1}, {"k": "v" * 3000}, value])
    return chance.choice(
        [
            "",
            "x" * 63,
            "x" * 64,
            "x" * 3000,
            "two words",
            "é",
            "-x",
            0,
            -1,
            10**12,
            1.5,
            True,
            "File",
        ]
    )


def spoiled_structure(chance: random.Random, value: Any, shape: Any) -> Any:
    kind = chance.random()
    if kind < 0.1:
        return value | {"NoSuchMember": 1}
    if kind < 0.25 and value:
        gone = chance.choice(list(value))
        return {name: part for name, part in value.items() if name != gone}
    if not value:
        return 3
    name = chance.choice(list(value))
    inner = shape.members.get(name)
    return value | {name: spoiled(chance, value[name], inner)}


def sequence(number: int) -> Counter[str]:
    """One sequence of calls from a seed, each held against the model; how many were answered and refused."""
    chance, account, counted = random.Random(number), SimulatedAccount(), Counter[str]()
    for _ in range(CALLS):
        account.now += timedelta(seconds=chance.choice([0, 1, 30, 600]))
        operation = chance.choice(OPERATIONS)
        given = request(chance, operation, account.names())
        shape = model.request_shape(operation)
        if chance.random() < 0.4:
            given = spoiled(chance, given, shape)
        if not isinstance(given, dict) or not all(map(str.isidentifier, given)):
            continue
        counted[held_against_the_model(account, operation, given, shape)] += 1
    return counted


def held_against_the_model(
    account: SimulatedAccount, operation: str, given: dict[str, Any], shape: Any
) -> str:
    found = faults(given, shape) or list(_beyond_their_bits(given, shape))
    try:
        answer = getattr(account.sagemaker, xform_name(operation))(**copy.deepcopy(given))
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        assert code in REFUSALS, (operation, given, code)
        assert ("failed to satisfy constraint" in message) == bool(found), (given, message, found)
        return "refused by the model" if found else "refused by a rule"
    assert not found, (operation, given, found)
    output = model.service().operation_model(operation).output_shape
    assert output is not None or answer == {}
    assert output is None or unfit(answer, output) == [], (operation, answer)
    return "answered"


NUMBERS = ("integer", "long", "timestamp")


def _beyond_their_bits(value: Any, shape: Any) -> Iterator[Any]:
    """The one known difference: botocore takes True for a number, and numbers that no service can read."""
    if shape is None:
        return
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, part in value.items():
            yield from _beyond_their_bits(part, shape.members.get(name))
    elif shape.type_name == "list" and isinstance(value, list):
        for part in value:
            yield from _beyond_their_bits(part, shape.member)
    elif shape.type_name in NUMBERS and (
        value is True or (value == 10**12 and shape.type_name != "long")
    ):
        yield value


def unfit(answer: dict[str, Any], output: Any) -> list[str]:
    """What does not fit of an answer. ModelArtifacts is required by the model, and a job that has none shows none."""
    if "TrainingJobStatus" in answer:
        answer = {"ModelArtifacts": {"S3ModelArtifacts": "s3://none"}} | answer
    return faults(answer, output)


@pytest.mark.shows(
    "engines", "SageMaker beside botocore's model: sequences of 12 calls, some spoiled"
)
@pytest.mark.parametrize("part", PARTED)
def test_what_is_taken_and_answered_fits_the_model(part, proof):
    counted = Counter[str]()
    for number in range(part * IN_A_PART, (part + 1) * IN_A_PART):
        counted += sequence(number)
        proof.count(tries=1, fired=1)
    assert set(counted) == {"answered", "refused by the model", "refused by a rule"}


# Beside moto.

KEPT = ("HyperParameters", "RoleArn", "VpcConfig", "CheckpointConfig", "DebugHookConfig")
KEPT += ("TensorBoardOutputConfig", "ExperimentConfig", "EnableNetworkIsolation", "ResourceConfig")
KEPT += ("EnableManagedSpotTraining", "EnableInterContainerTrafficEncryption", "StoppingCondition")
"""Members that both show as the request had them."""


@pytest.fixture(scope="module")
def theirs() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("sagemaker")


class BothAccounts(SimulatedAccount):
    """The same calls to both; each sequence has a prefix of its own for names, since moto's account is kept."""

    def __init__(self, theirs: Any, prefix: str):
        super().__init__()
        self.theirs, self.prefix = theirs, prefix

    def answers(self, method: str, **request: Any) -> list[Any]:
        """Of both; ARNs differ in the account alone."""
        return [_answer(client, method, request) for client in (self.sagemaker, self.theirs)]

    def arns(self, name: str) -> tuple[str, str]:
        arn = f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{name}"
        return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{name}", arn


def _answer(client: Any, method: str, request: dict[str, Any]) -> Any:
    try:
        answer = getattr(client, method)(**copy.deepcopy(request))
    except ClientError as error:
        return error.response["Error"]["Code"]
    return {name: part for name, part in answer.items() if name != "ResponseMetadata"}


def create(chance: random.Random, both: BothAccounts) -> None:
    made = generated_requests.created(chance.randrange(SEEDS))
    made["TrainingJobName"] = f"{both.prefix}-{len(both.names())}-{chance.choice('ab')}"
    if made["TrainingJobName"] in both.names():
        return
    ours, theirs = both.answers("create_training_job", **made)
    names = [one["TrainingJobArn"].rpartition("/")[2] for one in (ours, theirs)]
    assert names == [made["TrainingJobName"]] * 2


def describe(chance: random.Random, both: BothAccounts) -> None:
    name = chance.choice([*both.names(), f"{both.prefix}-no-such-job"])
    ours, theirs = both.answers("describe_training_job", TrainingJobName=name)
    if isinstance(theirs, str):
        assert ours == theirs == "ValidationException"
        return
    for member in KEPT:
        assert ours.get(member) == theirs.get(member), (name, member)
    image = [one["AlgorithmSpecification"]["TrainingImage"] for one in (ours, theirs)]
    place = [one["OutputDataConfig"]["S3OutputPath"] for one in (ours, theirs)]
    assert image[0] == image[1]
    assert place[0] == place[1]


def listing(chance: random.Random, both: BothAccounts) -> None:
    asked = both.prefix + chance.choice(["-", "-1", "-no"])
    found = [
        [
            job["TrainingJobName"]
            for page in client.get_paginator("list_training_jobs").paginate(NameContains=asked)
            for job in page["TrainingJobSummaries"]
        ]
        for client in (both.sagemaker, both.theirs)
    ]
    assert found[0] == found[1], asked


def tags(chance: random.Random, both: BothAccounts) -> None:
    """New tags, or some fewer; then all of them."""
    name = chance.choice(both.names() or ["no-such-job"])
    if name == "no-such-job":
        return
    known = both.sagemaker.tags_of(name)
    fresh = {f"more {n}" for n in range(3)} - set(known)
    changes: dict[str, Any] = {
        "add_tags": {"Tags": [{"Key": key, "Value": "v"} for key in sorted(fresh)]},
        "delete_tags": {"TagKeys": sorted(known)[:2] or ["none"]},
    }
    method = chance.choice(list(changes))
    if len(known) + len(fresh) <= request_rules.MOST_TAGS or method == "delete_tags":
        for client, arn in zip((both.sagemaker, both.theirs), both.arns(name), strict=True):
            assert not isinstance(
                _answer(client, method, {"ResourceArn": arn} | changes[method]), str
            )
    ours, theirs = [
        [
            tag
            for page in client.get_paginator("list_tags").paginate(ResourceArn=arn)
            for tag in page["Tags"]
        ]
        for client, arn in zip((both.sagemaker, both.theirs), both.arns(name), strict=True)
    ]
    assert sorted(map(str, ours)) == sorted(map(str, theirs)), name


def beside_moto(number: int, theirs: Any) -> int:
    """One sequence of calls from a seed to both; how many jobs were made."""
    chance, both = random.Random(f"moto {number}"), BothAccounts(theirs, f"n{number}")
    create(chance, both)
    for _ in range(CALLS):
        both.now += timedelta(seconds=chance.choice([1, 30]))
        chance.choice([create, create, describe, describe, listing, tags])(chance, both)
    return len(both.names())


@pytest.mark.shows("engines", "SageMaker beside moto's: sequences of 12 calls")
@pytest.mark.parametrize("part", PARTED)
def test_both_engines_answer_alike(part, theirs, proof):
    made = [
        beside_moto(number, theirs) for number in range(part * IN_A_PART, (part + 1) * IN_A_PART)
    ]
    proof.count(tries=len(made), fired=len(made))
    assert sum(made) > len(made)
