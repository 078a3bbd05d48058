"""A policy that names what is of another partition, account or Region is refused before it is deployed."""

from pathlib import Path

import aws_cdk as cdk
import pytest

from infra.deployment_target import Here, elsewhere
from spotter.core.policy.parse import parse_policy
from tests.infra.policies import POLICIES
from tests.infra.test_app import run

HERE = Here("aws", "eu-west-1", "111122223333")
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
NAMED = """
checkpoint_locations = ["s3://ml-checkpoints/*"]
kms_keys = ["{key}"]
[resubmission]
mode = "act"
roles = ["{role}"]
[[rule]]
name = "nightly-*"
on = ["NeverLaunched"]
max_attempts = 2
role = "{role}"
"""


def mistakes(
    here: Here = HERE, *, role: str = "arn:aws:iam::111122223333:role/a", key: str = KEY
) -> list[str]:
    return [*elsewhere(parse_policy("p", NAMED.format(role=role, key=key)), here)]


def test_what_is_where_the_stack_is_deployed_to_passes() -> None:
    assert mistakes() == []
    assert [*elsewhere(POLICIES["act"], HERE)] == []


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (KEY.replace("aws", "aws-cn"), 'partition "aws-cn", not "aws"'),
        (KEY.replace("eu-west-1", "us-east-1"), 'Region "us-east-1", not "eu-west-1"'),
        (KEY.replace("1111", "4444"), 'account "444422223333", not "111122223333"'),
    ],
)
def test_a_key_of_elsewhere_is_one_sentence(key: str, place: str) -> None:
    [found] = mistakes(key=key)
    assert found == f"kms_keys[1] = {key}: is in {place}, where Spotter is deployed"


def test_each_arn_is_a_sentence_with_all_that_is_wrong_with_it() -> None:
    found = mistakes(role="arn:aws-us-gov:iam::444455556666:role/a", key=KEY.replace("eu", "us"))
    assert [one.partition(" = ")[0] for one in found] == [
        "kms_keys[1]",
        "resubmission.roles[1]",
        "rule[1].role",
    ]
    assert all("partition" in one and "account" in one for one in found[1:])


def test_what_is_not_known_is_not_compared() -> None:
    odd = {"role": "arn:aws-cn:iam::444455556666:role/a", "key": KEY.replace("eu-west", "us-east")}
    assert mistakes(Here(), **odd) == []
    assert len(mistakes(Here(partition="aws"), **odd)) == 2
    assert len(mistakes(Here(region="eu-west-1"), **odd)) == 1


def test_a_restored_ledger_of_elsewhere_is_named_too() -> None:
    stream = "arn:aws:dynamodb:us-east-1:111122223333:table/x/stream/2026-01-01T00:00:00.000"
    [found] = elsewhere(POLICIES["shipped"], HERE, stream)
    assert "the context's ledger_stream" in found
    assert 'Region "us-east-1"' in found


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("eusc-de-east-1", "aws-eusc")],
)
def test_a_region_shows_its_partition(region: str, partition: str) -> None:
    assert Here.of(cdk.Environment(region=region)) == Here(partition, region, None)


def test_without_credentials_nothing_is_known() -> None:
    nowhere = cdk.Environment(region=cdk.Aws.REGION, account=cdk.Aws.ACCOUNT_ID)
    assert Here.of(nowhere) == Here.of(cdk.Environment()) == Here()


def test_the_app_names_all_of_them_and_synthesises_nothing(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text(NAMED.format(role="arn:aws:iam::444455556666:role/a", key=KEY))
    place = {"CDK_DEFAULT_ACCOUNT": "111122223333", "CDK_DEFAULT_REGION": "eu-west-1"}
    finished = run(tmp_path / "cdk.out", place, policy=str(file))
    assert finished.returncode == 1
    assert finished.stderr.splitlines()[0] == f"{file} has 2 mistakes:"
    assert len(finished.stderr.splitlines()) == 3
    assert not [*tmp_path.glob("cdk.out/*.template.json")]
