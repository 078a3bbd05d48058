"""The switch says who paused it, when and why, in a line that SSM takes; and nobody pauses it twice."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from spotter_cli.errors import CommandError
from spotter_cli.stack import switch
from spotter_cli.stack.deployed import Deployed
from spotter_cli.stack.switch import pause, resume

NAME = "/Spotter/switch"


@pytest.fixture
def spotter():
    mocked = mock_aws()
    mocked.start(reset=False)  # whatever tables other tests have stay
    session = boto3.Session(region_name="eu-west-1")
    yield Deployed(session.client, "Spotter", {"LedgerName": "-", "SwitchParameter": NAME})
    session.client("ssm").delete_parameters(Names=[NAME])  # another test may keep the mock alive
    mocked.stop()


def written(spotter: Deployed) -> dict[str, Any]:
    [found] = spotter.client("ssm").describe_parameters()["Parameters"]
    return found | spotter.client("ssm").get_parameter(Name=NAME)["Parameter"]


def test_a_pause_says_who_when_and_why(spotter):
    turned = pause(spotter, "GPU budget")
    who = spotter.client("sts").get_caller_identity()["Arn"]
    value = written(spotter)["Value"]
    assert (turned.before, turned.now) == ("on", value)
    assert value.startswith(f"off: paused by {who} at 20")
    assert value.endswith("Z: GPU budget")


def test_the_first_pause_makes_the_parameter_and_a_resumption_leaves_it(spotter):
    assert spotter.client("ssm").describe_parameters()["Parameters"] == []
    assert not resume(spotter, "nobody has paused").changed
    assert spotter.client("ssm").describe_parameters()["Parameters"] == []
    pause(spotter, "GPU budget")
    resume(spotter, "new month")
    assert written(spotter)["Version"] == 2


def test_a_switch_that_may_not_be_read_is_neither_paused_nor_resumed(spotter, monkeypatch):
    """Whoever cannot see what it says must not believe that it is on."""

    def refuse(Name):  # noqa: N803 (SSM's word)
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetParameter")

    ssm = spotter.client("ssm")
    monkeypatch.setattr(ssm, "get_parameter", refuse)
    denied = Deployed(lambda service: ssm, "Spotter", spotter.outputs)
    for turn in (pause, resume):
        with pytest.raises(ClientError, match="AccessDenied"):
            turn(denied, "GPU budget")


def test_it_is_shown_who_paused_it_and_a_value_of_another_hand_is_quoted(spotter):
    paused = pause(spotter, "GPU budget")
    assert paused.now == f"off: paused {paused.paused}"
    assert resume(spotter, "new month").paused == paused.paused
    spotter.client("ssm").put_parameter(Name=NAME, Value="no", Overwrite=True)
    assert resume(spotter, "new month").paused == 'the switch is "no"'


def test_a_second_pause_keeps_the_first_ones_reason(spotter):
    first = pause(spotter, "GPU budget").now
    again = pause(spotter, "another reason")
    assert (again.now, again.changed) == (first, False)
    assert written(spotter)["Value"] == first


def test_resuming_is_exactly_on_and_says_who_in_the_description(spotter):
    pause(spotter, "GPU budget")
    assert resume(spotter, "new month").now == "on"
    found = written(spotter)
    assert found["Value"] == "on"
    assert found["Description"].startswith("resumed by arn:")
    assert found["Description"].endswith(": new month")
    assert not resume(spotter, "again").changed
    assert written(spotter)["Version"] == found["Version"]


@pytest.mark.parametrize(
    "why",
    ["a\nb\x1b[31m\u2028c", "{{{{ssm:secret}}}}", "{{{", "ü😀" * 4000],
    ids=["controls", "a reference", "three braces", "too long"],
)
def test_any_reason_becomes_one_line_that_ssm_takes(spotter, why):
    value = pause(spotter, why).now
    assert value.isprintable()
    assert "{{" not in value
    assert len(value.encode()) <= 4096
    assert len(written(spotter)["Description"]) <= 1024


def test_nothing_is_said_to_be_paused_before_it_shows(spotter, monkeypatch):
    monkeypatch.setattr(switch, "_read", lambda spotter, name: "on")
    monkeypatch.setattr(switch, "PAUSE_SECONDS", 0)
    with pytest.raises(CommandError, match="does not show the new value yet"):
        pause(spotter, "GPU budget")


def test_a_stack_without_resubmission_has_nothing_to_pause(spotter):
    watching = Deployed(spotter.client, "Spotter", {"LedgerName": "-"})
    with pytest.raises(CommandError, match='no resubmission to pause: its policy\'s mode is "off"'):
        pause(watching, "GPU budget")
