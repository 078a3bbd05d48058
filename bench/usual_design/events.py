"""The events that the function gets, as Parser validates them."""

from datetime import datetime

from aws_lambda_powertools.utilities.parser.models import EventBridgeModel, SqsRecordModel
from pydantic import BaseModel, ConfigDict, Json


class TrainingJobChange(BaseModel):
    """The detail of "SageMaker Training Job State Change", as far as it is used."""

    model_config = ConfigDict(extra="allow")

    TrainingJobName: str
    TrainingJobArn: str
    TrainingJobStatus: str
    SecondaryStatus: str
    LastModifiedTime: datetime


class TrainingJobEvent(EventBridgeModel):
    """The whole event of the rule."""

    detail: TrainingJobChange


class QueuedEvent(SqsRecordModel):
    """One message of the queue: its body is an event in JSON."""

    body: Json[TrainingJobEvent]
