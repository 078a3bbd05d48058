"""What a trial creates beside the stack, and how all of it is taken down again: a bucket, a role, a queue, jobs, the ledger."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from laptop.account import subscribed_queue
from smoke.preparation import PREFIX, STACK
from spotter_cli.doctor.gather.reading import ABSENT

IN_PROGRESS = ("InProgress", "Stopping")
TABLE = "AWS::DynamoDB::Table"
JOB_LOGS = "/aws/sagemaker/TrainingJobs"
STOPPED_WITHIN, EVERY = 600.0, 2.0
"""Seconds until stopped jobs have ended, and between two looks."""


@dataclass(frozen=True)
class TrialResources:
    """Named after the account and Region, so that a trial that was cut off is found again."""

    client: Any
    account: str
    region: str
    partition: str = "aws"

    @property
    def bucket(self) -> str:
        return f"{PREFIX}-{self.account}-{self.region}"

    @property
    def role_name(self) -> str:
        return f"{PREFIX}-training-{self.region}"

    @property
    def role(self) -> str:
        return f"arn:{self.partition}:iam::{self.account}:role/{self.role_name}"

    def create(self) -> None:
        """A private bucket for outputs, and the role of the trial's jobs: that bucket, its image, its log."""
        where = {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        self.client("s3").create_bucket(
            Bucket=self.bucket, **({} if self.region == "us-east-1" else where)
        )
        iam = self.client("iam")
        trusted = {"Service": "sagemaker.amazonaws.com"}
        trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=self.role_name, AssumeRolePolicyDocument=_document(trust))
        bucket = f"arn:{self.partition}:s3:::{self.bucket}"
        iam.put_role_policy(
            RoleName=self.role_name,
            PolicyName="train",
            PolicyDocument=_document(
                _allow(["s3:GetObject", "s3:PutObject", "s3:ListBucket"], [bucket, f"{bucket}/*"]),
                _allow(["ecr:GetAuthorizationToken", "ecr:BatchGetImage"], ["*"]),
                _allow(["ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"], ["*"]),
                _allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], ["*"]),
            ),
        )

    def listen(self, topic: str) -> str:
        """A queue that hears the topic's alerts; its URL."""
        return subscribed_queue(self.client("sqs"), self.client("sns"), PREFIX, topic)

    def heard(self, queue: str, name: str) -> bool:
        """True once an alert that names the job has come to the queue; what is about others is dropped."""
        sqs = self.client("sqs")
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for one in (messages := found.get("Messages", [])):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])
        return any(name in one["Body"] for one in messages)

    def take_down(self, ledger: str | None) -> Iterator[str]:
        """Remove everything that the trial created; a sentence for each thing that could not be."""
        for what, remove in (
            ("jobs", self._stop_jobs),
            ("bucket", self._remove_bucket),
            ("role", self._remove_role),
            ("queue", self._remove_queue),
            ("ledger", lambda: self._remove_ledger(ledger)),
            ("log streams", self._remove_logs),
        ):
            if reason := _tried(remove):
                yield f"The trial's {what} could not be removed: {reason}"

    def running(self, *statuses: str) -> list[str]:
        """The trial's jobs in these statuses, by default all that have not ended."""
        found = self.client("sagemaker").list_training_jobs(NameContains=PREFIX, MaxResults=100)
        return [
            one["TrainingJobName"]
            for one in found["TrainingJobSummaries"]
            if one["TrainingJobName"].startswith(f"{PREFIX}-")
            and one["TrainingJobStatus"] in (statuses or IN_PROGRESS)
        ]

    def made_ledger(self) -> str | None:
        """The table that the trial's stack made, also if its deployment failed or was cut off; None without one."""
        try:
            found = self.client("cloudformation").describe_stack_resources(StackName=STACK)
        except ClientError:
            return None
        tables = [one for one in found["StackResources"] if one["ResourceType"] == TABLE]
        return next(
            (str(one["PhysicalResourceId"]) for one in tables if "PhysicalResourceId" in one), None
        )

    def _stop_jobs(self) -> None:
        """One that is stopping already would refuse; the bucket is removed once none writes to it."""
        for name in self.running("InProgress"):
            self.client("sagemaker").stop_training_job(TrainingJobName=name)
        waited = 0.0
        while self.running() and waited < STOPPED_WITHIN:
            time.sleep(EVERY)
            waited += EVERY

    def _remove_bucket(self) -> None:
        s3 = self.client("s3")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            for one in page.get("Contents", ()):
                s3.delete_object(Bucket=self.bucket, Key=one["Key"])
        s3.delete_bucket(Bucket=self.bucket)

    def _remove_role(self) -> None:
        iam = self.client("iam")
        iam.delete_role_policy(RoleName=self.role_name, PolicyName="train")
        iam.delete_role(RoleName=self.role_name)

    def _remove_queue(self) -> None:
        sqs = self.client("sqs")
        sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=PREFIX)["QueueUrl"])

    def _remove_ledger(self, ledger: str | None) -> None:
        """The stack leaves its table, protected: this one holds the trial's rows alone."""
        if ledger:
            dynamodb = self.client("dynamodb")
            dynamodb.update_table(TableName=ledger, DeletionProtectionEnabled=False)
            dynamodb.get_waiter("table_exists").wait(TableName=ledger)
            dynamodb.delete_table(TableName=ledger)

    def _remove_logs(self) -> None:
        """The logs of its jobs: the group is everybody's, and stays."""
        logs = self.client("logs")
        wanted = {"logGroupName": JOB_LOGS, "logStreamNamePrefix": f"{PREFIX}-"}
        for page in logs.get_paginator("describe_log_streams").paginate(**wanted):
            for one in page["logStreams"]:
                logs.delete_log_stream(logGroupName=JOB_LOGS, logStreamName=one["logStreamName"])


def _tried(remove: Any) -> str:
    """Why it failed; empty if it was removed, or is not there."""
    try:
        remove()
    except ClientError as error:
        code = error.response["Error"].get("Code", "Unknown")
        return "" if code in ABSENT else code
    except BotoCoreError as error:  # a waiter's, too
        return str(error)
    return ""


def _allow(actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
