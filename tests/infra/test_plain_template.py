"""What `make template` writes deploys without the CDK, and is otherwise what the CDK deploys."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infra.plain_template import (
    BUCKET,
    NAME,
    PREFIX,
    TEMPLATE,
    NotPlain,
    context_of,
    plain_template,
    write,
)
from tests.infra.policies import POLICIES, REPOSITORY
from tests.infra.template import HERE, Template
from tests.infra.template import plain as resolved

CREATES = {"sagemaker:CreateTrainingJob", "iam:PassRole"}
MOST_BYTES = 51_200
"""CloudFormation's limit for a template that is sent with the call."""


@pytest.fixture(scope="module")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write({}, tmp_path_factory.mktemp("template") / "made")


@pytest.fixture(scope="module")
def plain(artefact: tuple[Path, Path]) -> dict[str, Any]:
    return dict(json.loads(artefact[0].read_text()))


def test_it_is_one_template_and_one_zip(artefact: tuple[Path, Path]) -> None:
    template, bundle = artefact
    assert {one.name for one in template.parent.iterdir()} == {TEMPLATE, bundle.name}
    assert template.stat().st_size <= MOST_BYTES


def test_every_function_runs_the_zip_that_the_parameters_name(
    plain: dict[str, Any], artefact: tuple[Path, Path]
) -> None:
    assert {*plain["Parameters"]} == {BUCKET, PREFIX}
    codes = [
        one["Properties"]["Code"]
        for one in plain["Resources"].values()
        if one["Type"] == "AWS::Lambda::Function"
    ]
    key = {"Fn::Sub": f"${{BundleKeyPrefix}}{artefact[1].name}"}
    assert codes == [{"S3Bucket": {"Ref": "BundleBucket"}, "S3Key": key}] * len(codes)
    assert codes


def test_nothing_of_the_cdk_is_left(plain: dict[str, Any]) -> None:
    text = json.dumps(plain)
    assert [w for w in ("aws:cdk", "aws:asset", "cdk-", "Bootstrap", NAME) if w in text] == []
    assert "Rules" not in plain


def test_without_a_policy_it_only_watches(plain: dict[str, Any]) -> None:
    actions = {action for one in Template(plain).may() for action in one["Action"]}
    assert "dynamodb:PutItem" in actions
    assert not actions & CREATES


def test_a_policy_that_acts_has_its_permissions(tmp_path: Path) -> None:
    template, _ = write({"policy": str(REPOSITORY / "laptop/policy.toml")}, tmp_path / "made")
    actions = {
        action
        for one in Template(json.loads(template.read_text())).may()
        for action in one["Action"]
    }
    assert actions >= CREATES


def test_deployed_as_spotter_it_is_what_the_cdk_deploys(
    plain: dict[str, Any], synthesise: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HERE, "AWS::StackName", "Spotter")
    ours, cdks = _resources(Template(plain)), _resources(synthesise(POLICIES["shipped"]))
    assert ours == cdks
    assert Template(plain).outputs == synthesise(POLICIES["shipped"]).outputs


def _resources(template: Template) -> Counter[str]:
    """Each resource but for its code, the order of its members, and its logical id."""
    found = []
    for one in template.raw["Resources"].values():
        properties = {k: v for k, v in one.get("Properties", {}).items() if k != "Code"}
        kept = {"Type": one["Type"], "Properties": resolved(properties)}
        kept |= {k: one[k] for k in ("DeletionPolicy", "Condition") if k in one}
        text = json.dumps(kept, sort_keys=True)
        found.append(re.sub(r"(AllowEventRule\w+?)[0-9A-F]{8}", r"\1", text))  # a hash of the name
    return Counter(found)


def test_two_stacks_of_it_do_not_share_a_name(plain: dict[str, Any]) -> None:
    """Whatever is named is named after the stack, and by the Region where a name is the account's."""
    names = [
        one["Properties"]["DashboardName"]
        for one in plain["Resources"].values()
        if "DashboardName" in one.get("Properties", {})
    ]
    assert names
    assert all("AWS::StackName" in json.dumps(n) and "AWS::Region" in json.dumps(n) for n in names)


@pytest.mark.parametrize(
    "template",
    [
        {"Resources": {"A": {"Type": "AWS::S3::Bucket", "Properties": {"Name": "cdk-assets"}}}},
        {"Resources": {"A": {"Type": "X", "Properties": {"Value": {"Ref": "BootstrapVersion"}}}}},
    ],
)
def test_what_only_the_cdk_can_deploy_is_refused(template: dict[str, Any]) -> None:
    with pytest.raises(NotPlain, match="which only the CDK can deploy"):
        plain_template(template, "spotter.zip")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--profile", "x"], "takes ARGS"),
        (["-c", "policy"], "takes ARGS"),
        (["-c", "name=Team"], "takes its name when it is deployed"),
        (["-c"], "expected one argument"),
    ],
)
def test_other_words_are_refused_in_one_sentence(words: list[str], reason: str) -> None:
    with pytest.raises(NotPlain, match=reason):
        context_of(words)


def test_files_are_found_from_where_the_command_is_run() -> None:
    given = context_of(["-c", "policy=team.toml", "-c", "prices=p.json", "-c", "role_prefix=x"])
    assert given == {
        "policy": str(Path("team.toml").absolute()),
        "prices": str(Path("p.json").absolute()),
        "role_prefix": "x",
    }


def test_a_mistaken_policy_is_answered_with_its_mistakes(tmp_path: Path) -> None:
    policy = tmp_path / "team.toml"
    policy.write_text('scope = "none"\n')
    command = [sys.executable, "-m", "infra.plain_template", "-c", f"policy={policy}"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{policy} has 1 mistake")
