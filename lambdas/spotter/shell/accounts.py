"""What the ledger holds about a job, read together for whoever has something to say about it."""

from collections.abc import Iterable
from datetime import datetime

from spotter.core import rows, shapes
from spotter.core.account import Account
from spotter.core.alerts.stages import is_about_an_ending
from spotter.core.head import Head
from spotter.core.identity import JobId
from spotter.core.instants import at, ms
from spotter.core.policy import Policy
from spotter.core.rows import PK, SK, Row
from spotter.core.shapes import Malformed
from spotter.core.timeline import Timeline, Transition
from spotter.shell.ledger import Ledger

Key = tuple[str, str]


def concerned(ledger: Ledger, keys: Iterable[Key]) -> list[str]:
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
        number = shapes.number_of((pk, sk)) - sk.startswith("ATTEMPT#")
        ended = ledger.get(pk, rows.ended_sk(number))
        return rows.job_pk(JobId.parse(shapes.sound(ended)["job"])) if ended else None
    except Malformed as row:
        ledger.report(row)
        return None


def accounts(ledger: Ledger, held: list[Row], policy: Policy, now: datetime) -> list[Account]:
    """One account for each job that ever had this name; `held` are the sound rows of its partition."""
    heads = [Head.read(row) for row in held if row[rows.SK].startswith("HEAD#")]
    return [_account(ledger, head, held, policy, now) for head in heads]


def timeline(held: Iterable[Row], job: JobId) -> Timeline:
    """The transitions of one job among its partition's rows."""
    prefix = f"AT#{ms(job.created):013d}#"
    found = [row for row in held if row[rows.SK].startswith(prefix)]
    return Timeline(Transition(at(row["start"]), row["status"]) for row in found)


def _account(ledger: Ledger, head: Head, held: list[Row], policy: Policy, now: datetime) -> Account:
    lineage = rows.lineage_pk(head.attempt.root)
    ended = (lineage, rows.ended_sk(head.attempt.number))
    following = (lineage, rows.attempt_sk(head.attempt.number + 1))
    held_there = ledger.get_all([ended, following]) if head.ending else {}
    asked = {(row[PK], row[SK]): row for row in ledger.sound(held_there.values())}
    created = ms(head.id.created)
    noticed = [r for r in held if r[rows.SK].startswith("NOTICED#") and r["created"] == created]
    raised = [r for r in held if r[rows.SK].startswith("ALERT#") and r["created"] == created]
    return Account(
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
