"""Running jobs with their outlooks, the most urgent first; open alerts; then the counts of all jobs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from spotter.core.ledger.alert import Alert
from spotter.core.model import instances
from spotter.core.model.identity import JobId
from spotter.core.reports.fleet import Fleet
from spotter.core.reports.html.elements import Child, Element, el
from spotter.core.reports.html.tables import table, whole

ToJob = Callable[[JobId], Child | Iterable[Child]]
ALERTS = 10


@dataclass(frozen=True)
class AlertsOfFleet:
    """The worst of the open alerts, and how many there are."""

    shown: Sequence[Alert] = ()
    count: int = 0


def fleet_picture(
    fleet: Fleet,
    alerts: AlertsOfFleet | None = None,
    zone: tzinfo = UTC,
    to_job: ToJob = lambda job: job.name,
) -> Element:
    """`to_job` makes of a job what leads to its lineage; without `alerts` they were not read."""
    return el("section", _parts(fleet, alerts, zone, to_job), class_="fleet")


def _parts(
    fleet: Fleet, alerts: AlertsOfFleet | None, zone: tzinfo, to_job: ToJob
) -> Iterator[Element]:
    yield el("p", el("strong", f"{fleet.total}."), class_="prose")
    if fleet.urgent:
        yield _running(fleet, zone, to_job)
    if fleet.unlisted:
        yield el("p", f"And {fleet.unlisted:,} more: spotter jobs lists them.", class_="words")
    if alerts and alerts.shown:
        yield _alerts(alerts, zone, to_job)
    elif alerts:
        yield el("p", "No open alerts about these jobs.", class_="words")
    yield el(
        "dl",
        _tile("Running", fleet.running.total(), _split(fleet.running)),
        _tile("Finished", fleet.finished.total(), _split(fleet.finished)),
        _tile("Interruptions", fleet.interruptions),
        class_="tiles",
    )


def _running(fleet: Fleet, zone: tzinfo, to_job: ToJob) -> Element:
    rows = [
        (
            to_job(job.id),
            _outlook(found.text(fleet.now, zone), risky=found.risky),
            job.secondary,
            [part for one in instances.each(job.instances) for part in (whole(one), " ")],
            str(job.interruptions),
        )
        for job, found in fleet.urgent
    ]
    columns = ("job", "outlook", "status", "instances", "interruptions")
    return table("Running jobs, the most urgent first", columns, rows, [4])


def _outlook(text: str, *, risky: bool) -> Child:
    """A risk stands out by its weight, and not by a colour alone."""
    return el("strong", text) if risky else text


def _alerts(alerts: AlertsOfFleet, zone: tzinfo, to_job: ToJob) -> Element:
    rows = [
        (
            to_job(one.job),
            one.severity.value,
            one.headline,
            whole(f"{one.raised_at.astimezone(zone):%Y-%m-%d %H:%M}") if one.raised_at else "",
        )
        for one in alerts.shown
    ]
    more = f", the worst {len(rows)} of {alerts.count}" if alerts.count > len(rows) else ""
    return table(f"Open alerts{more}", ("job", "severity", "alert", "raised"), rows)


def _tile(name: str, count: int, split: str = "") -> Element:
    """A count, and what it is made of."""
    made = el("dd", split, class_="words") if split else None
    return el("div", el("dt", name), el("dd", f"{count:,}", class_="count"), made)


def _split(counted: Mapping[str, int]) -> str:
    """`Training 9, Starting 3`, the most first."""
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{status} {count:,}" for status, count in ordered)
