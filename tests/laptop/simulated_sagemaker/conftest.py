"""A simulated SageMaker whose clock does not move until a test moves it."""

import copy
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laptop.simulated_sagemaker import SimulatedSageMaker, SpotMarket, Trainer

BEGINNING = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACCOUNT, REGION = "111122223333", "eu-west-1"
Request = Callable[..., dict[str, Any]]


class Clock:
    """A clock that only `forward` moves."""

    def __init__(self) -> None:
        self.now = BEGINNING

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class InMemoryS3:
    """As much of S3 as training needs, in memory; listings come in pages of two."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}

    def put_object(self, **request: Any) -> None:
        self.objects[request["Bucket"], request["Key"]] = request["Body"]

    def get_object(self, **request: Any) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.objects[request["Bucket"], request["Key"]])}

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        keys = sorted(key for bucket, key in self.objects if bucket == request["Bucket"])
        found = [key for key in keys if key.startswith(request["Prefix"])]
        rest = [key for key in found if key > request.get("ContinuationToken", "")]
        page = {"Contents": [{"Key": key} for key in rest[:2]], "IsTruncated": len(rest) > 2}
        return page | ({"NextContinuationToken": rest[1]} if len(rest) > 2 else {})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def s3() -> InMemoryS3:
    return InMemoryS3()


@pytest.fixture
def emitted() -> list[dict[str, Any]]:
    """The entries that were emitted, in order."""
    return []


@pytest.fixture
def sagemaker(clock: Clock, s3: InMemoryS3, emitted: list[dict[str, Any]]) -> SimulatedSageMaker:
    return SimulatedSageMaker(
        account=ACCOUNT,
        region=REGION,
        clock=clock,
        market=SpotMarket(),
        emit=emitted.append,
        train=Trainer(s3),
    )


SPOT: dict[str, Any] = {
    "TrainingJobName": "job",
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/trainer",
    "OutputDataConfig": {"S3OutputPath": "s3://results/models"},
    "ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
    "EnableManagedSpotTraining": True,
}


@pytest.fixture
def spot() -> Request:
    """A request for a spot job; what is named replaces, None removes, and `Member__Inner` reaches inside."""

    def request(**changes: Any) -> dict[str, Any]:
        made = copy.deepcopy(SPOT)
        for path, value in changes.items():
            *outer, member = path.split("__")
            place = made
            for name in outer:
                place = place.setdefault(name, {})
            if value is None:
                place.pop(member, None)
            else:
                place[member] = value
        return made

    return request


@pytest.fixture
def on_demand(spot: Request) -> Request:
    """The same on demand."""

    def request(**changes: Any) -> dict[str, Any]:
        plain = {"EnableManagedSpotTraining": None, "StoppingCondition__MaxWaitTimeInSeconds": None}
        return spot(**plain | changes)

    return request


@pytest.fixture
def lived(sagemaker: SimulatedSageMaker) -> Callable[..., list[tuple[str, float]]]:
    """What a job went through so far: statuses, each with its second since the beginning."""

    def story(name: str = "job") -> list[tuple[str, float]]:
        return [
            (status, (start - BEGINNING).total_seconds()) for status, start in sagemaker.truth(name)
        ]

    return story


@pytest.fixture
def refused() -> Callable[..., tuple[str, ...]]:
    """The code and the message with which a call is refused."""

    def code_and_message(call: Callable[..., Any], **request: Any) -> tuple[str, ...]:
        with pytest.raises(ClientError) as refusal:
            call(**request)
        return tuple(map(str, refusal.value.response["Error"].values()))

    return code_and_message
