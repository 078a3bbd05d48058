"""The rows about all jobs that ever had one name in an account and Region, read together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from spotter.core.ledger import row_keys
from spotter.core.ledger.alert import AlertRecord, name_of
from spotter.core.ledger.deadline import DeadlineRecord
from spotter.core.ledger.evaluation import EvaluationRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.notice import NoticeRecord
from spotter.core.ledger.row_keys import SK, Row
from spotter.core.ledger.transitions import transition
from spotter.core.ledger.typed_row import Kind
from spotter.core.ledger.validation import Malformed, Report, readable
from spotter.core.model.identity import JobId
from spotter.core.model.timeline import Timeline

AlertName = tuple[str, str]
"""An alert's kind and key."""


@dataclass(frozen=True)
class JobRows:
    """`alerts` holds None for an alert whose row cannot be read: it was raised, too."""

    heads: Mapping[JobId, JobRecord]
    timelines: Mapping[JobId, Timeline]
    notices: tuple[NoticeRecord, ...]
    evaluations: tuple[EvaluationRecord, ...]
    alerts: Mapping[AlertName, AlertRecord | None]
    deadlines: Mapping[JobId, DeadlineRecord] = field(default_factory=dict)

    def notices_about(self, job: JobId) -> tuple[NoticeRecord, ...]:
        return tuple(one for one in self.notices if one.job == job)

    def alerts_about(self, job: JobId) -> dict[AlertName, AlertRecord | None]:
        """Those about the job, and those that cannot be read."""
        found = self.alerts.items()
        return {name: one for name, one in found if one is None or one.alert.job == job}

    @classmethod
    def read(cls, rows: Iterable[Row], report: Report) -> Self:
        """A row that cannot be read is reported and passed over; the publisher reports alerts."""
        held = list(rows)
        heads = {head.id: head for head in _each(held, row_keys.HEADS, JobRecord, report)}
        return cls(
            heads=heads,
            timelines={job: timeline(held, job, report) for job in heads},
            notices=_each(held, row_keys.NOTICES, NoticeRecord, report),
            evaluations=_each(held, row_keys.EVALUATIONS, EvaluationRecord, report),
            alerts=dict(map(_alert, _of(held, row_keys.ALERTS))),
            deadlines={
                one.job: one for one in _each(held, row_keys.DEADLINES, DeadlineRecord, report)
            },
        )


def timeline(held: Iterable[Row], job: JobId, report: Report) -> Timeline:
    """The transitions of one job among its partition's rows."""
    rows = _of(held, row_keys.transitions_prefix(job.created))
    return Timeline(readable(rows, transition, report))


def _of(held: Iterable[Row], prefix: str) -> Iterator[Row]:
    return (row for row in held if row[SK].startswith(prefix))


def _each(held: Iterable[Row], prefix: str, kind: type[Kind], report: Report) -> tuple[Kind, ...]:
    return tuple(readable(_of(held, prefix), kind.read, report))


def _alert(row: Row) -> tuple[AlertName, AlertRecord | None]:
    try:
        return name_of(row_keys.key_of(row)), AlertRecord.read(row)
    except Malformed:
        return name_of(row_keys.key_of(row)), None
