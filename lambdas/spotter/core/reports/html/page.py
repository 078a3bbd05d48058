"""The report: one page that needs nothing but itself, and names its sources.

Its Content-Security-Policy lets in the one style sheet that it holds, by its hash, and nothing else:
no script, no picture from elsewhere, no address at all.
https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from spotter.core.money.period import DAY
from spotter.core.money.savings import Savings
from spotter.core.money.trend import Trend
from spotter.core.reports.fleet import Fleet
from spotter.core.reports.html.elements import Element, el, html
from spotter.core.reports.html.fleet import AlertsOfFleet, fleet_picture
from spotter.core.reports.html.lineage import legend, lineage_picture
from spotter.core.reports.html.market import market_picture
from spotter.core.reports.html.savings import savings_picture
from spotter.core.reports.html.style import page_style
from spotter.core.reports.lineage import LineageView
from spotter.core.reports.spot_history import SpotHistory


@dataclass(frozen=True)
class Report:
    """All that a report shows; a part that is None or empty was not requested.

    `savings` are those of attempts that ended in the time, `trend` the same over time.
    """

    account: str
    region: str
    now: datetime
    since: datetime
    until: datetime
    zone: tzinfo
    fleet: Fleet | None = None
    alerts: AlertsOfFleet | None = None
    savings: Savings | None = None
    trend: Trend | None = None
    market: SpotHistory | None = None
    lineages: tuple[LineageView, ...] = ()
    left_out: int = 0
    notes: tuple[str, ...] = field(default_factory=tuple)


def page(report: Report) -> str:
    """The whole page."""
    title = f"Spotter: account {report.account}, {report.region}"
    return document(title, _parts(report, title))


def document(title: str, parts: Iterable[Element], more_style: str = "") -> str:
    """A page of these parts that needs nothing but itself."""
    style = page_style() + more_style
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", title),
        el("style", style),
    )
    body = el("body", el("main", parts), class_="spotter")
    return f"<!DOCTYPE html>\n{html(el('html', head, body, lang='en'))}\n"


def _parts(report: Report, title: str) -> Iterable[Element]:
    yield el("h1", title)
    yield el("p", _span(report), class_="attempt")
    if report.fleet:
        yield el("h2", "The fleet")
        yield fleet_picture(report.fleet, report.alerts, report.zone)
    if report.savings:
        yield el("h2", "What spot saved")
        yield savings_picture(report.savings, report.trend)
    if report.market:
        yield el("h2", "When spot was short")
        yield market_picture(report.market)
    if report.lineages:
        yield el("h2", "Lineages")
        yield legend()
        yield from (lineage_picture(view, report.zone) for view in report.lineages)
    if report.left_out:
        yield el("p", f"And {report.left_out} more: use spotter report JOB to draw them.")
    yield el("footer", [el("p", note) for note in report.notes])


def _span(report: Report) -> str:
    def text(when: datetime) -> str:
        return f"{when.astimezone(report.zone):%Y-%m-%d %H:%M}"

    since, until, now = map(text, (report.since, report.until, report.now))
    names = _zone_names(report)
    zones = names[0] if len(names) == 1 else f"{' or '.join(names)}, whichever applied at that time"
    return f"Jobs created from {since} to {until}; as of {now}. Times are in {zones}."


def _zone_names(report: Report) -> list[str]:
    """`CET`; `CEST` and `CET` where clocks were changed within the time that is shown."""
    begin = min((report.since, *(view.begin for view in report.lineages)))
    end = max(report.until, report.now)
    instants = [*(begin + n * DAY for n in range((end - begin) // DAY + 1)), end]
    names = (when.astimezone(report.zone).tzname() for when in instants)
    return list(dict.fromkeys(name or "the local time zone" for name in names))
