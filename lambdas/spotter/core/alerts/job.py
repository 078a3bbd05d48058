"""What a job's own course gives rise to: interruptions, a wait that ran out, failures, recovery."""

from collections.abc import Iterator
from datetime import datetime

from spotter.core.account import Account, Alert, Severity
from spotter.core.endings import MEANING, Ending
from spotter.core.instants import ms, words
from spotter.core.phrases import continue_by_hand, lost, so_far, what_follows
from spotter.core.policy import Mode
from spotter.core.savings import savings


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
