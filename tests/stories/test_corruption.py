"""Whoever writes to the table changes no request: it holds none, and each is made anew from Describe."""

import json
from collections.abc import Callable
from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from botocore.exceptions import ClientError

from spotter.core import rows
from spotter.shell import wire
from tests.nightly import ACT, NO_CAPACITY, PATIENT, failing
from tests.telling import minutes
from tests.world import World

OTHER = "large-1"
LARGE = {"InstanceType": "ml.p5.48xlarge", "InstanceCount": 9, "VolumeSizeInGB": 30}
NO_ROOM = ClientError({"Error": {"Code": "ResourceLimitExceeded"}}, "CreateTrainingJob")


def told_so_far(world: Any, when: str) -> tuple[World, list[dict[str, Any]]]:
    """nightly-7 has failed and nobody has decided, or its next attempt waits for a quota; a larger
    job, which no rule names, has failed too. And what is asked of SageMaker from now on.
    """
    told, asked = world(ACT), []
    told.script(OTHER, NO_CAPACITY)
    told.create(OTHER, ResourceConfig=LARGE, StoppingCondition=PATIENT)
    failing(told, "nightly-7")
    if when == "undecided":
        told.held = []
    else:
        told.refuse("create_training_job", NO_ROOM)
    told.pass_time(10, step=5)
    real = told.sagemaker.create_training_job

    def create(**more: Any) -> Any:
        asked.append(more)
        return real(**more)

    told.sagemaker.create_training_job = create
    told.held, told.tries = None, 1
    return told, asked


def goes_on(told: World) -> None:
    """What is torn fails, and fails alone."""
    for _ in range(2):
        told.now += minutes(6)
        with suppress(Exception):
            told.sweep()


WRONG: tuple[Any, ...] = (
    "", "x", OTHER, 0, 99, -1, True, [], "on-demand ml.p5.48xlarge instances=9", "started",
    "abandoned", "creating", "2026-11-23T12:00:00.000Z",
)  # fmt: skip


def keys(told: World) -> list[tuple[str, str]]:
    """The rows about nightly-7, its lineage, and creations."""
    return [(r[rows.PK], r[rows.SK]) for r in told.rows() if OTHER not in r[rows.PK]]


def corrupted(
    told: World, asked: list[Any], key: tuple[str, str], name: str, wrong: Any
) -> list[Any]:
    """What is asked of SageMaker with this in the row."""
    row = told.ledger.get(*key) or {}
    item = wire.written(row | {name: wrong})
    told.stream.client.put_item(TableName=told.ledger.table, Item=item)
    goes_on(told)
    return asked


def differs(told: World, key: tuple[str, str], name: str, wrong: Any) -> bool:
    """True of another value of the kind that the row holds there."""
    held = (told.ledger.get(*key) or {}).get(name)
    return type(held) is type(wrong) and held != wrong


@pytest.mark.parametrize("when", ["undecided", "waiting"])
def test_with_any_attribute_corrupted_the_request_is_the_same_or_there_is_none(world, when):
    sound, expected = told_so_far(world, when)
    wrong = (*WRONG, str(sound.heads()[OTHER].id))
    places = [
        (key, name)
        for key in keys(sound)
        for name in sound.ledger.get(*key) or ()
        if name not in (rows.PK, rows.SK)
    ]
    changes = [
        (key, name, value)
        for (key, name), value in product(places, wrong)
        if differs(sound, key, name, value)
    ]
    goes_on(sound)
    assert len(expected) == 1
    outcomes = [
        (corrupted(*told_so_far(world, when), key, name, value), f"{key[1]}: {name} = {value!r}")
        for key, name, value in changes
    ]
    assert [place for asked, place in outcomes if asked not in ([], expected)] == []
    assert 0 < sum(asked == [] for asked, _ in outcomes) < len(outcomes)
    assert len(outcomes) > 200


FORGED: tuple[Any, ...] = (None, "x", 7, [], {"RoleArn": "admin"}, "1970-01-01T00:00:00Z")


def carried_on(world: Any, forge: Callable[[dict[str, Any]], dict[str, Any]]) -> list[Any]:
    """What is asked of SageMaker when every event about nightly-7 is forged so."""
    told, asked = world(ACT), []
    told.weather = lambda entry: [
        entry | {"Detail": json.dumps(forge(json.loads(entry["Detail"])))}
    ]
    real = told.sagemaker.create_training_job

    def create(**more: Any) -> Any:
        asked.append(more)
        return real(**more)

    told.sagemaker.create_training_job = create
    failing(told, "nightly-7").pass_time(10, step=5)
    return asked


def test_whatever_else_an_event_says_the_request_is_the_same_byte_for_byte(world):
    seen: set[str] = set()
    expected = carried_on(world, lambda detail: seen.update(detail) or detail)
    assert [one["TrainingJobName"][:12] for one in expected] == ["nightly-7", "nightly-7-a2"]
    others = sorted(seen - {"TrainingJobName", "TrainingJobArn"})
    assert len(others) > 8
    for name, wrong in product(others, FORGED):
        assert carried_on(world, lambda d, n=name, w=wrong: d | {n: w}) == expected, (name, wrong)
        assert carried_on(world, lambda d, n=name: {k: d[k] for k in d if k != n}) == expected
