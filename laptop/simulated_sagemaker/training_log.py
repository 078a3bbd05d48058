"""The simulated container's log: CloudWatch Logs in the group and under the names that SageMaker uses.

As in AWS, a log that cannot be written does not fail the job.
"""

import sys
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

GROUP = "/aws/sagemaker/TrainingJobs"
THERE = "ResourceAlreadyExistsException"


@dataclass
class TrainingLog:
    """The log stream of one start of a job's first container; without a client nothing is written."""

    client: Any
    job: str
    began: datetime
    _lines: list[dict[str, Any]] = field(default_factory=list)
    _made: bool = False

    def write(self, at: datetime, message: str) -> None:
        """A line, which `flush` sends."""
        if self.client:
            self._lines.append({"timestamp": _milliseconds(at), "message": message})

    def flush(self) -> None:
        """Send what was written since the last time."""
        if not self._lines:
            return
        lines, self._lines = self._lines, []
        try:
            self._make()
            place = {"logGroupName": GROUP, "logStreamName": self._stream}
            self.client.put_log_events(**place, logEvents=lines)
        except (BotoCoreError, ClientError) as reason:
            print(f"The log of {self.job} was not written: {reason}", file=sys.stderr)

    @property
    def _stream(self) -> str:
        return f"{self.job}/algo-1-{_milliseconds(self.began) // 1000}"

    def _make(self) -> None:
        if self._made:
            return
        self._create("create_log_group", logGroupName=GROUP)
        self._create("create_log_stream", logGroupName=GROUP, logStreamName=self._stream)
        self._made = True

    def _create(self, method: str, **names: str) -> None:
        try:
            getattr(self.client, method)(**names)
        except ClientError as error:
            if error.response["Error"]["Code"] != THERE:
                raise


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
