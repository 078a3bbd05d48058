"""A training job changed: describe it, record the transition and the job's summary, notify, and resubmit.

One function does all of it, for each message of the rule's queue: Parser validates, BatchProcessor reports what
failed, idempotency leaves out what was delivered twice, Tracer and Logger show what happened.
"""

import os
from datetime import UTC, datetime
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from .events import QueuedEvent

logger, metrics, tracer = Logger(), Metrics(), Tracer()
sagemaker: Any = boto3.client("sagemaker")
sns: Any = boto3.client("sns")
table: Any = boto3.resource("dynamodb").Table(os.environ["TABLE"])
processor = BatchProcessor(
    event_type=EventType.SQS, model=QueuedEvent, raise_on_entire_batch_failure=False
)
persistence = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
once = IdempotencyConfig(event_key_jmespath="[job, status, modified]", expires_after_seconds=86_400)
NOTABLE = ("Interrupted", "Failed", "MaxWaitTimeExceeded", "MaxRuntimeExceeded")
RESUBMITTED, RETRIES = "MaxWaitTimeExceeded", 3
COPIED = (
    "AlgorithmSpecification", "RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig", "VpcConfig",
    "StoppingCondition", "HyperParameters", "EnableManagedSpotTraining", "CheckpointConfig", "Environment",
)  # fmt: skip


@tracer.capture_method
def process(record: QueuedEvent) -> None:
    """One message: everything about it happens once, however often it is delivered."""
    event = record.body
    logger.info("event received", event=event.model_dump(mode="json", by_alias=True))
    once.register_lambda_context(processor.lambda_context)
    change = {
        "job": event.detail.TrainingJobName,
        "status": event.detail.SecondaryStatus,
        "modified": event.detail.LastModifiedTime.isoformat(),
    }
    handle(change=change)


@idempotent_function(  # type: ignore[untyped-decorator]
    data_keyword_argument="change", persistence_store=persistence, config=once
)
def handle(change: dict[str, Any]) -> dict[str, Any]:
    """Record the transition; what it means for people and for the job follows at once."""
    job = sagemaker.describe_training_job(TrainingJobName=change["job"])
    record_transition(change, job)
    metrics.add_metric("Transitions", MetricUnit.Count, 1)
    if change["status"] in NOTABLE:
        notify(change, job)
    if change["status"] == RESUBMITTED and job.get("EnableManagedSpotTraining"):
        resubmit(job)
    logger.info("transition recorded", job=change["job"], status=change["status"])
    return change


@tracer.capture_method
def record_transition(change: dict[str, Any], job: dict[str, Any]) -> None:
    """The transition and the summary change together, or not at all; an older summary never replaces a newer one."""
    transition = {"row": f"TRANSITION#{change['modified']}#{change['status']}", **change}
    newer = "attribute_not_exists(job) OR modified <= :modified"
    writes: list[Any] = [
        {"Put": {"TableName": table.name, "Item": transition}},
        {
            "Put": {
                "TableName": table.name,
                "Item": summary(change, job),
                "ConditionExpression": newer,
                "ExpressionAttributeValues": {":modified": change["modified"]},
            }
        },
    ]
    client = table.meta.client
    try:
        client.transact_write_items(TransactItems=writes)
    except client.exceptions.TransactionCanceledException:
        table.put_item(Item=transition)


def summary(change: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
    """What a dashboard shows of a job; the status index lists jobs by status, the newest last."""
    resources = job["ResourceConfig"]
    shown = {
        "row": "SUMMARY",
        "status": job["TrainingJobStatus"],
        "secondary_status": change["status"],
        "modified": change["modified"],
        "job": change["job"],
        "arn": job["TrainingJobArn"],
        "created": job["CreationTime"].isoformat(),
        "spot": bool(job.get("EnableManagedSpotTraining")),
        "instance_type": resources.get("InstanceType"),
        "instance_count": resources.get("InstanceCount"),
        "checkpoint": job.get("CheckpointConfig", {}).get("S3Uri"),
        "failure_reason": job.get("FailureReason"),
        "billable_seconds": job.get("BillableTimeInSeconds"),
        "training_seconds": job.get("TrainingTimeInSeconds"),
        "interruptions": sum(
            one["Status"] == "Interrupted" for one in job.get("SecondaryStatusTransitions", ())
        ),
    }
    return {name: value for name, value in shown.items() if value is not None}


@tracer.capture_method
def notify(change: dict[str, Any], job: dict[str, Any]) -> None:
    """One message for each notable transition."""
    sns.publish(
        TopicArn=os.environ["TOPIC"],
        Subject=f"{change['job']}: {change['status']}"[:100],
        Message=f"Training job {change['job']} is {change['status']} since {change['modified']}. {job['TrainingJobArn']}",
    )
    metrics.add_metric("Notifications", MetricUnit.Count, 1)


@tracer.capture_method
def resubmit(job: dict[str, Any]) -> None:
    """The same request under the next name, as long as there are retries left."""
    root, _, number = job["TrainingJobName"].partition("-retry-")
    attempt = int(number or 0) + 1
    if attempt > RETRIES:
        return
    request = {member: job[member] for member in COPIED if job.get(member)}
    try:
        sagemaker.create_training_job(TrainingJobName=f"{root}-retry-{attempt}", **request)
    except sagemaker.exceptions.ResourceInUse:
        logger.info("resubmitted already", job=job["TrainingJobName"])


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Return which messages are to be delivered again."""
    logger.debug("started", at=datetime.now(UTC).isoformat())
    answer = process_partial_response(
        event=event, record_handler=process, processor=processor, context=context
    )
    return dict(answer)
