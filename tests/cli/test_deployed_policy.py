"""The policy that is deployed is what counts, and if it cannot be read, a message says so."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from spotter.core.policy.parse import IN_TEMPLATE, PolicyMistakes
from spotter_cli.stack.deployed import Deployed, policy_of

TEXT = 'scope = "all"'


class CloudFormation:
    """Answers GetTemplate with this body, or refuses it."""

    def __init__(self, body: Any):
        self.body = body

    def get_template(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        if self.body is None:
            refusal = {"Error": {"Code": "AccessDenied", "Message": StackName}}
            raise ClientError(refusal, "GetTemplate")
        return {"TemplateBody": self.body}


def deployed(body: Any) -> Deployed:
    return Deployed({"cloudformation": CloudFormation(body)}.__getitem__, "Spotter", {})


@pytest.mark.parametrize("written", [lambda body: body, json.dumps])
def test_the_policy_in_the_template_counts(written):
    found = deployed(written({"Metadata": {IN_TEMPLATE: TEXT}})).policy
    assert found is not None
    assert found.scope == "all"


def test_a_file_that_is_named_counts_and_must_exist(tmp_path: Path):
    spotter = deployed({"Metadata": {IN_TEMPLATE: TEXT}})
    named = tmp_path / "team.toml"
    named.write_text("")
    found = policy_of(spotter, named)
    assert found is not None
    assert found.scope == "spot"
    with pytest.raises(PolicyMistakes, match=r"none.toml cannot be read: there is no such file$"):
        policy_of(spotter, tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("body", "remark"),
    [
        (None, "The deployed policy cannot be read (AccessDenied)"),
        ({}, "The stack Spotter holds no policy"),
        (
            {"Metadata": {IN_TEMPLATE: "[alerts]\nof_tomorrow = 1"}},
            "was written for another version of Spotter",
        ),
    ],
)
def test_where_it_cannot_be_read_that_is_said_and_defaults_are_used(body, remark, capsys):
    assert policy_of(deployed(body), None) is None
    notes = capsys.readouterr().err
    assert remark in notes
    assert "--policy" in notes
