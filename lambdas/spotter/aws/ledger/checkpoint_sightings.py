"""Reading what the sweep saw of many jobs' checkpoints, and recording it."""

from collections.abc import Iterable

from spotter.aws.ledger.table import Ledger
from spotter.core.ledger.checkpoint_sightings import CheckpointSightings, sightings_key
from spotter.core.model.identity import JobId


def sightings(ledger: Ledger, jobs: Iterable[JobId]) -> dict[JobId, CheckpointSightings]:
    """What was seen of those jobs of which anything was; a hundred rows a call, half a read unit each.

    Only the sweep writes these rows, so a read that lags a moment misses little.
    """
    keys = map(sightings_key, jobs)
    return {
        one.job: one for one in ledger.all_readable(CheckpointSightings, keys, consistent=False)
    }


def record(ledger: Ledger, old: CheckpointSightings | None, new: CheckpointSightings) -> None:
    """Put what was seen now in place of what was seen before. If another sweep wrote meanwhile, that stands."""
    if old is not None:
        ledger.replace_unless_changed(old, new)
    else:
        ledger.put_new(new)
