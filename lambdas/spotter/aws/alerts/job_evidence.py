"""What the ledger holds about a job, read together for whoever has something to say about it."""

from collections.abc import Iterable
from datetime import datetime

from spotter.aws.ledger.table import Ledger
from spotter.core.alerts.evidence import JobEvidence
from spotter.core.alerts.stages import is_about_an_ending
from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.ledger.transitions import timeline
from spotter.core.ledger.validation import Malformed
from spotter.core.model.identity import JobId
from spotter.core.model.times import ms
from spotter.core.policy.model import Policy

Key = tuple[str, str]


def partitions_concerned(ledger: Ledger, keys: Iterable[Key]) -> list[str]:
    """The partitions of the jobs that these changed rows are about, each once."""
    found = (_concerned(ledger, *key) for key in keys)
    return list(dict.fromkeys(pk for pk in found if pk))


def _concerned(ledger: Ledger, pk: str, sk: str) -> str | None:
    """A lineage's row is about the attempt that ended, which the next attempt follows."""
    if sk.startswith("ALERT#"):
        return None  # it was raised, and only wants to be published
    if pk.startswith("JOB#"):
        return pk
    try:
        number = validation.number_of((pk, sk)) - sk.startswith("ATTEMPT#")
        ended = ledger.get(pk, row_keys.ended_sk(number))
        return row_keys.job_pk(JobId.parse(validation.sound(ended)["job"])) if ended else None
    except Malformed as row:
        ledger.report(row)
        return None


def evidence_of(
    ledger: Ledger, held: list[Row], policy: Policy, now: datetime
) -> list[JobEvidence]:
    """One account for each job that ever had this name; `held` are the sound rows of its partition."""
    heads = [JobRecord.read(row) for row in held if row[row_keys.SK].startswith("HEAD#")]
    return [_account(ledger, head, held, policy, now) for head in heads]


def _account(
    ledger: Ledger, head: JobRecord, held: list[Row], policy: Policy, now: datetime
) -> JobEvidence:
    lineage = row_keys.lineage_pk(head.attempt.root)
    ended = (lineage, row_keys.ended_sk(head.attempt.number))
    following = (lineage, row_keys.attempt_sk(head.attempt.number + 1))
    held_there = ledger.get_all([ended, following]) if head.ending else {}
    asked = {(row[PK], row[SK]): row for row in ledger.sound(held_there.values())}
    created = ms(head.id.created)
    noticed = [r for r in held if r[row_keys.SK].startswith("NOTICED#") and r["created"] == created]
    raised = [r for r in held if r[row_keys.SK].startswith("ALERT#") and r["created"] == created]
    return JobEvidence(
        head=head,
        timeline=timeline(held, head.id),
        policy=policy,
        noticed=tuple(noticed),
        ended=asked.get(ended),
        following=asked.get(following),
        published=frozenset((row["kind"], row["key"]) for row in raised),
        incident=tuple(row for row in raised if is_about_an_ending(row)),
        now=now,
    )
