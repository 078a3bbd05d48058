"""What people set and when things began outlives every deployment, on the real template and IAM.

The embedded AWS writes a parameter of the stack again when only a tag of the stack changes, as
CloudFormation does.
"""

import shlex
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from laptop import deployment, startup
from laptop.location import POLICY, Laptop, clean_environment
from spotter.aws.ledger.table import Ledger
from spotter.aws.resubmit import parameters
from spotter.core.ledger import row_keys
from spotter.core.policy.parse import read_policy
from tests.laptop.conftest import with_key
from tests.laptop.test_commands import resubmitted
from tests.laptop.test_strict import brought_up

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("deployments")]


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """The laptop's policy, to be changed."""
    file = tmp_path / "policy.toml"
    file.write_text(POLICY.read_text())
    return file


@pytest.fixture
def place(tmp_path: Path, policy: Path) -> Iterator[Laptop]:
    yield from brought_up(tmp_path / "home", policy)


def run(place: Laptop, command: str) -> None:
    """A command of the stack's outputs, as a person runs it."""
    environment = clean_environment() | place.environment()
    done = subprocess.run(
        shlex.split(command), env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def switch(place: Laptop) -> str:
    return parameters.value_of(startup.client(place, "ssm"), place.outputs["SwitchParameter"])


def in_force(place: Laptop, policy: Path) -> datetime | None:
    name, print_ = place.outputs["PolicyParameter"], read_policy(policy).fingerprint
    return parameters.in_force(startup.client(place, "ssm"), name, print_)


def watched(place: Laptop) -> row_keys.Row | None:
    """The row that says since when; a sweep has put it."""
    startup.client(place, "lambda").invoke(FunctionName=place.outputs["SweepFunctionName"])
    ledger = Ledger(startup.client(place, "dynamodb"), place.outputs["LedgerName"])
    return ledger.rows.get((row_keys.WATCHING, row_keys.SINCE))


def test_a_pause_and_the_dates_outlive_every_deployment(place, policy, tmp_path):
    ssm, name = startup.client(place, "ssm"), place.outputs["PolicyParameter"]
    assert switch(place) == parameters.ON
    run(place, place.outputs["PauseCommand"])
    first, begun = in_force(place, policy), watched(place)
    assert first
    assert begun

    place = deployment.deploy(place, "--tags", "team=vision")
    versions = ssm.get_parameter_history(Name=name)["Parameters"]
    assert [v["Value"] for v in versions] == [read_policy(policy).fingerprint] * 2
    assert (switch(place), in_force(place, policy), watched(place)) == ("off", first, begun)

    policy.write_text(with_key(policy.read_text(), "max_age", "2h"))
    place = deployment.deploy(place, "--tags", "team=speech", policy=policy)
    second = in_force(place, policy)
    assert second
    assert second > first
    assert (switch(place), watched(place)) == ("off", begun)

    act = policy.read_text()
    shutil.copytree(place.home / "cdk.out", tmp_path / "act")
    policy.write_text(with_key(act, "mode", "off"))
    place = deployment.deploy(place, policy=policy)
    assert "SwitchParameter" not in place.outputs
    policy.write_text(act)
    shutil.rmtree(place.home / "cdk.out")
    shutil.copytree(tmp_path / "act", place.home / "cdk.out")
    place = deployment.deploy(place)
    third = in_force(place, policy)
    assert third
    assert third > second
    assert (switch(place), watched(place)) == ("off", begun)

    deployment.destroy(place)
    place = deployment.deploy(place)
    assert switch(place) == "off"
    run(place, place.outputs["ResumeCommand"])
    assert resubmitted(place, "resubmit-one")
