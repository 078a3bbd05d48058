"""Counts of all jobs, and the jobs that need attention first."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from spotter.core.model.times import words
from spotter.core.reports.fleet import CountedJob, Fleet
from spotter.core.reports.html.elements import Child, Element, el
from spotter.core.reports.html.tables import table

ToJob = Callable[[CountedJob], Child | Iterable[Child]]


def fleet_picture(fleet: Fleet, to_job: ToJob = lambda head: head.id.name) -> Element:
    """Counts, then the worst few; `to_job` makes of a job what leads to its lineage."""
    return el("section", _parts(fleet, to_job), class_="fleet")


def _parts(fleet: Fleet, to_job: ToJob) -> Iterator[Element]:
    yield el(
        "dl",
        _tile("Running", fleet.running.total(), _split(fleet.running)),
        _tile("Finished", fleet.finished.total(), _split(fleet.finished)),
        _tile("Interruptions", fleet.interruptions),
        class_="tiles",
    )
    if fleet.waiting_longest:
        rows = [
            (to_job(head), head.secondary, words(waited)) for head, waited in fleet.waiting_longest
        ]
        yield table("Waiting longest for capacity", ("job", "status", "waiting for"), rows, [2])
    if fleet.interrupted_most:
        found = [(to_job(h), h.secondary, str(count)) for h, count in fleet.interrupted_most]
        yield table("Interrupted most", ("job", "status", "interruptions"), found, [2])


def _tile(name: str, count: int, split: str = "") -> Element:
    """A count, and what it is made of."""
    made = el("dd", split, class_="words") if split else None
    return el("div", el("dt", name), el("dd", f"{count:,}", class_="count"), made)


def _split(counted: Mapping[str, int]) -> str:
    """`Training 9, Starting 3`, the most first."""
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{status} {count:,}" for status, count in ordered)
