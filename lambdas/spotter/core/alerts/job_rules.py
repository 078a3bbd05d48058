"""Alerts from a job's own timeline: interruptions, tags that are ignored, recovery."""

from collections.abc import Iterator
from datetime import datetime

from spotter.core.alerts.evidence import JobEvidence
from spotter.core.alerts.phrases import so_far
from spotter.core.ledger.alert import Alert, Severity
from spotter.core.model.endings import NEEDS_NOTHING, Ending
from spotter.core.model.times import ms, words
from spotter.core.reports.savings import savings


def repeated_interruptions(evidence: JobEvidence) -> Iterator[Alert]:
    """So many interruptions within so long; again only after as many more."""
    trigger = evidence.policy.alerts.repeated_interruptions
    if trigger is None:
        return
    recent: list[datetime] = []
    for instant in evidence.timeline.interruptions:
        recent = [i for i in recent if instant - i < trigger.within] + [instant]
        if len(recent) >= trigger.count:
            span = words(recent[-1] - recent[0])
            yield evidence.alert(
                "repeated_interruptions",
                Severity.WARNING,
                f"{evidence.name} was interrupted {len(recent)} times within {span}",
                so_far(evidence),
                "SageMaker restarts it by itself until MaxWaitTimeInSeconds has passed.",
                key=f"{ms(instant):013d}",
                next_steps=("Consider another instance type, or on demand, for the next attempt.",),
            )
            recent = []


def tags_ignored(evidence: JobEvidence) -> Iterator[Alert]:
    """Tags of the job that ask for more than the policy's rule allows, or cannot be read."""
    ignored = evidence.ended.ignored if evidence.ended else ()
    if ignored and evidence.head.ending not in NEEDS_NOTHING:
        yield evidence.alert(
            "tags_ignored",
            Severity.WARNING,
            f"{evidence.name} has tags that Spotter ignores",
            *(f"{sentence[0].upper()}{sentence[1:]}." for sentence in ignored),
            "A job's tags may only restrict what the policy's rule allows.",
            next_steps=("Correct the tags, or ask the policy's owner to allow more.",),
        )


def recovered(evidence: JobEvidence) -> Iterator[Alert]:
    """A resubmitted lineage, or a job that there was an alert about, recovered and completed."""
    troubled = any(key != evidence.key or kind != "recovered" for kind, key in evidence.raised)
    if evidence.head.ending is Ending.COMPLETED and (evidence.head.attempt.number > 1 or troubled):
        figure = savings(evidence.head.billable_seconds, evidence.head.training_seconds)
        yield evidence.alert(
            "recovered",
            Severity.INFO,
            f"{evidence.name} recovered and completed",
            f"It was attempt {evidence.head.attempt.number} of {evidence.head.attempt.root.name}."
            if evidence.head.attempt.number > 1
            else "",
            so_far(evidence),
            f"Spot saved {figure:.0f} % of this attempt's training time." if figure else "",
        )
