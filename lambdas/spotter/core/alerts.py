"""When to speak up, and what to say: rules over one job's rows.

Theory. Like a decision, an alert is a pure function of what the ledger holds about a job and of the
policy. Every alert has a kind and a key that follow from those facts, so the same facts give the
same alerts however often they are asked, and what was published before is left out by (kind, key).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from spotter.core.decisions import Kind
from spotter.core.endings import MEANING, Ending
from spotter.core.head import Head
from spotter.core.instants import at, iso, ms, words
from spotter.core.policy import Mode, Policy
from spotter.core.rows import Row
from spotter.core.savings import savings
from spotter.core.timeline import TRAINING, Timeline
from spotter.core.watch import WAIT_BUDGET_USED, WAITING_FOR_CAPACITY


class Severity(StrEnum):
    """How much it matters, in words and not by colour."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Alert:
    """One thing to say about one job: what happened, what follows, what the reader can do."""

    kind: str
    key: str
    severity: Severity
    head: Head
    headline: str
    said: tuple[str, ...]
    next_steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Account:
    """What the ledger holds about one job. `ended` is its ENDED row, `following` the ATTEMPT row of
    the attempt after it; `published` are the (kind, key) of the alerts that were written down.
    """

    head: Head
    timeline: Timeline
    policy: Policy
    noticed: tuple[Row, ...] = ()
    ended: Row | None = None
    following: Row | None = None
    published: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @property
    def name(self) -> str:
        return self.head.id.name

    @property
    def key(self) -> str:
        """Tells this job from an earlier one of the same name."""
        return f"{ms(self.head.id.created):013d}"

    def alert(self, kind: str, severity: Severity, headline: str, *said: str, **more: Any) -> Alert:
        key = more.pop("key", self.key)
        return Alert(kind, key, severity, self.head, headline, tuple(s for s in said if s), **more)


def repeated_interruptions(account: Account) -> Iterator[Alert]:
    """So many interruptions within so long; again only after as many more."""
    asked = account.policy.alerts.repeated_interruptions
    if asked is None:
        return
    unsaid: list[datetime] = []
    for instant in account.timeline.interruptions:
        unsaid = [i for i in unsaid if instant - i < asked.within] + [instant]
        if len(unsaid) >= asked.count:
            span = words(unsaid[-1] - unsaid[0])
            yield account.alert(
                "repeated_interruptions",
                Severity.WARNING,
                f"{account.name} was interrupted {len(unsaid)} times within {span}",
                _so_far(account),
                "SageMaker restarts it by itself until MaxWaitTimeInSeconds has passed.",
                key=f"{ms(instant):013d}",
                next_steps=("Consider another instance type, or on-demand capacity.",),
            )
            unsaid = []


def max_wait_time_exceeded(account: Account) -> Iterator[Alert]:
    """SageMaker gave up: whether it ever ran, what was lost, and what happens next."""
    ending = account.head.ending
    if ending not in (Ending.OUT_OF_WAIT, Ending.NEVER_LAUNCHED):
        return
    never = ending is Ending.NEVER_LAUNCHED
    waited = f" after {words(account.head.max_wait)}" if account.head.max_wait else ""
    yield account.alert(
        "max_wait_time_exceeded",
        Severity.CRITICAL,
        f"{account.name} ran out of MaxWaitTimeInSeconds{waited}"
        + (" and never trained" if never else ""),
        "SageMaker stopped it (Stopped, MaxWaitTimeExceeded); it did not complete.",
        "It never reached Training, so no work was lost." if never else _lost(account),
        what_follows(account),
        next_steps=() if never else _continue_by_hand(account),
    )


def failed_after_interruptions(account: Account) -> Iterator[Alert]:
    """A job that failed, or ran out of runtime, after spot had interrupted it."""
    head, count = account.head, len(account.timeline.interruptions)
    failed = head.status == "Failed" or head.ending is Ending.OUT_OF_RUNTIME
    if failed and count:
        times = "once" if count == 1 else f"{count} times"
        yield account.alert(
            "failed_after_interruptions",
            Severity.CRITICAL,
            f"{account.name} {MEANING[head.ending or Ending.UNKNOWN]} after {times} interrupted",
            _lost(account),
            what_follows(account),
            next_steps=("Read FailureReason and the log of the job in the console.",),
        )


def noticed(account: Account) -> Iterator[Alert]:
    """What the sweep noticed by the clock: waiting for capacity, wait budget nearly used."""
    for row in account.noticed:
        since, limit = at(row["since"]), timedelta(seconds=row["limit"])
        passed = words(at(row["noticed"]) - since)
        if row["kind"] == WAITING_FOR_CAPACITY:
            yield account.alert(
                WAITING_FOR_CAPACITY,
                Severity.WARNING,
                f"{account.name} has waited {passed} for capacity",
                f"It has been without instances since {iso(since)}.",
                _deadline(account.head),
                key=row["key"],
                next_steps=("Managed spot never falls back to on-demand by itself.",),
            )
        if row["kind"] == WAIT_BUDGET_USED:
            yield account.alert(
                WAIT_BUDGET_USED,
                Severity.WARNING,
                f"{account.name} has used {passed} of its {words(limit)} MaxWaitTimeInSeconds",
                _so_far(account),
                _deadline(account.head),
                key=row["key"],
            )


