"""The running jobs that a next attempt could conflict with: those of its lineage, and those at its checkpoints.

A decision reads these alone, so it takes no longer where a hundred thousand jobs run. An attempt's name
follows from its lineage, so a lineage's heads are read by name, consistently. Jobs at a location are
found by an index, which may lag a moment; what Spotter itself has claimed lately is in the slots, which
are read before (docs/decisions/2-slots-put-claims-in-a-row.md).
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from spotter.aws.ledger.rows import BATCH
from spotter.aws.ledger.table import Ledger
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.ledger.validation import Malformed
from spotter.core.model.checkpoint_locations import touches
from spotter.core.model.identity import Attempt, JobId


def of_lineage(ledger: Ledger, attempt: Attempt, numbers: Iterable[int]) -> Iterator[JobRecord]:
    """The running attempts of these numbers in a lineage; Malformed if a head cannot be read."""
    root = attempt.root
    for number in sorted({*numbers, *range(1, attempt.number + 2)}):
        name = Attempt(root, number).name
        heads = ledger.heads_named(root, name)
        yield from (head for head in heads if head.running and head.attempt.root == root)


def at_location(ledger: Ledger, location: str, root: JobId) -> Iterator[str]:
    """The names of running jobs of other lineages whose checkpoints a job at this location touches.

    A head that cannot be read counts as running: the index says that it uses the location.
    """
    keys = ledger.keys_at_location(location)
    while some := list(islice(keys, BATCH)):
        for row in ledger.all_stored(some).values():
            if name := _meets(ledger, row, location, root):
                yield name


def overlapping(ledger: Ledger, location: str) -> Iterator[JobRecord]:
    """The running jobs, of any lineage, whose checkpoints a job at this location touches, or that touch its own.

    A head that cannot be read is reported and passed over: whoever checks a request only reads.
    """
    keys = chain(ledger.keys_below(location), ledger.keys_at_its_beginnings(location))
    seen: set[JobId] = set()
    while some := list(islice(keys, BATCH)):
        for head in ledger.all_readable(JobRecord, some):
            theirs = head.checkpoint or ""
            meets = touches(location, theirs) or touches(theirs, location)
            if head.running and theirs and meets and head.id not in seen:
                seen.add(head.id)
                yield head


def _meets(ledger: Ledger, row: StoredRow, location: str, root: JobId) -> str | None:
    try:
        head = row.read(JobRecord)
    except Malformed as malformed:
        ledger.report(malformed)
        return row.key[0].rpartition("/")[2]
    theirs = head.checkpoint
    meets = head.running and theirs and head.attempt.root != root and touches(location, theirs)
    return head.id.name if meets else None
