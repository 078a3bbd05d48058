"""Gathers all evidence about one deployed Spotter. What cannot be read is not checked; the rest is."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from spotter.core import version
from spotter.core.model.partitions import partition_of
from spotter.core.model.times import utc
from spotter_cli.doctor.evidence import HealthEvidence, StackState, Unread
from spotter_cli.doctor.gather import compute, intake, messages, records
from spotter_cli.doctor.gather.declared import DeclaredStack
from spotter_cli.doctor.gather.reading import tried
from spotter_cli.errors import CommandError
from spotter_cli.stack.deployed import Deployed


def gather(spotter: Deployed, now: datetime) -> HealthEvidence:
    """`now` is this machine's clock. Without the stack's template and resources nothing can be checked."""
    client, outputs = spotter.client, spotter.outputs
    answer = client("cloudformation").describe_stacks(StackName=spotter.stack)
    stack = declared(spotter)
    topics = {"alerts": outputs["AlertsTopicArn"], "operations": outputs["OperationsTopicArn"]}
    return HealthEvidence(
        now=now,
        command_line=version.VERSION,
        stack=_stack(spotter, answer["Stacks"][0]),
        aws_now=_date(answer),
        others=tried(lambda: _others(client("cloudformation"), spotter.stack)),
        ledger=records.ledger(client, outputs["LedgerName"]),
        rule=intake.rule(client, stack),
        events=intake.events(client, stack, now),
        admits_rule=intake.admits_rule(client, stack, outputs["IntakeUrl"]),
        jobs=intake.jobs(client, spotter.ledger, spotter.here, now, _prefix(spotter)),
        queues=intake.queues(client, stack),
        functions=compute.functions(client, stack),
        sources=compute.sources(client, stack),
        roles=compute.roles(client, stack),
        schedule=intake.schedule(client, stack),
        sweep=records.sweep(spotter.ledger),
        topics=messages.topics(client, stack, topics),
        secret_filled=messages.secret_filled(client, outputs.get("SlackSecretArn")),
        has_slack="SlackSecretArn" in outputs,
        switch=records.switch(client, outputs.get("SwitchParameter")),
        policy=records.policy(client, spotter.policy, outputs.get("PolicyParameter")),
        alarms=messages.alarms(client, stack),
        pending=records.pending(spotter.ledger),
    )


def _prefix(spotter: Deployed) -> str | None:
    """The first letters of the names of the jobs that the deployed policy covers; None if all."""
    return spotter.policy.job_name_prefix if spotter.policy else None


def declared(spotter: Deployed) -> DeclaredStack:
    """The stack's template, and what CloudFormation named its resources."""
    lister = spotter.client("cloudformation").get_paginator("list_stack_resources")
    ids = {
        one["LogicalResourceId"]: one["PhysicalResourceId"]
        for page in lister.paginate(StackName=spotter.stack)
        for one in page["StackResourceSummaries"]
        if one.get("PhysicalResourceId")
    }
    here = spotter.here
    partition = partition_of(here.region)
    if partition is None:
        raise CommandError(f"The Region {here.region} belongs to no partition that Spotter knows.")
    return DeclaredStack(
        spotter.template["Resources"], ids, partition.name, here.region, here.account
    )


def deployed_stacks(cloudformation: Any) -> Iterator[str]:
    """The stacks of Spotter in this account and Region: those with an output LedgerName."""
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            if "LedgerName" in {output["OutputKey"] for output in stack.get("Outputs", ())}:
                yield stack["StackName"]


def _others(cloudformation: Any, own: str) -> tuple[str, ...]:
    return tuple(name for name in deployed_stacks(cloudformation) if name != own)


def _stack(spotter: Deployed, held: Any) -> StackState:
    return StackState(
        name=spotter.stack,
        status=held["StackStatus"],
        changed=utc(held.get("LastUpdatedTime") or held["CreationTime"]),
        version=spotter.outputs.get(version.OUTPUT),
        account=spotter.here.account,
        region=spotter.here.region,
    )


def _date(answer: Any) -> datetime | Unread:
    """AWS's clock when it answered: the Date header, in whole seconds."""
    header = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
    if header is None:
        return Unread("AWS's answer has no Date header")
    return utc(parsedate_to_datetime(header))
