"""The fleet at a glance, and what wants attention first."""

from collections.abc import Callable, Iterator, Mapping

from spotter.core.fleet import Fleet
from spotter.core.head import Head
from spotter.core.instants import words
from spotter.core.pictures.elements import Child, Element, el
from spotter.core.pictures.tables import table

ToJob = Callable[[Head], Child]


def fleet_picture(fleet: Fleet, to_job: ToJob = lambda head: head.id.name) -> Element:
    """Counts, then the worst few; `to_job` makes of a job what leads to its lineage."""
    return el("section", _parts(fleet, to_job), class_="fleet")


def _parts(fleet: Fleet, to_job: ToJob) -> Iterator[Element]:
    yield _counts("Alive", fleet.living)
    yield _counts("Ended", fleet.ended)
    if fleet.waiting_longest:
        rows = [
            (to_job(head), head.secondary, words(waited)) for head, waited in fleet.waiting_longest
        ]
        yield table("Waiting longest for capacity", ("job", "status", "waiting for"), rows)
    if fleet.interrupted_most:
        found = [(to_job(h), h.secondary, str(count)) for h, count in fleet.interrupted_most]
        yield table("Interrupted most", ("job", "status", "interruptions"), found)


def _counts(name: str, counted: Mapping[str, int]) -> Element:
    """`Alive: 12 (Training 9, Starting 3)`."""
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    split = ", ".join(f"{status} {count}" for status, count in ordered)
    total = sum(counted.values())
    return el("p", el("b", f"{name}: {total}"), f" ({split})" if split else "", class_="counts")
