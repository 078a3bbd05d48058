"""When to speak up, and what to say: rules over one job's rows.

Theory. Like a decision, an alert is a pure function of what the ledger holds about a job and of the
policy. Every alert has a kind and a key that follow from those facts, so the same facts give the
same alerts however often they are asked, and what was published before is left out by (kind, key).
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from spotter.core.account import Account, Alert, Severity
from spotter.core.case import Kind
from spotter.core.endings import MEANING, Ending
from spotter.core.instants import at, iso, ms, words
from spotter.core.phrases import at_risk, continue_by_hand, deadline, lost, so_far, what_follows
from spotter.core.policy import Mode
from spotter.core.rows import Row
from spotter.core.savings import savings
from spotter.core.watch import (
    CHECKPOINT_QUIET,
    NO_CHECKPOINTS,
    WAIT_BUDGET_USED,
    WAITING_FOR_CAPACITY,
)


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
                so_far(account),
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
        "It never reached Training, so no work was lost." if never else lost(account),
        what_follows(account),
        next_steps=() if never or _may_follow(account) else continue_by_hand(account),
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
            lost(account),
            what_follows(account),
            next_steps=("Read FailureReason and the log of the job in the console.",),
        )


def noticed(account: Account) -> Iterator[Alert]:
    """What the sweep noticed by the clock: a wait, a wait budget nearly used, quiet checkpoints."""
    for row in account.noticed:
        yield from _noticed_checkpoints(account, row)
        since, limit = at(row["since"]), timedelta(seconds=row["limit"])
        passed = words(at(row["noticed"]) - since)
        if row["kind"] == WAITING_FOR_CAPACITY:
            yield account.alert(
                WAITING_FOR_CAPACITY,
                Severity.WARNING,
                f"{account.name} has waited {passed} for capacity",
                f"It has been without instances since {iso(since)}.",
                deadline(account.head),
                key=row["key"],
                next_steps=("Managed spot never falls back to on-demand by itself.",),
            )
        if row["kind"] == WAIT_BUDGET_USED:
            yield account.alert(
                WAIT_BUDGET_USED,
                Severity.WARNING,
                f"{account.name} has used {passed} of its {words(limit)} MaxWaitTimeInSeconds",
                so_far(account),
                deadline(account.head),
                key=row["key"],
            )


def _noticed_checkpoints(account: Account, row: Row) -> Iterator[Alert]:
    """What an interruption would cost now."""
    head, since = account.head, at(row["since"])
    passed = at(row["noticed"]) - since
    at_stake = at_risk(head, passed, account.policy.resubmission.prices)
    if row["kind"] == CHECKPOINT_QUIET:
        yield account.alert(
            CHECKPOINT_QUIET,
            Severity.WARNING,
            f"{account.name} has saved no checkpoint for {words(passed)}",
            f"It trains, and nothing complete came to {head.checkpoint} since {iso(since)}.",
            f"An interruption now would cost {at_stake}.",
            key=row["key"],
            next_steps=(
                "See in its log whether it still saves under CheckpointConfig.LocalPath.",
                "If it does, SageMaker's sync has stopped, and only a new job starts it again.",
            ),
        )
    if row["kind"] == NO_CHECKPOINTS:
        yield account.alert(
            NO_CHECKPOINTS,
            Severity.WARNING,
            f"{account.name} has trained for {words(passed)} on spot without any checkpoint location",
            f"It has no CheckpointConfig: an interruption now would cost {at_stake}.",
            key=row["key"],
            next_steps=("Give the next job a CheckpointConfig, and save under its LocalPath.",),
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
            next_steps=continue_by_hand(account),
        )


def advised(account: Account) -> Iterator[Alert]:
    """What would have been done, in a mode that only says so."""
    ended = account.ended
    if ended and ended.get("settled") == Kind.ADVISE:
        yield account.alert(
            "advised",
            Severity.INFO,
            f"Spotter would have carried on {account.name} as {ended.get('next')}",
            f"It would have, because {ended.get('reason')}.",
            'The policy\'s mode is "advise", so nothing was created. When you agree with what you '
            'read, name the roles and say "act".',
        )


def tags_ignored(account: Account) -> Iterator[Alert]:
    """Tags of the job that ask for more than the policy's rule gives, or make no sense."""
    ignored = (account.ended or {}).get("ignored", ())
    if ignored:
        yield account.alert(
            "tags_ignored",
            Severity.WARNING,
            f"{account.name} has tags that Spotter does not follow",
            *(f"{sentence[0].upper()}{sentence[1:]}." for sentence in ignored),
            "A job's tags may only ask for less than the policy's rule gives.",
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
            so_far(account),
            f"Spot saved {figure:.0f} % of this attempt's training time." if figure else "",
        )


def _may_follow(account: Account) -> bool:
    """True while Spotter may yet carry it on: two on one checkpoint prefix would spoil it."""
    return account.policy.resubmission.mode is not Mode.OFF


Rules = tuple[Callable[[Account], Iterator[Alert]], ...]
ABOUT_THE_JOB: Rules = (
    repeated_interruptions,
    max_wait_time_exceeded,
    failed_after_interruptions,
    noticed,
    recovered,
)
"""What heads and notices give rise to: rows of the job's partition."""

ABOUT_THE_DECISION: Rules = (
    resubmitted,
    waiting_to_be_carried_on,
    not_resubmitted,
    advised,
    tags_ignored,
)
"""What endings and attempts give rise to: rows of the lineage's partition.

A partition's changes come one after another, those of two may be heard at once. So each alert is
asked for by the changes of one partition only, and two functions never say the same thing.
"""

ALERTS = ABOUT_THE_JOB + ABOUT_THE_DECISION


def alerts(account: Account, rules: Rules = ALERTS) -> tuple[Alert, ...]:
    """All that is to be said about a job, by these rules, and was not said before."""
    if not account.head.in_scope:
        return ()
    found = [alert for rule in rules for alert in rule(account)]
    return tuple(a for a in found if (a.kind, a.key) not in account.published)
