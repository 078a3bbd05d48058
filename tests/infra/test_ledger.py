"""The ledger loses no row, and what it wakes cannot be held up for ever."""

import json

import pytest

from spotter.core.ledger import row_keys, wake_filters
from tests.infra.template import Template

READS = {"dynamodb:BatchGetItem", "dynamodb:Query"}
WRITES = {"dynamodb:PutItem"}
ITS_AGE = {"dynamodb:DescribeTable"}
LISTENS = {
    "dynamodb:ListStreams",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
}


def dynamodb(template: Template, role: str | None = None) -> set[str]:
    """Every action on DynamoDB that a role may do, or anybody may."""
    return {a for s in template.may(role) for a in s["Action"] if a.startswith("dynamodb:")}


def test_nobody_can_change_or_erase_a_row(template: Template) -> None:
    assert dynamodb(template) <= READS | WRITES | LISTENS | ITS_AGE


def test_deleting_the_stack_leaves_the_ledger(template: Template) -> None:
    name, table = template.only("DynamoDB::Table")
    resource = template.raw["Resources"][name]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert table["DeletionProtectionEnabled"] is True


def test_the_ledger_can_be_put_back_to_any_second_of_the_last_weeks(template: Template) -> None:
    recovery = template.only("DynamoDB::Table")[1]["PointInTimeRecoverySpecification"]
    assert recovery == {"PointInTimeRecoveryEnabled": True}


def test_the_keys_are_those_that_the_functions_write(template: Template) -> None:
    table = template.only("DynamoDB::Table")[1]
    assert names(table) == [row_keys.PK, row_keys.SK]
    found = {index["IndexName"]: names(index) for index in table["GlobalSecondaryIndexes"]}
    assert found == {index: [pk, sk] for index, pk, sk in row_keys.INDEXES}


def test_an_index_holds_keys_only(template: Template) -> None:
    indexes = template.only("DynamoDB::Table")[1]["GlobalSecondaryIndexes"]
    assert {index["Projection"]["ProjectionType"] for index in indexes} == {"KEYS_ONLY"}


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("record", READS | {"dynamodb:PutItem"}),
        ("alert", READS | LISTENS | WRITES | ITS_AGE),
        ("sweep", READS | WRITES | ITS_AGE),
        ("resubmit", READS | LISTENS | WRITES),
    ],
)
def test_a_function_may_do_with_the_ledger_what_it_needs(
    templates: dict[str, Template], verb: str, expected: set[str]
) -> None:
    assert dynamodb(templates["act"], templates["act"].role_of(verb)) == expected


@pytest.mark.parametrize(
    ("verb", "filters"),
    [("alert", wake_filters.WAKES_ALERT), ("resubmit", wake_filters.WAKES_RESUBMIT)],
)
def test_a_function_hears_the_rows_that_are_written_for_it(
    templates: dict[str, Template], verb: str, filters: tuple[row_keys.Row, ...]
) -> None:
    act = templates["act"]
    [source] = [s for s in streams(act) if s["FunctionName"] == act.function(verb)[0]]
    patterns = [json.loads(f["Pattern"]) for f in source["FilterCriteria"]["Filters"]]
    assert patterns == list(filters)


def test_alert_may_list_pending_alerts(template: Template) -> None:
    index = f"{template.only('DynamoDB::Table')[0]}.Arn/index/{row_keys.OPEN}"
    may = [s for s in template.may(template.role_of("alert")) if index in s["Resource"]]
    assert [s["Action"] for s in may] == [["dynamodb:Query"]]


@pytest.mark.shows(
    "poisoned changes",
    "retries, age and failure queue of the stream, in the template",
)
def test_a_row_that_cannot_be_handled_steps_aside(template: Template) -> None:
    queues = {f"{name}.Arn" for name in template.all("SQS::Queue")}
    assert streams(template)
    for source in streams(template):
        assert 0 < source["MaximumRetryAttempts"] <= 20
        assert 0 < source["MaximumRecordAgeInSeconds"] <= 24 * 3600
        assert source["BisectBatchOnFunctionError"] is True
        assert source["DestinationConfig"]["OnFailure"]["Destination"] in queues


def test_what_was_written_before_a_function_was_subscribed_is_received(template: Template) -> None:
    assert {source["StartingPosition"] for source in streams(template)} == {"TRIM_HORIZON"}


def names(index: dict) -> list[str]:
    return [key["AttributeName"] for key in index["KeySchema"]]


def streams(template: Template) -> list[dict]:
    mappings = template.all("Lambda::EventSourceMapping").values()
    return [m for m in mappings if m["EventSourceArn"].endswith(".StreamArn")]
