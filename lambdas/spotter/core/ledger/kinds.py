"""Whether a row can be read, whatever its kind: for whoever reads a partition of many kinds."""

from collections.abc import Callable, Mapping
from typing import Any

from spotter.core.ledger import row_keys
from spotter.core.ledger.attempt import AttemptRecord, ClaimPointer
from spotter.core.ledger.checkpoint_sightings import CheckpointSightings
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.evaluation import EvaluationRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.notice import NoticeRecord
from spotter.core.ledger.row_keys import SK, Row

_READ: Mapping[str, Callable[[Row], Any]] = {
    row_keys.HEADS: JobRecord.read,
    row_keys.ENDINGS: EndingRecord.read,
    row_keys.ATTEMPTS: AttemptRecord.read,
    row_keys.EVALUATIONS: EvaluationRecord.read,
    row_keys.SIGHTINGS: CheckpointSightings.read,
    row_keys.NOTICES: NoticeRecord.read,
    row_keys.CLAIM: ClaimPointer.read,
}
"""By how the sort key begins."""


def sound(row: Row) -> Row:
    """The same row; Malformed if it cannot be read."""
    word, mark, _ = row[SK].partition("#")
    read = _READ.get(word + mark)
    if read:
        read(row)
    return row
