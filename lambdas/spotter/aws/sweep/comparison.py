"""Comparing listed jobs with their heads, and sending a hint for each job of which the ledger knows less."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from spotter.aws.ledger.table import Ledger
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.hints import AccountRegion, sweep_message
from spotter.core.model.identity import JobId
from spotter.core.model.times import utc

IN_A_BATCH = 10
"""Messages in one request: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html."""


@dataclass(frozen=True)
class Comparison:
    """The ledger, and the queue (its URL is `intake`) from which record takes hints."""

    ledger: Ledger
    sqs: Any
    intake: str
    here: AccountRegion

    def with_ledger(self, summaries: Mapping[JobId, Any]) -> tuple[int, list[JobRecord]]:
        """Send a hint for every listed job that the ledger does not know, or knows less of.

        Return how many hints were sent, and the heads of the jobs that the ledger knows as they are.
        """
        heads = self.ledger.heads(summaries)
        behind = {job: s for job, s in summaries.items() if is_behind(heads.get(job), s)}
        sent = self._send(
            sweep_message(job.name, self.here, job.created, _newer(heads.get(job), summary))
            for job, summary in behind.items()
        )
        return sent, [head for job, head in heads.items() if job not in behind]

    def hint_unlisted(self, jobs: Iterable[JobId]) -> int:
        """A job that runs in the ledger and is not listed by SageMaker may have been deleted."""
        running = (job for job, head in self.ledger.heads(jobs).items() if head.running)
        return self._send(sweep_message(job.name, self.here) for job in running)

    def hint_again(self, jobs: Iterable[JobId]) -> int:
        """These jobs are to be described again, although nothing about them changed."""
        return self._send(sweep_message(job.name, self.here) for job in jobs)

    def _send(self, messages: Iterable[str]) -> int:
        bodies, sent = iter(messages), 0
        while some := list(islice(bodies, IN_A_BATCH)):
            entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(some)]
            answer = self.sqs.send_message_batch(QueueUrl=self.intake, Entries=entries)
            if answer.get("Failed"):
                raise RuntimeError(f"{len(answer['Failed'])} hints were not taken by the queue")
            sent += len(some)
        return sent


def is_behind(head: JobRecord | None, summary: Any) -> bool:
    """True if SageMaker lists the job as changed since its head was put."""
    if head is None:
        return True
    modified = summary.get("LastModifiedTime")
    changed = modified is None or utc(modified) > head.modified
    return head.followed and (changed or summary["TrainingJobStatus"] != head.status)


def _newer(head: JobRecord | None, summary: Any) -> datetime | None:
    """When SageMaker modified the job, if the ledger does not know of that moment yet."""
    modified = summary.get("LastModifiedTime")
    unknown = modified and (head is None or utc(modified) > head.modified)
    return utc(modified) if unknown else None
