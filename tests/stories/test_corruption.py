"""Whoever writes to the table changes no request: it holds none, and each is made anew from Describe."""

import json
from collections.abc import Callable
from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from botocore.exceptions import ClientError

from spotter.aws.ledger import codec
from spotter.core.ledger import row_keys
from tests.support.jobs import minutes
from tests.support.nightly_lineage import ACT, NO_CAPACITY, PATIENT, failing
from tests.support.spotter_in_one_process import SpotterInOneProcess

OTHER = "large-1"
LARGE = {"InstanceType": "ml.p5.48xlarge", "InstanceCount": 9, "VolumeSizeInGB": 30}
NO_ROOM = ClientError({"Error": {"Code": "ResourceLimitExceeded"}}, "CreateTrainingJob")


def told_so_far(new_world: Any, when: str) -> tuple[SpotterInOneProcess, list[dict[str, Any]]]:
    """nightly-7 has failed and nobody has decided, or its next attempt waits for a quota; a larger
    job, which no rule names, has failed too. And the calls of SageMaker from now on.
    """
    world, request = new_world(ACT), []
    world.script(OTHER, NO_CAPACITY)
    world.create(OTHER, ResourceConfig=LARGE, StoppingCondition=PATIENT)
    failing(world, "nightly-7")
    if when == "undecided":
        world.held = []
    else:
        world.refuse("create_training_job", NO_ROOM)
    world.pass_time(10, step=5)
    real = world.sagemaker.create_training_job

    def create(**more: Any) -> Any:
        request.append(more)
        return real(**more)

    world.sagemaker.create_training_job = create
    world.held, world.tries = None, 1
    return world, request


def goes_on(world: SpotterInOneProcess) -> None:
    """What is torn fails, and fails alone."""
    for _ in range(2):
        world.now += minutes(6)
        with suppress(Exception):
            world.sweep()


WRONG: tuple[Any, ...] = (
    "", "x", OTHER, 0, 99, -1, True, [], "on-demand ml.p5.48xlarge instances=9", "started",
    "abandoned", "creating", "2026-11-23T12:00:00.000Z",
)  # fmt: skip


def keys(world: SpotterInOneProcess) -> list[tuple[str, str]]:
    """The rows about nightly-7, its lineage, and creations."""
    return [(r[row_keys.PK], r[row_keys.SK]) for r in world.rows() if OTHER not in r[row_keys.PK]]


def corrupted(
    world: SpotterInOneProcess, request: list[Any], key: tuple[str, str], name: str, wrong: Any
) -> list[Any]:
    """What is request of SageMaker with this in the row."""
    row = world.ledger.rows.get(key) or {}
    item = codec.written(row | {name: wrong})
    world.stream.client.put_item(TableName=world.ledger.table, Item=item)
    goes_on(world)
    return request


def differs(world: SpotterInOneProcess, key: tuple[str, str], name: str, wrong: Any) -> bool:
    """True of another value of the kind that the row holds there."""
    held = (world.ledger.rows.get(key) or {}).get(name)
    return type(held) is type(wrong) and held != wrong


@pytest.mark.shows("writers", "every attribute of every row of a lineage, corrupted in each way")
@pytest.mark.parametrize("when", ["undecided", "waiting"])
def test_with_any_attribute_corrupted_the_request_is_the_same_or_there_is_none(
    new_world, when, proof
):
    sound, expected = told_so_far(new_world, when)
    wrong = (*WRONG, str(sound.heads()[OTHER].id))
    places = [
        (key, name)
        for key in keys(sound)
        for name in sound.ledger.rows.get(key) or ()
        if name not in (row_keys.PK, row_keys.SK)
    ]
    changes = [
        (key, name, value)
        for (key, name), value in product(places, wrong)
        if differs(sound, key, name, value)
    ]
    goes_on(sound)
    assert len(expected) == 1
    proof.count(tries=len(changes), fired=len(changes))
    outcomes = [
        (
            corrupted(*told_so_far(new_world, when), key, name, value),
            f"{key[1]}: {name} = {value!r}",
        )
        for key, name, value in changes
    ]
    assert [place for request, place in outcomes if request not in ([], expected)] == []
    assert 0 < sum(request == [] for request, _ in outcomes) < len(outcomes)
    assert len(outcomes) > 200


FORGED: tuple[Any, ...] = (None, "x", 7, [], {"RoleArn": "admin"}, "1970-01-01T00:00:00Z")


def calls_of(new_world: Any, forge: Callable[[dict[str, Any]], dict[str, Any]]) -> list[Any]:
    """The calls of SageMaker when every event about nightly-7 is forged so."""
    world, request = new_world(ACT), []
    world.weather = lambda entry: [
        entry | {"Detail": json.dumps(forge(json.loads(entry["Detail"])))}
    ]
    real = world.sagemaker.create_training_job

    def create(**more: Any) -> Any:
        request.append(more)
        return real(**more)

    world.sagemaker.create_training_job = create
    failing(world, "nightly-7").pass_time(10, step=5)
    return request


@pytest.mark.shows("forged events", "every other field of an event, forged or left out")
def test_whatever_else_an_event_says_the_request_is_the_same_byte_for_byte(new_world, proof):
    seen: set[str] = set()
    expected = calls_of(new_world, lambda detail: seen.update(detail) or detail)
    assert [one["TrainingJobName"][:12] for one in expected] == ["nightly-7", "nightly-7-a2"]
    others = sorted(seen - {"TrainingJobName", "TrainingJobArn"})
    assert len(others) > 8
    for name, wrong in product(others, FORGED):
        assert calls_of(new_world, lambda d, n=name, w=wrong: d | {n: w}) == expected, (
            name,
            wrong,
        )
        assert calls_of(new_world, lambda d, n=name: {k: d[k] for k in d if k != n}) == expected
        proof.count(tries=2, fired=2)
