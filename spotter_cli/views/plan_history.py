"""What the account's ledger knows of an instance type: its newest jobs, their durations and their timelines."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from spotter.aws.deadline.assessing import types
from spotter.aws.deadline.measuring import AGAIN, DurationMeasurer
from spotter.aws.reports.job_list import jobs
from spotter.aws.reports.queries import timelines
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.measured_durations import TypeDurations, type_key
from spotter.core.model.timeline import Timeline
from spotter.core.model.times import counted
from spotter.core.replay.forecast import LEAST_LAUNCHES, SpotSpells
from spotter.core.reports.job_filter import JobFilter
from spotter_cli.output.terminal import counting
from spotter_cli.stack.deployed import Deployed

MOST_JOBS, MOST_TYPES = 500, 5
"""The newest jobs of a type that are read, and the types that a refusal names."""


def newest_of_type(
    spotter: Deployed, kind: str, created: tuple[datetime, datetime]
) -> list[JobRecord]:
    """The newest jobs all of whose instances are of this type."""
    found = jobs(spotter.ledger, JobFilter(*created, instance_type=kind))
    return list(islice((head for head in found if types(head.instances) == (kind,)), MOST_JOBS))


def durations_of_type(
    spotter: Deployed, kind: str, heads: Sequence[JobRecord], now: datetime
) -> TypeDurations:
    """What a sweep measured of the type lately; where none had a reason to, what these jobs show."""
    held = spotter.ledger.all_readable(TypeDurations, [type_key(kind)], consistent=False)
    if held and now - held[0].measured < AGAIN:
        return held[0]
    return DurationMeasurer(spotter.ledger).of_type(kind, heads, now)


def spot_history(
    spotter: Deployed, heads: Sequence[JobRecord], now: datetime
) -> Iterator[tuple[Timeline, datetime]]:
    """The timelines of those jobs that were on spot, and until when each was seen."""
    spot = [head for head in heads if head.spot]
    for head, line in counting(timelines(spotter.ledger, spot), "timelines"):
        last = line.last.start if line.last else head.id.created
        yield line, now if head.running else head.ended or last


def what_is_missing(
    spotter: Deployed, kind: str, seen: SpotSpells, created: tuple[datetime, datetime]
) -> str:
    """What there is of the type, what is needed, and of which types there is more."""
    there = counted(seen.launches, "launch", "es") if seen.launches else "no launch"
    of_jobs = f", in {counted(seen.jobs, 'spot job')}" if seen.jobs else ""
    newest = islice(jobs(spotter.ledger, JobFilter(*created)), MOST_JOBS)
    launched = (head for head in newest if head.spot and head.reached_training)
    counts = Counter(one for head in launched for one in types(head.instances))
    others = [f"{one} ({counted(n, 'job')})" for one, n in counts.most_common() if one != kind]
    named = ", ".join(others[:MOST_TYPES])
    besides = f" Other types that trained on spot since then: {named}." if named else ""
    return (
        f"There is no answer for {kind}: the ledger has {there} of it on spot since {created[0]:%Y-%m-%d}{of_jobs}, "
        f"and at least {LEAST_LAUNCHES} are needed. Use a longer --since, or plan again after more jobs on "
        f"spot.{besides}"
    )
