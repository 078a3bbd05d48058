"""What the sweep does for lineages with a deadline: assess each that runs, and record how it stands."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from spotter.aws.deadline.assessing import DeadlineAssessor
from spotter.aws.ledger.table import Ledger
from spotter.core.deadline.assessment import Assessment
from spotter.core.deadline.figures import figures
from spotter.core.ledger.deadline import DeadlineRecord, deadline_key
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.notice import NoticeRecord
from spotter.core.model.identity import JobId
from spotter.core.policy.model import Policy


class AssessedLineage(NamedTuple):
    """A running attempt of a lineage with a deadline, its row as it was put now, and the assessment."""

    head: JobRecord
    record: DeadlineRecord
    assessment: Assessment


@dataclass(frozen=True)
class DeadlineWatch:
    """The ledger, and the policy by which deadlines are set."""

    ledger: Ledger
    policy: Policy

    def records(self, heads: Iterable[JobRecord]) -> dict[JobId, DeadlineRecord]:
        """The DEADLINE rows of those running jobs; nothing is read where the policy sets no deadlines."""
        if not self.policy.has_deadlines:
            return {}
        current = self.policy.fingerprint
        dated = (
            head for head in heads if head.running and head.in_scope and head.no_deadline != current
        )
        keys = (deadline_key(head.id) for head in dated)
        return {one.job: one for one in self.ledger.all_readable(DeadlineRecord, keys)}

    def unrecorded(
        self, heads: Iterable[JobRecord], known: Mapping[JobId, DeadlineRecord]
    ) -> list[JobId]:
        """The running jobs whose terms were not recorded under this policy: they are to be described again."""
        if not self.policy.has_deadlines:
            return []
        current = self.policy.fingerprint
        return [
            head.id
            for head in heads
            if head.running and head.in_scope and head.no_deadline != current
            if head.id not in known or known[head.id].policy != current
        ]

    def assess_all(
        self, heads: Sequence[JobRecord], known: Mapping[JobId, DeadlineRecord], now: datetime
    ) -> list[AssessedLineage]:
        """Assess each lineage with a deadline, and record how it stands."""
        found = (self._assess(head, known.get(head.id), now) for head in heads)
        return [one for one in found if one]

    def is_new(self, head: JobRecord, notice: NoticeRecord) -> bool:
        """False if it was noticed about an earlier attempt of this lineage: of one deadline it is said once."""
        earlier = (one.id for one in DeadlineAssessor(self.ledger).heads(head) if one.id != head.id)
        keys = (replace(notice, job=job).key for job in earlier)
        return not self.ledger.all_readable(NoticeRecord, keys)

    def _assess(
        self, head: JobRecord, known: DeadlineRecord | None, now: datetime
    ) -> AssessedLineage | None:
        if known is None or known.terms is None or known.policy != self.policy.fingerprint:
            return None
        found = DeadlineAssessor(self.ledger).assess(head, known.terms, now)
        fresh = replace(known, figures=figures(found, known.figures))
        self.ledger.replace_unless_changed(known, fresh)
        return AssessedLineage(head, fresh, found)
