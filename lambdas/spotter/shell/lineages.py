"""A lineage read from the ledger, from any of its attempts' names."""

from collections.abc import Mapping

from spotter.core import rows
from spotter.core.explanation import Told
from spotter.core.head import Head
from spotter.core.hints import Place
from spotter.core.identity import Attempt, JobId
from spotter.core.rows import Row
from spotter.shell.ledger import Ledger


class NotInTheLedger(Exception):
    """The ledger knows no job of this name."""


def newest(ledger: Ledger, here: Place, name: str) -> Head:
    """The head of the job that had this name last; NotInTheLedger if there is none."""
    held = ledger.partition(f"JOB#{here.account}/{here.region}/{name}", "HEAD#")
    if not held:
        raise NotInTheLedger(f"The ledger knows no job named {name} in {here.region}.")
    return Head.read(held[-1])


def lineage(ledger: Ledger, head: Head) -> tuple[list[Told], Row | None]:
    """Every attempt of the lineage that a job belongs to, and the claim of one that is not recorded."""
    root = head.attempt.root
    held = {row[rows.SK]: row for row in ledger.partition(rows.lineage_pk(root))}
    told = [_told(held, one) for one in _heads(ledger, root, held, head)]
    after = held.get(rows.attempt_sk(told[-1].number + 1))
    return told, after


def _heads(ledger: Ledger, root: JobId, held: Mapping[str, Row], head: Head) -> list[Head]:
    """The heads of all attempts, in order; the job asked about is one of them."""
    ended = [JobId.parse(row["job"]) for sk, row in held.items() if sk.startswith("ENDED#")]
    found = ledger.heads([root, *ended]) | {head.id: head}
    for sk, row in held.items():
        if sk.startswith("ATTEMPT#"):
            attempt = Attempt(root, row["attempt"])
            named = ledger.partition(f"JOB#{root.account}/{root.region}/{row['name']}", "HEAD#")
            ours = (Head.read(one) for one in named)
            found |= {one.id: one for one in ours if one.attempt == attempt}
    of_it = (one for one in found.values() if one.attempt.root == root)
    return sorted(of_it, key=lambda one: one.attempt.number)


def _told(held: Mapping[str, Row], head: Head) -> Told:
    number = head.attempt.number
    ended, claim = (held.get(sk(number)) for sk in (rows.ended_sk, rows.attempt_sk))
    return Told(number, head, ended, claim)
