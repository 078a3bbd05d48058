"""The template of `make template` deploys by CloudFormation alone, and records a job."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.plain_template import write
from laptop import child_processes, startup
from laptop.account import BUCKETS
from laptop.location import REGION, Laptop, clean_environment, free_ports
from tests.laptop.conftest import COMMAND
from tests.laptop.test_startup import in_time, training_request
from tests.support import subprocesses

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("laptop")]
STACK = "Team-Spotter"
BUCKET, PREFIX = "our-artefacts", "spotter/1/"


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Laptop]:
    """An account that the CDK never saw: the embedded AWS and the simulated SageMaker alone."""
    aws, sagemaker = free_ports(2)
    place = Laptop(tmp_path, aws, sagemaker, "AKIAPLAIN")
    (tmp_path / "tmp").mkdir()
    try:
        place = startup.start_aws(place)
        place = startup.start_market(place)
        yield place
    finally:
        for pid in reversed(Laptop.read(tmp_path).pids.values()):
            child_processes.end(pid)


def spotter(place: Laptop, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(COMMAND), *words, "--stack", STACK]
    return subprocesses.run(command, env=clean_environment() | place.environment())


def test_it_is_deployed_without_the_cdk_and_records_a_job(account: Laptop, tmp_path: Path) -> None:
    template, bundle = write({}, tmp_path / "template")
    s3 = startup.client(account, "s3")
    for name in (BUCKET, *BUCKETS):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.upload_file(str(bundle), BUCKET, PREFIX + bundle.name)
    cloudformation = startup.client(account, "cloudformation")
    values = {"BundleBucket": BUCKET, "BundleKeyPrefix": PREFIX}
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=template.read_text(),
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=STACK, WaiterConfig={"Delay": 1}
    )
    startup.client(account, "sagemaker").create_training_job(**training_request("plain-1"))

    def ended() -> Any:
        listed = json.loads(spotter(account, "jobs", "plain-1", "--json").stdout)["jobs"]
        return [one for one in listed if not one["running"]]

    found = in_time(ended)
    assert found, spotter(account, "jobs", "--json").stderr
    assert (found[0]["ending"], found[0]["attempt"]) == ("Completed", 1)
    paused = spotter(account, "pause", "x")
    assert paused.returncode == 1
    assert 'its policy\'s mode is "off"' in paused.stderr
    cloudformation.delete_stack(StackName=STACK)
