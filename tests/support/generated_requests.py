"""Requests and Describe answers made by chance from botocore's own model, the same for each seed.

A text that must fit a pattern is written by hypothesis from the pattern itself; whatever still breaks
the model, because two of its constraints meet, is left out again where it is optional.
"""

import random
from datetime import timedelta
from functools import cache
from typing import Any

from botocore.model import Shape
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from sagemaker_api import model
from tests.support.jobs import ACCOUNT, BUCKET, NOON, REGION, ROLE

SOME = 0.6
"""How likely an optional member is there."""

OWN_SENSE = ("ResourceConfig", "StoppingCondition", "AlgorithmSpecification", "ServerlessJobConfig")
"""Members whose parts exclude each other by rules that no model holds: made by hand below."""

TYPES = ["ml.g5.xlarge", "ml.p4d.24xlarge", "ml.m5.large", "ml.trn1.32xlarge"]
READ_ONLY = {"SelectedInstanceType": "ml.g5.xlarge", "SelectedInstanceCount": 1}


CHEAP = settings(
    max_examples=100,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""Any text that fits will do, so none is made smaller."""


@cache
def texts(java: str, least: int, most: int) -> list[str]:
    """A few texts that fit the pattern and the lengths; empty where hypothesis finds none."""
    fitting = st.from_regex(model.pattern(java), fullmatch=True)
    return [text for n in range(3) if (text := _one(fitting, least, most, n)) is not None]


def _one(fitting: st.SearchStrategy[str], least: int, most: int, seed: int) -> str | None:
    chance = random.Random(seed)
    try:
        return find(fitting, lambda t: least <= len(t) <= most, settings=CHEAP, random=chance)
    except NoSuchExample:
        return None


def value(shape: Shape, chance: random.Random) -> Any:
    """A value of a shape, nearly always one that the model takes."""
    limits = shape.metadata
    if "enum" in limits:
        return chance.choice(limits["enum"])
    return MADE[shape.type_name](shape, chance)


def _text(shape: Shape, chance: random.Random) -> str:
    limits = shape.metadata
    least, most = limits.get("min", 0), min(limits.get("max", 40), 200)
    if "pattern" in limits:
        known = texts(limits["pattern"], least, max(most, least))
        return chance.choice(known) if known else ""
    size = chance.randint(max(least, 1), max(most, 1))
    return "".join(
        chance.choice("ab=+-@:/.,0 \N{LATIN SMALL LETTER E WITH ACUTE}") for _ in range(size)
    )


def _number(shape: Shape, chance: random.Random) -> int:
    limits = shape.metadata
    least = limits.get("min", 0)
    return chance.randint(least, min(limits.get("max", least + 100), least + 10_000))


def _structure(shape: Any, chance: random.Random) -> dict[str, Any]:
    wanted = [n for n in shape.members if n in shape.required_members or chance.random() < SOME]
    made = {name: value(shape.members[name], chance) for name in wanted}
    return {n: v for n, v in made.items() if not list(model.violations(v, shape.members[n]))}


def _list(shape: Any, chance: random.Random) -> list[Any]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 3)
    return [value(shape.member, chance) for _ in range(chance.randint(least, min(most, least + 2)))]


def _map(shape: Any, chance: random.Random) -> dict[str, Any]:
    count = chance.randint(0, min(shape.metadata.get("max", 3), 3))
    return {value(shape.key, chance): value(shape.value, chance) for _ in range(count)}


MADE = {
    "string": _text,
    "integer": _number,
    "long": _number,
    "float": lambda shape, chance: float(_number(shape, chance)),
    "double": lambda shape, chance: float(_number(shape, chance)),
    "boolean": lambda _, chance: chance.random() < 0.5,
    "timestamp": lambda _, chance: NOON + timedelta(seconds=chance.randint(0, 10**6)),
    "structure": _structure,
    "list": _list,
    "map": _map,
}


def created(seed: int) -> dict[str, Any]:
    """A request for managed spot training that SageMaker takes."""
    chance = random.Random(seed)
    shape = model.request_shape("CreateTrainingJob")
    known = {n: m for n, m in shape.members.items() if n not in (*OWN_SENSE, "Tags")}
    request = {n: value(member, chance) for n, member in known.items() if chance.random() < SOME}
    request = {n: v for n, v in request.items() if not list(model.violations(v, known[n]))}
    request |= _exclusive_members(chance, seed)
    if request.get("ProfilerConfig", {}).get("DisableProfiler"):
        request.pop("ProfilerRuleConfigurations", None)
    return {n: v for n, v in request.items() if v is not None}


def _exclusive_members(chance: random.Random, seed: int) -> dict[str, Any]:
    """What has a sense of its own: who, on what, for how long, from which image."""
    runtime = chance.randint(60, 28 * 86400)
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/train@sha256:{seed:064x}"
    return {
        "TrainingJobName": f"seed-{seed}" + "-x" * chance.randint(0, 20),
        "RoleArn": ROLE,
        "EnableManagedSpotTraining": True,
        "AlgorithmSpecification": {
            "TrainingImage": image,
            "TrainingInputMode": chance.choice(["File", "Pipe", "FastFile"]),
            **chance.choice(
                [{}, {"ContainerEntrypoint": ["python"], "ContainerArguments": ["-v"]}]
            ),
        },
        "OutputDataConfig": {"S3OutputPath": "s3://ml-models/out"},
        "StoppingCondition": {
            "MaxRuntimeInSeconds": runtime,
            "MaxWaitTimeInSeconds": runtime + chance.choice([0, 1, 86400]),
            **chance.choice([{}, {"MaxPendingTimeInSeconds": 7200}]),
        },
        "CheckpointConfig": chance.choice([None, {"S3Uri": f"{BUCKET}/{seed}"}]),
        "ResourceConfig": {
            "InstanceType": chance.choice(TYPES),
            "InstanceCount": chance.randint(1, 9),
            "VolumeSizeInGB": chance.randint(1, 999),
            **chance.choice([{}, {"VolumeKmsKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}]),
        },
        "Tags": [{"Key": f"key-{n}", "Value": "v"} for n in range(chance.randint(0, 48))],
    }


def described(answer: dict[str, Any], seed: int) -> dict[str, Any]:
    """The answer with the members that only Describe has, and those that it must not take back."""
    chance = random.Random(seed)
    shape = model.answer_shape("DescribeTrainingJob")
    taken = model.request_shape("CreateTrainingJob").members
    extra = {n: m for n, m in shape.members.items() if n not in taken and n not in answer}
    owned = ("TuningJobArn", "LabelingJobArn", "AutoMLJobArn")
    more = {
        n: value(m, chance) for n, m in extra.items() if chance.random() < SOME and n not in owned
    }
    resources = answer["ResourceConfig"] | (READ_ONLY if chance.random() < 0.5 else {})
    empty: dict[str, Any] = chance.choice(
        [{}, {"InputDataConfig": []}, {"HyperParameters": {}, "Environment": {}}]
    )
    return (
        answer
        | more
        | {"ResourceConfig": resources}
        | {name: nothing for name, nothing in empty.items() if not answer.get(name)}
    )
