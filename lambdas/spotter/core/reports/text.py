"""Figures of reports as text, the same in terminals and in HTML; what is absent is shown as absent."""

from datetime import UTC, tzinfo

from spotter.core.model import instances
from spotter.core.model.times import counted, words
from spotter.core.money.text import ABSENT
from spotter.core.reports.lineage import AttemptView, LineageView


def hours(value: float | None) -> str:
    return ABSENT if value is None else f"{value:,.1f} h"


def in_words(view: LineageView) -> str:
    """The picture in words; an absent figure is named as absent."""
    most = "" if view.lost_exactly else "at most "
    saved = "no savings figure" if view.saved is None else f"saved {view.saved:.0f} %"
    parts = [
        counted(len(view.attempts), "attempt"),
        counted(view.interruptions, "interruption"),
        f"trained {words(view.trained)}",
        f"waited {words(view.waited)}",
        f"{most}{words(view.lost)} lost",
        saved,
    ]
    return ", ".join(parts)


def attempt_in_words(view: AttemptView, zone: tzinfo = UTC) -> str:
    """As in `Attempt 2: nightly-7-a2-…, on demand, 1 x ml.g5.xlarge: Training, on track`."""
    head = view.head
    capacity = instances.capacity(head.instances, spot=head.spot)
    outlook = f", {view.outlook.text(view.now, zone)}" if view.outlook else ""
    return f"Attempt {head.attempt.number}: {head.id.name}, {capacity}: {view.outcome}{outlook}"
