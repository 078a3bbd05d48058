"""What the ledger holds about a job, read together for the alert rules."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from spotter.aws.ledger.table import Ledger
from spotter.core.alerts.evidence import JobEvidence
from spotter.core.alerts.stages import is_about_an_ending
from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.alert import AlertRecord
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.notice import NoticeRecord
from spotter.core.ledger.row_keys import SK, Row
from spotter.core.ledger.transitions import timeline
from spotter.core.ledger.validation import Malformed
from spotter.core.model.identity import JobId
from spotter.core.policy.model import Policy

Key = tuple[str, str]


def partitions_concerned(ledger: Ledger, keys: Iterable[Key]) -> list[str]:
    """The partitions of the jobs that these changed rows are about, each once."""
    found = (_concerned(ledger, *key) for key in keys)
    return list(dict.fromkeys(pk for pk in found if pk))


def _concerned(ledger: Ledger, pk: str, sk: str) -> str | None:
    """A lineage's row is about the attempt that ended, which the next attempt follows."""
    if sk.startswith(row_keys.ALERTS):
        return None  # it was raised, and is only to be published
    if pk.startswith(row_keys.JOBS):
        return pk
    try:
        number = validation.number_of((pk, sk)) - sk.startswith(row_keys.ATTEMPTS)
        ended = ledger.get(pk, row_keys.ended_sk(number))
        return row_keys.job_pk(EndingRecord.read(ended).job) if ended else None
    except Malformed as row:
        ledger.report(row)
        return None


def evidence_of(
    ledger: Ledger, held: list[Row], policy: Policy, now: datetime
) -> list[JobEvidence]:
    """The evidence of each job that ever had this name; `held` are the sound rows of its partition."""
    heads = [JobRecord.read(row) for row in held if row[row_keys.SK].startswith(row_keys.HEADS)]
    return [_evidence(ledger, head, held, policy, now) for head in heads]


def _evidence(
    ledger: Ledger, head: JobRecord, held: list[Row], policy: Policy, now: datetime
) -> JobEvidence:
    ended, following = ledger.what_became_of(head.attempt) if head.ending else (None, None)
    noticed = [NoticeRecord.read(r) for r in held if r[SK].startswith(row_keys.NOTICES)]
    raised = dict(_alerts(held, head.id))
    return JobEvidence(
        head=head,
        timeline=timeline(held, head.id),
        policy=policy,
        noticed=tuple(one for one in noticed if one.job == head.id),
        ended=ended,
        following=following,
        raised=frozenset(raised),
        incident=tuple(
            record for record in raised.values() if record and is_about_an_ending(record)
        ),
        now=now,
    )


def _alerts(held: Iterable[Row], job: JobId) -> Iterator[tuple[Key, AlertRecord | None]]:
    """The alerts about a job by kind and key. One that cannot be read was raised, too: while it is
    pending, the publisher reports it.
    """
    for row in held:
        if not row[SK].startswith(row_keys.ALERTS):
            continue
        _, kind, key = row[SK].split("#", 2)
        try:
            record = AlertRecord.read(row)
        except Malformed:
            yield (kind, key), None
        else:
            if record.alert.job == job:
                yield (kind, key), record
