"""What the decision about an ended attempt gives rise to."""

from collections.abc import Iterator

from spotter.core.account import Account, Alert, Severity
from spotter.core.case import Kind
from spotter.core.endings import Ending
from spotter.core.phrases import continue_by_hand


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
