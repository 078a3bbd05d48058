"""What the account of a laptop has besides Spotter: buckets, and a queue that is subscribed to the alerts."""

import json
from collections.abc import Callable
from typing import Any

from laptop.location import REGION

BUCKETS = ("ml-checkpoints", "ml-models")


def prepare(client: Callable[[str], Any], topic: str) -> str:
    """Create what an account with Spotter has: buckets, and a queue that is subscribed to the alerts."""
    s3, sqs, sns = map(client, ("s3", "sqs", "sns"))
    for bucket in BUCKETS:
        where = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    return subscribed_queue(sqs, sns, "spotter-alerts", topic)


def subscribed_queue(sqs: Any, sns: Any, name: str, topic: str) -> str:
    """The URL of a new queue to which SNS delivers what the topic publishes, as it was published."""
    queue = str(sqs.create_queue(QueueName=name)["QueueUrl"])
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = attributes["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": _may_be_sent_to(arn, topic)})
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
    return queue


def enable_recovery(dynamodb: Any, table: str) -> None:
    """Point-in-time recovery, which the template asks for and the embedded CloudFormation leaves out."""
    dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )


def _may_be_sent_to(queue: str, topic: str) -> str:
    """The queue's policy: SNS may send to it what this topic publishes."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
