"""Reads the topics' subscriptions, whether Slack's secret has a value, and the alarms."""

from collections.abc import Callable
from functools import partial
from typing import Any

from spotter_cli.doctor.evidence import AlarmState, TopicState, Unread
from spotter_cli.doctor.gather.declared import Declared, DeclaredStack
from spotter_cli.doctor.gather.reading import tried, tried_if_it_exists

Client = Callable[[str], Any]
SUBSCRIPTION, SECRET, ALARM = (
    "AWS::SNS::Subscription",
    "AWS::SecretsManager::Secret",
    "AWS::CloudWatch::Alarm",
)
UNCONFIRMED, GONE = "PendingConfirmation", "Deleted"
"""In place of a subscription's ARN: nobody confirmed it, or whoever did ended it."""
A_CALL = 100
"""The most alarms that one DescribeAlarms takes by name."""


def topics(
    client: Client, stack: DeclaredStack, arns: dict[str, str]
) -> dict[str, TopicState | Unread | None]:
    return {
        name: tried_if_it_exists(partial(_topic, client("sns"), stack, arn))
        for name, arn in arns.items()
    }


def _topic(sns: Any, stack: DeclaredStack, arn: str) -> TopicState:
    sns.get_topic_attributes(TopicArn=arn)  # which fails without a topic; the list may not
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    held = [
        (one["SubscriptionArn"], one["Endpoint"]) for page in pages for one in page["Subscriptions"]
    ]
    wanted = [
        stack.resolved(one.properties["Endpoint"])
        for one in stack.of(SUBSCRIPTION)
        if stack.resolved(one.properties["TopicArn"]) == arn
    ]
    return TopicState(
        arn,
        confirmed=tuple(to for which, to in held if which not in (UNCONFIRMED, GONE)),
        pending=tuple(to for which, to in held if which == UNCONFIRMED),
        wanted=tuple(filter(None, wanted)),
    )


def secret_filled(client: Client, arn: str | None) -> bool | Unread | None:
    """Whether the secret has a current version: DescribeSecret shows that without the value.

    SecretString has at least one character, so a version is no empty one. A secret that is to be deleted
    counts as deleted.
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
    """
    if arn is None:
        return None
    held = tried_if_it_exists(lambda: client("secretsmanager").describe_secret(SecretId=arn))
    if held is None or isinstance(held, Unread):
        return held
    if held.get("DeletedDate"):
        return None
    return any("AWSCURRENT" in stages for stages in held.get("VersionIdsToStages", {}).values())


def alarms(client: Client, stack: DeclaredStack) -> dict[str, AlarmState | None] | Unread:
    declared = [*stack.of(ALARM)]
    return tried(lambda: _alarms(client("cloudwatch"), declared))


def _alarms(cloudwatch: Any, declared: list[Declared]) -> dict[str, AlarmState | None]:
    names = [one.physical for one in declared if one.physical]
    found = {
        one["AlarmName"]: one
        for start in range(0, len(names), A_CALL)
        for one in cloudwatch.describe_alarms(
            AlarmNames=names[start : start + A_CALL], MaxRecords=A_CALL
        )["MetricAlarms"]
    }
    return {
        word: _alarm(word, one, found.get(one.physical or ""))
        for one in declared
        for word in [one.word.removeprefix("Operations")]
    }


def _alarm(name: str, declared: Declared, held: Any) -> AlarmState | None:
    if held is None:
        return None
    urgent = bool(declared.properties.get("AlarmActions"))
    reason = held.get("StateReason", "")
    actions = held.get("ActionsEnabled", True)
    return AlarmState(name, held["StateValue"], reason, actions, urgent, held["AlarmName"])
