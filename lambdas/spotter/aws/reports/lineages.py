"""A lineage read from the ledger, from any of its attempts' names."""

from spotter.aws.ledger.table import Ledger
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import ending_of
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.lineage_rows import LineageRows, RecordedAttempt
from spotter.core.model.hints import AccountRegion
from spotter.core.model.identity import JobId


class JobNotFound(Exception):
    """The ledger has no job of this name."""


def newest(ledger: Ledger, here: AccountRegion, name: str) -> JobRecord:
    """The head of the job that had this name last; JobNotFound if there is none."""
    head = ledger.newest_head(here, name)
    if head is None:
        raise JobNotFound(
            f"Job {name} not found in {here.region}: Spotter's ledger has no job of this name. Check the name "
            "and the Region; spotter jobs lists the recorded jobs."
        )
    return head


def lineage(ledger: Ledger, head: JobRecord) -> tuple[list[RecordedAttempt], AttemptRecord | None]:
    """Every attempt of the lineage that a job belongs to, and the claim of one that is not recorded."""
    return attempts_of(ledger, head, ledger.readable_lineage(head.attempt.root))


def attempts_of(
    ledger: Ledger, head: JobRecord, held: LineageRows
) -> tuple[list[RecordedAttempt], AttemptRecord | None]:
    """The same from the lineage's rows, where these are read already."""
    attempts = [_recorded(held, one) for one in _heads(ledger, head.attempt.root, held, head)]
    return attempts, held.attempts.get(attempts[-1].number + 1)


def _heads(ledger: Ledger, root: JobId, held: LineageRows, head: JobRecord) -> list[JobRecord]:
    """The heads of all attempts, in order; the given job is one of them."""
    ended = [row.job for row in held.endings.values()]
    found = ledger.heads([root, *ended]) | {head.id: head}
    for claim in held.attempts.values():
        named = ledger.heads_named(root, claim.name)
        found |= {one.id: one for one in named if one.attempt == claim.attempt}
    of_it = (one for one in found.values() if one.attempt.root == root)
    return sorted(of_it, key=lambda one: one.attempt.number)


def _recorded(held: LineageRows, head: JobRecord) -> RecordedAttempt:
    number = head.attempt.number
    ended = held.endings.get(number)
    return RecordedAttempt(
        number,
        head.with_ending(ending_of(head, ended)),
        ended,
        held.attempts.get(number),
        held.orders.get(number),
    )
