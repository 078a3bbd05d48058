"""A listing of jobs is cut into pages first and filtered by status only then, as SageMaker does it."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from laptop.simulated_sagemaker.description import summary
from laptop.simulated_sagemaker.errors import VALIDATION, refusal
from laptop.simulated_sagemaker.job import SimulatedJob

PAGE = 10  # where MaxResults is silent
SORT_KEYS: dict[str, Callable[[SimulatedJob], str]] = {
    "CreationTime": lambda job: job.created.isoformat(timespec="milliseconds"),
    "Name": lambda job: job.name,
    "Status": lambda job: job.status,
}


def page(jobs: Iterable[SimulatedJob], request: Mapping[str, Any]) -> dict[str, Any]:
    """One answer of ListTrainingJobs; a token remembers the last job seen, so that new ones shift nothing."""
    descending = request.get("SortOrder") == "Descending"
    rank = _rank(request.get("SortBy", "CreationTime"))
    rows = sorted((job for job in jobs if _matches(job, request)), key=rank, reverse=descending)
    if "NextToken" in request:
        seen = read_token("ListTrainingJobs", request["NextToken"])
        rows = [job for job in rows if (rank(job) < seen if descending else rank(job) > seen)]
    shown, more = rows[: request.get("MaxResults", PAGE)], rows[request.get("MaxResults", PAGE) :]
    status = request.get("StatusEquals")
    summaries = [summary(job) for job in shown if status in (None, job.status)]
    return {"TrainingJobSummaries": summaries} | (
        {"NextToken": token(rank(shown[-1]))} if more else {}
    )


def _rank(sort_by: str) -> Callable[[SimulatedJob], list[str]]:
    return lambda job: [SORT_KEYS[sort_by](job), job.name]


def _matches(job: SimulatedJob, request: Mapping[str, Any]) -> bool:
    modified = job.now.start
    plan = job.request.get("ResourceConfig", {}).get("TrainingPlanArn")
    return (
        request.get("NameContains", "") in job.name
        and _after(job.created, request.get("CreationTimeAfter"))
        and _before(job.created, request.get("CreationTimeBefore"))
        and _after(modified, request.get("LastModifiedTimeAfter"))
        and _before(modified, request.get("LastModifiedTimeBefore"))
        and request.get("TrainingPlanArnEquals") in (None, plan)
        and "WarmPoolStatusEquals" not in request  # no job here keeps a warm pool
    )


def _after(instant: datetime, bound: datetime | float | None) -> bool:
    return bound is None or instant.timestamp() > _epoch(bound)


def _before(instant: datetime, bound: datetime | float | None) -> bool:
    return bound is None or instant.timestamp() < _epoch(bound)


def _epoch(bound: datetime | float) -> float:
    return bound.timestamp() if isinstance(bound, datetime) else bound


def token(place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def read_token(operation: str, given: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(given))
    except ValueError:
        raise refusal(operation, VALIDATION, "The provided NextToken is not valid.") from None
