"""The transitions of a job, read from its rows."""

from collections.abc import Iterable

from spotter.core.ledger import row_keys
from spotter.core.ledger.row_keys import Row
from spotter.core.model.identity import JobId
from spotter.core.model.timeline import Timeline, Transition
from spotter.core.model.times import at, ms


def timeline(held: Iterable[Row], job: JobId) -> Timeline:
    """The transitions of one job among its partition's rows."""
    prefix = f"AT#{ms(job.created):013d}#"
    found = [row for row in held if row[row_keys.SK].startswith(prefix)]
    return Timeline(Transition(at(row["start"]), row["status"]) for row in found)
