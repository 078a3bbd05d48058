"""A pretend world whose clock stands still until a test moves it."""

import copy
import io
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from laptop.simulated_sagemaker import SimulatedSageMaker, SpotMarket, Trainer

BEGINNING = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACCOUNT, REGION = "111122223333", "eu-west-1"


class Clock:
    """Stands still; `forward` moves it."""

    def __init__(self):
        self.now = BEGINNING

    def __call__(self):
        return self.now

    def forward(self, seconds):
        self.now += timedelta(seconds=seconds)


class Bucketful:
    """As much of S3 as training needs, in memory; listings come in pages of two."""

    def __init__(self):
        self.objects = {}

    def put_object(self, **asked):
        self.objects[asked["Bucket"], asked["Key"]] = asked["Body"]

    def get_object(self, **asked):
        return {"Body": io.BytesIO(self.objects[asked["Bucket"], asked["Key"]])}

    def list_objects_v2(self, **asked):
        keys = sorted(key for bucket, key in self.objects if bucket == asked["Bucket"])
        found = [key for key in keys if key.startswith(asked["Prefix"])]
        rest = [key for key in found if key > asked.get("ContinuationToken", "")]
        page = {"Contents": [{"Key": key} for key in rest[:2]], "IsTruncated": len(rest) > 2}
        return page | ({"NextContinuationToken": rest[1]} if len(rest) > 2 else {})


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def s3():
    return Bucketful()


@pytest.fixture
def told():
    """The entries that were emitted, in order."""
    return []


@pytest.fixture
def sagemaker(clock, s3, told):
    return SimulatedSageMaker(
        account=ACCOUNT,
        region=REGION,
        clock=clock,
        market=SpotMarket(),
        emit=told.append,
        train=Trainer(s3),
    )


SPOT = {
    "TrainingJobName": "job",
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/trainer",
    "OutputDataConfig": {"S3OutputPath": "s3://results/models"},
    "ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
    "EnableManagedSpotTraining": True,
}


@pytest.fixture
def spot():
    """A request for a spot job; what is named replaces, None removes, and `Member__Inner` reaches inside."""

    def request(**changes):
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
def on_demand(spot):
    """The same on demand."""

    def request(**changes):
        plain = {"EnableManagedSpotTraining": None, "StoppingCondition__MaxWaitTimeInSeconds": None}
        return spot(**plain | changes)

    return request


@pytest.fixture
def lived(sagemaker):
    """What a job went through so far: statuses, each with its second since the beginning."""

    def story(name="job"):
        return [
            (status, (start - BEGINNING).total_seconds()) for status, start in sagemaker.truth(name)
        ]

    return story


@pytest.fixture
def refused():
    """The code and the message with which a call is refused."""

    def code_and_message(call, **asked):
        with pytest.raises(ClientError) as refusal:
            call(**asked)
        return tuple(refusal.value.response["Error"].values())

    return code_and_message
