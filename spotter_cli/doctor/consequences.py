"""Which findings follow from which: a consequence is shown under its cause, not beside it.

FOLLOWS is the whole knowledge: for the key of a cause, patterns of the keys of what follows from it. What
follows from a consequence follows from its cause too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from spotter_cli.doctor.result import CheckResult

RECORD = ("intake", "queue IntakeDeadLetters", "alarm RecordErrors", "recording")
ALERT = (
    "pending alerts", "queue AlertingDeadLetters", "alarm AlertErrors", "alarm AlertBehind",
    "alarm PublishesRefused",
)  # fmt: skip
RESUBMIT = ("queue ResubmissionDeadLetters", "alarm ResubmitErrors", "alarm ResubmitBehind")
SWEEP = (
    "last sweep",
    "queue SweepDeadLetters",
    "alarm SweepErrors",
    "alarm SweepMissed",
    "recording",
)
SLACK = ("queue SlackDeadLetters", "alarm NotifySlackErrors")
OF_FUNCTIONS = {
    "record": RECORD,
    "alert": ALERT,
    "resubmit": RESUBMIT,
    "sweep": SWEEP,
    "notify_slack": SLACK,
    "dashboard": ("alarm DashboardErrors",),
}
"""What is seen when a function cannot do its work."""
EVERYTHING = tuple(key for keys in OF_FUNCTIONS.values() for key in keys)
FOLLOWS: dict[str, tuple[str, ...]] = {
    "event rule": ("events", "queue IntakeDeadLetters"),
    "intake's policy": ("events", "queue IntakeDeadLetters", "last sweep", "alarm SweepErrors"),
    "intake": ("recording", "queue IntakeDeadLetters", "alarm SweepErrors", "trigger of record"),
    "schedule": SWEEP,
    "permissions of schedule": SWEEP,
    "last sweep": ("alarm SweepMissed",),
    "Slack's secret": SLACK,
    "queue SlackAlerts": (*SLACK, "trigger of notify_slack"),
    "topic alerts": ALERT,
    "ledger": (*EVERYTHING, "ledger's *", "trigger of alert", "trigger of resubmit"),
    "ledger's stream": (*ALERT, *RESUBMIT, "trigger of alert", "trigger of resubmit"),
    **{
        f"{what}{name}": keys
        for name, keys in OF_FUNCTIONS.items()
        for what in ("trigger of ", "permissions of ")
    },
    **{f"function {name}": (*keys, f"trigger of {name}") for name, keys in OF_FUNCTIONS.items()},
    **{
        f"queue {name}DeadLetters": (f"alarm {name}DeadLetters",)
        for name in ("Intake", "Alerting", "Sweep", "Resubmission", "Slack")
    },
}


@dataclass(frozen=True)
class ExplainedFinding:
    """A finding, and the findings that follow from it."""

    result: CheckResult
    consequences: tuple[CheckResult, ...] = ()


def causes(findings: Sequence[CheckResult]) -> tuple[ExplainedFinding, ...]:
    """The findings that follow from none of the others, in their order, each with its consequences.

    A finding with two causes stands under the first. Two findings that explain each other: the first is
    the cause.
    """
    made: list[ExplainedFinding] = []
    placed: set[str] = set()
    for one in _causes_first(findings):
        if one.key not in placed:
            followers = [f for f in _reached(one, findings) if f.key not in placed | {one.key}]
            placed |= {one.key, *(f.key for f in followers)}
            made.append(ExplainedFinding(one, tuple(followers)))
    return tuple(made)


def _causes_first(findings: Sequence[CheckResult]) -> Iterator[CheckResult]:
    """What nothing else explains, then the rest."""
    explained = {
        other.key
        for one in findings
        for other in findings
        if other is not one and _explains(one, other)
    }
    yield from (one for one in findings if one.key not in explained)
    yield from (one for one in findings if one.key in explained)


def _reached(cause: CheckResult, findings: Sequence[CheckResult]) -> list[CheckResult]:
    reached: list[CheckResult] = []
    open_ = [cause]
    while open_:
        current = open_.pop()
        new = [f for f in findings if f not in reached and f is not cause and _explains(current, f)]
        reached += new
        open_ += new
    return sorted(reached, key=findings.index)


def _explains(cause: CheckResult, other: CheckResult) -> bool:
    return any(fnmatchcase(other.key, pattern) for pattern in FOLLOWS.get(cause.key, ()))
