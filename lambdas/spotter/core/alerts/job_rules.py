"""What a job's own course gives rise to: interruptions, tags that are not followed, recovery."""

from collections.abc import Iterator
from datetime import datetime

from spotter.core.alerts.evidence import Alert, JobEvidence, Severity
from spotter.core.alerts.phrases import so_far
from spotter.core.model.endings import NEEDS_NOTHING, Ending
from spotter.core.model.times import ms, words
from spotter.core.reports.savings import savings


def repeated_interruptions(account: JobEvidence) -> Iterator[Alert]:
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


def tags_ignored(account: JobEvidence) -> Iterator[Alert]:
    """Tags of the job that ask for more than the policy's rule gives, or make no sense."""
    ignored = (account.ended or {}).get("ignored", ())
    if ignored and account.head.ending not in NEEDS_NOTHING:
        yield account.alert(
            "tags_ignored",
            Severity.WARNING,
            f"{account.name} has tags that Spotter does not follow",
            *(f"{sentence[0].upper()}{sentence[1:]}." for sentence in ignored),
            "A job's tags may only ask for less than the policy's rule gives.",
        )


def recovered(account: JobEvidence) -> Iterator[Alert]:
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
