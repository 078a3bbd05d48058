"""Reads the EventBridge rule, the queues, the schedule, and how far the ledger is behind SageMaker."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from spotter.aws.ledger.table import Ledger
from spotter.aws.sweep.comparison import is_behind
from spotter.core.model.hints import AccountRegion
from spotter.core.model.identity import JobId
from spotter.core.model.times import utc
from spotter_cli.doctor.evidence import (
    DEAD,
    EVENT_PERIOD,
    EventsState,
    JobsState,
    QueueState,
    RuleState,
    ScheduleState,
    Unread,
)
from spotter_cli.doctor.gather.declared import Declared, DeclaredStack
from spotter_cli.doctor.gather.letters import peek
from spotter_cli.doctor.gather.permissions import listed, matches
from spotter_cli.doctor.gather.reading import tried, tried_if_it_exists

T = TypeVar("T")
Client = Callable[[str], Any]
RULE, QUEUE, SCHEDULE = "AWS::Events::Rule", "AWS::SQS::Queue", "AWS::Scheduler::Schedule"
DAY = timedelta(days=1)
CREATED_WITHIN = timedelta(days=7)
ARRIVED = timedelta(minutes=15)
"""A change that is younger may still be on its way: three sweeps."""
JOBS = 100
"""One page of ListTrainingJobs, the newest jobs first."""


def rule(client: Client, stack: DeclaredStack) -> RuleState | Unread | None:
    return _only(stack, RULE, partial(_rule, client("events"), stack))


def _only(stack: DeclaredStack, kind: str, read: Callable[[Declared, str], T]) -> T | Unread | None:
    """The only resource of a type, read by its declaration and its name."""
    declared = stack.one(kind)
    if declared is None or declared.physical is None:
        return None
    name = declared.physical.rpartition("/")[2]
    return tried_if_it_exists(lambda: read(declared, name))


def _rule(events: Any, stack: DeclaredStack, declared: Declared, name: str) -> RuleState:
    held = events.describe_rule(Name=name)
    targets = events.list_targets_by_rule(Rule=name)["Targets"]
    wanted = [stack.resolved(one["Arn"]) for one in declared.properties["Targets"]]
    return RuleState(
        name=name,
        enabled=held["State"] != "DISABLED",
        pattern=json.loads(held.get("EventPattern") or "null"),
        wanted_pattern=stack.resolved(declared.properties["EventPattern"]),
        targets=tuple(sorted(one["Arn"] for one in targets)),
        wanted_targets=tuple(sorted(filter(None, wanted))),
    )


def events(client: Client, stack: DeclaredStack, now: datetime) -> EventsState | Unread:
    """From the figures that EventBridge sends to CloudWatch of each rule that matched something.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    """
    read = partial(_events, client("cloudwatch"), now)
    return _only(stack, RULE, read) or Unread("the rule does not exist")


def _events(cloudwatch: Any, now: datetime, _: Declared, name: str) -> EventsState:
    found = cloudwatch.get_metric_statistics(
        Namespace="AWS/Events",
        MetricName="Invocations",
        Dimensions=[{"Name": "RuleName", "Value": name}],
        StartTime=now - DAY,
        EndTime=now,
        Period=round(EVENT_PERIOD.total_seconds()),
        Statistics=["Sum"],
    )
    times = [utc(one["Timestamp"]) for one in found["Datapoints"] if one["Sum"]]
    exist = bool(times) or bool(cloudwatch.list_metrics(Namespace="AWS/Events")["Metrics"])
    return EventsState(max(times, default=None), exist)


def admits_rule(client: Client, stack: DeclaredStack, url: str) -> bool | Unread:
    """Whether the policy of the intake's queue has a statement that lets the rule send."""
    declared = stack.one(RULE)
    arn = declared and stack.resolved({"Fn::GetAtt": [declared.logical, "Arn"]})
    if arn is None:
        return Unread("the rule does not exist")
    return tried(lambda: _admits(client("sqs"), url, str(arn)))


def _admits(sqs: Any, url: str, rule: str) -> bool:
    held = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    text = held.get("Attributes", {}).get("Policy")
    statements = listed(json.loads(text)["Statement"]) if text else []
    return any(
        one["Effect"] == "Allow"
        and matches(one, "sqs:SendMessage", None)
        and json.dumps(rule) in json.dumps(one.get("Condition", {}))
        for one in statements
    )


def queues(client: Client, stack: DeclaredStack) -> dict[str, QueueState | Unread | None]:
    return {
        one.word: tried_if_it_exists(partial(_queue, client("sqs"), one)) for one in stack.of(QUEUE)
    }


def _queue(sqs: Any, declared: Declared) -> QueueState | None:
    url = declared.physical
    if url is None:
        return None
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    held = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    waiting, in_flight = (int(held[name]) for name in names)
    letters = tried(lambda: peek(sqs, url)) if declared.word.endswith(DEAD) and waiting else ()
    return QueueState(declared.word, waiting, in_flight, letters)


def schedule(client: Client, stack: DeclaredStack) -> ScheduleState | Unread | None:
    return _only(stack, SCHEDULE, partial(_schedule, client("scheduler"), stack))


def _schedule(scheduler: Any, stack: DeclaredStack, declared: Declared, name: str) -> ScheduleState:
    held = scheduler.get_schedule(Name=name)
    wanted = stack.resolved(declared.properties["Target"]["Arn"])
    return ScheduleState(
        name=name,
        enabled=held["State"] == "ENABLED",
        starts_the_sweep=wanted in (None, held["Target"]["Arn"]),
        expression=held["ScheduleExpression"],
        wanted_expression=declared.properties["ScheduleExpression"],
    )


def jobs(
    client: Client, ledger: Ledger, here: AccountRegion, now: datetime, prefix: str | None
) -> JobsState | Unread:
    """The newest jobs that changed within a day, compared with their heads in the ledger.

    With the policy's `job_name_prefix` only jobs whose names begin so: no others are recorded.
    """
    return tried(lambda: _jobs(client("sagemaker"), ledger, here, now, prefix or ""))


def _jobs(
    sagemaker: Any, ledger: Ledger, here: AccountRegion, now: datetime, prefix: str
) -> JobsState:
    named = {"NameContains": prefix} if prefix else {}
    listed_jobs = sagemaker.list_training_jobs(
        CreationTimeAfter=now - CREATED_WITHIN,
        SortBy="CreationTime",
        SortOrder="Descending",
        MaxResults=JOBS,
        **named,
    )["TrainingJobSummaries"]
    summaries = {
        JobId(here.account, here.region, one["TrainingJobName"], utc(one["CreationTime"])): one
        for one in listed_jobs
        if one.get("LastModifiedTime") and one["TrainingJobName"].startswith(prefix)
    }
    modified = {job: utc(one["LastModifiedTime"]) for job, one in summaries.items()}
    changed = {job: when for job, when in modified.items() if now - DAY < when < now - ARRIVED}
    heads = ledger.heads(changed)
    behind = [job for job in changed if is_behind(heads.get(job), summaries[job])]
    return JobsState(
        changed=max(changed.values(), default=None),
        behind=tuple(job.name for job in behind),
        oldest=min((changed[job] for job in behind), default=None),
        read=len(summaries),
    )