def resubmitted(account: Account) -> Iterator[Alert]:
    """The next attempt exists."""
    row, ended = account.following, account.ended
    if row and ended and row.get("state") == "started":
        yield account.alert(
            "resubmitted",
            Severity.INFO,
            f"{account.name} is carried on as {row['name']}",
            f"Spotter started attempt {row['attempt']}, because {ended.get('reason')}.",
            f"It continues from {row['checkpoint']}." if row.get("checkpoint") else "",
        )


def waiting_to_be_carried_on(account: Account) -> Iterator[Alert]:
    """The next attempt is claimed, and SageMaker does not take it yet (a quota, throttling)."""
    row = account.following
    if row and row.get("state") == "waiting":
        yield account.alert(
            "waiting_to_be_carried_on",
            Severity.WARNING,
            f"{account.name} waits to be carried on as {row['name']}",
            f"{row.get('reason')}. No attempt was spent; Spotter tries again until max_age.",
        )


def not_resubmitted(account: Account) -> Iterator[Alert]:
    """Why an ended job is not carried on, except where it was stopped on purpose."""
    ended, row = account.ended, account.following
    abandoned = row is not None and row.get("state") == "abandoned"
    refused = ended is not None and ended.get("settled") == Kind.REFUSE
    quiet = (Ending.STOPPED, Ending.COMPLETED, Ending.DELETED)
    if (refused or abandoned) and account.head.ending not in quiet:
        reason = row.get("reason") if row and abandoned else (ended or {}).get("reason")
        yield account.alert(
            "not_resubmitted",
            Severity.WARNING if abandoned or (ended or {}).get("rule") else Severity.INFO,
            f"{account.name} is not carried on",
            f"Spotter did not start another attempt, because {reason}.",
            next_steps=_continue_by_hand(account),
        )


def advised(account: Account) -> Iterator[Alert]:
    """What would have been done, in a mode that only says so."""
    ended = account.ended
    if ended and ended.get("settled") == Kind.ADVISE:
        yield account.alert(
            "advised",
            Severity.INFO,
            f"{account.name} would have been carried on as {ended.get('next')}",
            f"Spotter would have started it, because {ended.get('reason')}.",
            'The policy\'s mode is "advise", so nothing was created.',
        )


def recovered(account: Account) -> Iterator[Alert]:
    """A carried-on lineage, or a job that there was an alert about, completed after all."""
    troubled = any(key != account.key or kind != "recovered" for kind, key in account.published)
    if account.head.ending is Ending.COMPLETED and (account.head.attempt.number > 1 or troubled):
        figure = savings(account.head.billable_seconds, account.head.training_seconds)
        yield account.alert(
            "recovered",
            Severity.INFO,
            f"{account.name} completed after all",
            f"It was attempt {account.head.attempt.number} of {account.head.attempt.root.name}."
            if account.head.attempt.number > 1
            else "",
            _so_far(account),
            f"Spot saved {figure:.0f} % of this attempt's training time." if figure else "",
        )


ALERTS: tuple[Callable[[Account], Iterator[Alert]], ...] = (
    repeated_interruptions,
    max_wait_time_exceeded,
    failed_after_interruptions,
    noticed,
    resubmitted,
    waiting_to_be_carried_on,
    not_resubmitted,
    advised,
    recovered,
)


def alerts(account: Account) -> tuple[Alert, ...]:
    """All that is to be said about a job and was not said before."""
    if not account.head.in_scope:
        return ()
    found = [alert for rule in ALERTS for alert in rule(account)]
    return tuple(a for a in found if (a.kind, a.key) not in account.published)


def what_follows(account: Account) -> str:
    """What Spotter does next, as far as the policy alone tells."""
    policy = account.policy
    if policy.resubmission.mode is Mode.OFF:
        return "Spotter only watches here (mode off): nothing will carry it on."
    return "Spotter decides whether to carry it on, and says so next."


def _so_far(account: Account) -> str:
    line, count = account.timeline, len(account.timeline.interruptions)
    return (
        f"So far: {count} interruption{'' if count == 1 else 's'}, trained {words(line.trained)}, "
        f"waited {words(line.waited)}."
    )


def _lost(account: Account) -> str:
    """What could be lost, from the transitions alone; checkpoints may have saved some of it."""
    last_stay = [s.length for s in account.timeline.stays if s.status == TRAINING][-1:]
    lost = account.timeline.work_lost()
    if account.timeline.interruptions == () and last_stay:
        return f"It had trained {words(last_stay[0])} without interruption when it was stopped."
    return (
        f"It had trained {words(account.timeline.trained)}; interruptions put at most {words(lost)} "
        "of that at risk, less what its checkpoints saved."
    )


def _continue_by_hand(account: Account) -> tuple[str, ...]:
    place = account.head.checkpoint
    if not place:
        return ("It has no CheckpointConfig, so a new job starts from the beginning.",)
    return (f"A new job with CheckpointConfig.S3Uri {place} continues from its checkpoints.",)


def _deadline(head: Head) -> str:
    if head.max_wait is None:
        return ""
    return f"SageMaker stops it at {iso(head.id.created + head.max_wait)} (MaxWaitTimeInSeconds)."
