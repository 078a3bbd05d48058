"""An ending and a claim as the ledger holds them, with the attributes that a test names."""

from typing import Any

from spotter.core.ledger import row_keys
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.times import iso
from tests.support.jobs import ACCOUNT, NOON, REGION

ROOT = JobId(ACCOUNT, REGION, "nightly-7", NOON)


def ending(**attributes: Any) -> EndingRecord:
    """The ENDED row of a lineage's first attempt; nothing was decided about it."""
    key = row_keys.keyed((row_keys.lineage_pk(ROOT), row_keys.ended_sk(1)))
    return EndingRecord.read(key | {"job": str(ROOT), "ending": "MaxWaitTimeExceeded"} | attributes)


def claim(**attributes: Any) -> AttemptRecord:
    """The ATTEMPT row of a lineage's second attempt."""
    child = Attempt(ROOT, 2)
    key = row_keys.keyed((row_keys.lineage_pk(ROOT), row_keys.attempt_sk(2)))
    held = {"root": str(ROOT), "attempt": 2, "name": child.name, "claimed": iso(NOON)}
    held |= {"state": "creating", "request": "hash", "rung": "spot"}
    return AttemptRecord.read(key | held | attributes)
