"""How an attempt ended: every finished job has exactly one ending.

MaxWaitTimeExceeded and MaxRuntimeExceeded are `Stopped`, not `Failed`
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrainingJob.html), and much software
treats Stopped as success or as the user's choice. The ending follows from the status, the secondary
status, whether Training was ever reached, and the word before the colon of FailureReason. What
follows that colon is free text, can hold a command line with hyperparameters, and is never kept.

HandedOver is no value of SageMaker's, which shows such a job as Stopped. That the stop was Spotter's own follows from
its stop order in the ledger (core/deadline/stop_order.py), never from what SageMaker shows.
"""

import re
from enum import StrEnum


class Ending(StrEnum):
    """How an attempt ended, by SageMaker's own value where SageMaker has one."""

    COMPLETED = "Completed"
    STOPPED = "Stopped"
    OUT_OF_WAIT = "MaxWaitTimeExceeded"
    NEVER_LAUNCHED = "NeverLaunched"
    OUT_OF_RUNTIME = "MaxRuntimeExceeded"
    CAPACITY = "CapacityError"
    INTERNAL = "InternalServerError"
    ALGORITHM = "AlgorithmError"
    HANDED_OVER = "HandedOver"
    DELETED = "Deleted"
    UNKNOWN = "Unknown"


RESUBMITTABLE = (
    Ending.OUT_OF_WAIT,
    Ending.NEVER_LAUNCHED,
    Ending.OUT_OF_RUNTIME,
    Ending.CAPACITY,
    Ending.INTERNAL,
    Ending.ALGORITHM,
)
NEEDS_NOTHING = (Ending.COMPLETED, Ending.STOPPED, Ending.DELETED)
"""The job succeeded, or a person or a program stopped or deleted it."""
FINISHED = frozenset({"Completed", "Failed", "Stopped", "Deleting"})
"""A TrainingJobStatus that is not in this set counts as running, also one that AWS adds later."""
MEANING = {
    Ending.COMPLETED: "completed",
    Ending.STOPPED: "was stopped by a person or a program",
    Ending.OUT_OF_WAIT: "ran out of MaxWaitTimeInSeconds after it had trained",
    Ending.NEVER_LAUNCHED: "ran out of MaxWaitTimeInSeconds before it reached Training",
    Ending.OUT_OF_RUNTIME: "ran out of MaxRuntimeInSeconds",
    Ending.CAPACITY: "failed for lack of capacity",
    Ending.INTERNAL: "failed with an internal error of SageMaker",
    Ending.ALGORITHM: "failed in its own algorithm",
    Ending.HANDED_OVER: "was stopped by Spotter for its deadline",
    Ending.DELETED: "was deleted",
    Ending.UNKNOWN: "ended in a way that Spotter does not know",
}
_FAILURES = {e.value: e for e in (Ending.CAPACITY, Ending.INTERNAL, Ending.ALGORITHM)}
_STOPS = {"Stopped": Ending.STOPPED, "MaxRuntimeExceeded": Ending.OUT_OF_RUNTIME}


def failure_class(reason: str | None) -> str | None:
    """The word before the colon of a FailureReason (`AlgorithmError`), None if it has none."""
    found = re.match(r"([A-Za-z]{1,64}):", reason or "")
    return found.group(1) if found else None


def ending(
    status: str, secondary: str, *, reached_training: bool, failure: str | None = None
) -> Ending | None:
    """How the attempt ended; None while it runs. `failure` is the failure_class."""
    if status not in FINISHED:
        return None
    if status == "Completed":
        return Ending.COMPLETED
    if status == "Deleting":
        return Ending.DELETED
    if status == "Failed":
        return _FAILURES.get(failure or "", Ending.UNKNOWN)
    if secondary == "MaxWaitTimeExceeded":
        return Ending.OUT_OF_WAIT if reached_training else Ending.NEVER_LAUNCHED
    return _STOPS.get(secondary, Ending.UNKNOWN)
