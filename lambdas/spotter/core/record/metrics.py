"""What Spotter measures: figures for graphs, each in the name of the function that counts it.

Recording a job counts what its new head holds beyond the one that was known, once that head has been
put: recording it again finds it known and counts nothing. It is a count for graphs and no ledger: if
a function dies between the put and its log, the difference is missing; if two record one job at the
same moment, it may count twice.

There is no metric by job, by instance type or by owner: CloudWatch charges for each name with each value
of each dimension. `spotter market` shows instance types by hour of the day. Decisions are counted by the
rule that made them, and there are no more rules than in `RULES`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model import instances

NAMESPACE = "Spotter"
STACK, SERVICE = "stack", "service"
"""The dimensions of every figure: two stacks in one account and Region share no metric."""


@dataclass(frozen=True)
class Metric:
    """A figure: its name and unit in CloudWatch, the function that counts it, and what it says."""

    name: str
    service: str
    unit: str
    meaning: str
    by: str = ""

    def dimensions(self, stack: str) -> dict[str, str]:
        """The dimensions in CloudWatch, `by` apart: the figure as a stack's function counts it."""
        return {STACK: stack, SERVICE: self.service}


TRANSITIONS = Metric("Transitions", "record", "Count", "transitions that came into the ledger")
INTERRUPTIONS = Metric(
    "Interruptions", "record", "Count", "times that SageMaker took instances back"
)
WAITED = Metric(
    "WaitedSeconds", "record", "Seconds", "time spent waiting for capacity, of stays that ended"
)
LOST = Metric(
    "LostSeconds", "record", "Seconds", "training that interruptions can have thrown away at most"
)
BILLABLE = Metric(
    "BillableSeconds",
    "record",
    "Seconds",
    "BillableTimeInSeconds times instances, of jobs that ended with figures",
)
TRAINING = Metric(
    "TrainingSeconds", "record", "Seconds", "TrainingTimeInSeconds times instances, of the same"
)
RESUBMISSIONS = Metric(
    "Resubmissions", "record", "Count", "next attempts that were seen for the first time"
)
ROWS = Metric("RowsRecorded", "record", "Count", "new rows in the ledger")
DECISIONS = Metric(
    "Decisions", "resubmit", "Count", "decisions, by the rule that made them", by="rule"
)
RAISED = Metric("AlertsRaised", "alert", "Count", "alerts that came into the ledger")
ALERTS = Metric("AlertsPublished", "alert", "Count", "alerts that were published, in digests too")
REFUSED = Metric("PublishesRefused", "alert", "Count", "messages that SNS did not take")
SLACK = Metric("SlackMessages", "notify_slack", "Count", "messages that Slack took")
SWEPT = Metric("SweepFinished", "sweep", "Count", "sweeps that came to their end")
MALFORMED = Metric(
    "MalformedRows",
    "ledger",
    "Count",
    "rows of the ledger that cannot be read, and are passed over",
)
ALL = (
    TRANSITIONS, INTERRUPTIONS, WAITED, LOST, BILLABLE, TRAINING, RESUBMISSIONS, ROWS, DECISIONS,
    RAISED, ALERTS, REFUSED, SLACK, SWEPT,
    MALFORMED,
)  # fmt: skip
NO_RULE = "no_rule"
"""Where no rule was evaluated: a job that was adopted, or that SageMaker no longer knows."""

Figures = Mapping[Metric, float]


def figures(known: JobRecord | None, new: JobRecord) -> Figures:
    """What a job's new head adds to what was known of it; nothing that is 0 is in it."""
    if not new.in_scope:
        return {}
    found = {
        TRANSITIONS: _more(new.recorded, known.recorded if known else 0),
        INTERRUPTIONS: _more(new.interruptions, known.interruptions if known else 0),
        WAITED: _longer(new.waited, known.waited if known else timedelta()),
        LOST: _longer(new.lost, known.lost if known else timedelta()),
        RESUBMISSIONS: float(known is None and new.attempt.number > 1),
        **_paid(known, new),
    }
    return {measure: value for measure, value in found.items() if value}


def _paid(known: JobRecord | None, new: JobRecord) -> Figures:
    """Both figures or neither, once: when the head of a finished job first holds them."""
    count = instances.count(new.instances)
    if not _has_figures(new) or (known and _has_figures(known)):
        return {}
    return {
        BILLABLE: float(count * (new.billable_seconds or 0)),
        TRAINING: float(count * (new.training_seconds or 0)),
    }


def _has_figures(head: JobRecord) -> bool:
    return bool(head.ending and head.billable_seconds and head.training_seconds)


def _more(new: int, known: int) -> float:
    """SageMaker may show fewer transitions later; the metric never counts down."""
    return float(max(new - known, 0))


def _longer(new: timedelta | None, known: timedelta | None) -> float:
    """0 where the known row is older than this figure: how much of it is new is then unknown."""
    if new is None or known is None:
        return 0.0
    return max((new - known).total_seconds(), 0.0)
