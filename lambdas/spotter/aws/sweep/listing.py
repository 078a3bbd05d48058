"""SageMaker's list of training jobs, oldest first, from where the last sweep stopped.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTrainingJobs.html
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from spotter.core.ledger.cursor import Cursor
from spotter.core.model.hints import AccountRegion
from spotter.core.model.identity import JobId
from spotter.core.model.times import utc
from spotter.core.policy.model import Policy

LEAST_BACK, MOST_BACK = timedelta(days=3), timedelta(days=30)
PAUSE_SECONDS = 0.5
"""Two ListTrainingJobs requests a second is what SageMaker is reported to allow."""
OVERLAP, MARGIN = timedelta(seconds=1), timedelta(hours=1)
"""CreationTimeAfter leaves out the instant itself; a job may be listed late."""


@dataclass(frozen=True)
class JobList:
    """The list of one account and Region: the jobs that the policy covers.

    `pause` waits so many seconds between two requests.
    """

    sagemaker: Any
    here: AccountRegion
    pause: Callable[[float], None]
    policy: Policy

    def pages(self, begin: datetime) -> Iterator[dict[JobId, Any]]:
        """Pages of job summaries created after an instant, oldest first; a page can be empty.

        SageMaker lists a job, too, whose name only contains the prefix further on.
        """
        request = {"CreationTimeAfter": begin, "SortBy": "CreationTime", "SortOrder": "Ascending"}
        request["MaxResults"] = 100
        if self.policy.job_name_prefix:
            request["NameContains"] = self.policy.job_name_prefix
        while True:
            answer = self.sagemaker.list_training_jobs(**request)
            listed = {self._id(summary): summary for summary in answer["TrainingJobSummaries"]}
            yield {job: summary for job, summary in listed.items() if self.covers(job)}
            if not answer.get("NextToken"):
                return
            request["NextToken"] = answer["NextToken"]
            self.pause(PAUSE_SECONDS)

    def covers(self, job: JobId) -> bool:
        return self.policy.covers(job.name)

    def _id(self, summary: Any) -> JobId:
        here, name = self.here, summary["TrainingJobName"]
        return JobId(here.account, here.region, name, utc(summary["CreationTime"]))


def begin(known: Cursor, oldest: JobId | None, now: datetime) -> datetime:
    """From where the last sweep stopped; or from the oldest running job and from before the last
    sweep that came to its end, at least three days back. No further back than thirty days, and the
    first sweep of all goes back as far.
    """
    farthest = now - MOST_BACK
    if known.position:
        return max(known.position, farthest)
    if known.finished is None:
        return farthest
    running = oldest.created - OVERLAP if oldest else now
    return max(min(running, known.finished - MARGIN, now - LEAST_BACK), farthest)


def further(reached: datetime | None, created: datetime) -> datetime:
    """The position once all that was created before this instant is compared."""
    here = created - OVERLAP
    return here if reached is None else max(reached, here)
