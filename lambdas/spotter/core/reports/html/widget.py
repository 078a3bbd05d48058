"""What a dashboard shows: the pictures in its theme and width, and the clicks that lead on.

CloudWatch takes scripts out of what it is given; a click is an element of its own, whose text is the
JSON of the next event: it is put in as text, so it is escaped like all other text.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_interactivity.html
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial

from spotter.core.model.identity import JobId
from spotter.core.model.times import counted
from spotter.core.money.savings import Savings
from spotter.core.money.text import FEW_COLUMNS
from spotter.core.money.trend import Trend
from spotter.core.reports.fleet import CountedJob, Fleet
from spotter.core.reports.html.elements import Child, Element, el, html
from spotter.core.reports.html.fleet import AlertsOfFleet, fleet_picture
from spotter.core.reports.html.lineage import Span, legend, lineage_picture
from spotter.core.reports.html.market import market_picture
from spotter.core.reports.html.savings import savings_picture
from spotter.core.reports.html.style import widget_style
from spotter.core.reports.html.tables import table
from spotter.core.reports.lineage import LineageView
from spotter.core.reports.spot_history import SpotHistory
from spotter.core.reports.widget_request import MOST_DAYS, WidgetRequest

MOST_PERIODS = 2_000
"""So many status periods of a lineage are drawn: half a megabyte, and Lambda may return six."""

DOCS = f"""## Spotter
The state of spot training in this account and Region, from Spotter's ledger. It only reads.

### Widget parameters
* **view**: `fleet` (running jobs with their outlook, open alerts, finished jobs; click a job for its lineage),
  `savings`, `market`, or `lineage`
* **job**: with `lineage`, the name of any job of the lineage
* **span**: with `lineage`, `whole` or `range` (what lies in the dashboard's time range)

The dashboard's time range selects the jobs: those created in it, up to {MOST_DAYS} days.
Zooming in shows that part.

### Example parameters
``` yaml
view: lineage
job: nightly-7
```
"""


@dataclass(frozen=True)
class Widget:
    """One answer in the making. `function` is the ARN that a click calls: the widget's own."""

    request: WidgetRequest
    function: str

    def fleet(
        self,
        fleet: Fleet,
        alerts: AlertsOfFleet,
        ended: Sequence[CountedJob],
        left_out: Iterable[str],
    ) -> str:
        """Running jobs, open alerts, counts; `ended` are the last few that finished."""
        done = [(self._to_job(job.id), _outcome(job), str(job.interruptions)) for job in ended]
        columns = ("job", "ending", "interruptions")
        about = (
            f"Running: all jobs now. Finished: jobs {self._created()}. "
            "Open alerts: about all running jobs, and about endings in the same time."
        )
        return self._page(
            fleet_picture(fleet, alerts, self.request.zone, self._to_job),
            el("p", about, class_="attempt"),
            table("Finished jobs, newest first", columns, done, [2]) if done else None,
            self._form(),
            left_out=left_out,
        )

    def savings(self, found: Savings, trend: Trend, left_out: Iterable[str]) -> str:
        """What attempts that ended in the range saved: in one line, over time, and by group."""
        request = self.request
        span = f"from {self._time(request.since)} to {self._time(request.until)} ({self._zone})"
        return self._page(
            el(
                "p",
                f"Attempts that ended {span}; months, weeks and days are in UTC.",
                class_="attempt",
            ),
            savings_picture(found, trend, FEW_COLUMNS),
            left_out=left_out,
        )

    def market(self, market: SpotHistory, left_out: Iterable[str]) -> str:
        """Interruptions and waits by instance type and hour."""
        words = f"{counted(market.jobs, 'spot job')} {self._created()}; hours of the day in {self._zone}."
        return self._page(
            el("p", words, class_="attempt"), market_picture(market), left_out=left_out
        )

    def lineage(self, view: LineageView) -> str:
        """One lineage, and the way back."""
        span, left_out = self._span(view)
        name = view.attempts[-1].head.id.name
        again = partial(self._call, view="lineage", job=name)
        return self._page(
            el("p", self._call("Back to all jobs", view="fleet"), " ", self._other(again)),
            legend(),
            lineage_picture(view, self.request.zone, span),
            el("p", f"Times are in {self._zone}.", class_="attempt"),
            left_out=left_out,
        )

    def message(self, text: str) -> str:
        """An error, and the link back."""
        back = el("p", self._call("Back to all jobs", view="fleet"))
        return self._page(el("p", text, role="alert"), back)

    def _other(self, again: partial[list[Child]]) -> list[Child]:
        if self.request.zoomed:
            return []
        if self.request.span == "range":
            return again("The whole lineage", span="whole")
        return again("Only the dashboard's time range", span="range")

    def _span(self, view: LineageView) -> tuple[Span | None, list[str]]:
        """What is drawn of it, and what is not."""
        request, notes, span = self.request, [], None
        if request.zoomed or request.span == "range":
            if request.since < view.end and request.until > view.begin:
                span = (max(request.since, view.begin), min(request.until, view.end))
                notes.append(f"Only the part from {self._time(span[0])} to {self._time(span[1])}.")
            else:
                notes.append(
                    "The lineage is outside of the dashboard's time range, so all of it is shown."
                )
        begin, end = span or (view.begin, view.end)
        periods = [s for one in view.attempts for s in one.periods if s.start <= end]
        starts = sorted(s.start for s in periods if s.end >= begin)
        if len(starts) > MOST_PERIODS:
            span = (starts[-MOST_PERIODS], end)
            notes.append(f"Only the last {MOST_PERIODS} of {len(starts)} status periods are drawn.")
        return span, notes

    def _page(self, *children: Child, left_out: Iterable[str] = ()) -> str:
        """With the style of the theme; CloudWatch's own is off, so that it looks the same as in the tests."""
        request = self.request
        notes = [el("p", note, class_="attempt") for note in (*self._cut(), *left_out)]
        style = el("style", widget_style("dark" if request.dark else "light"))
        return html(
            el("div", style, el("div", children, notes, class_="spotter cwdb-no-default-styles"))
        )

    def _cut(self) -> Iterator[str]:
        if self.request.cut:
            yield f"The time range is longer than {MOST_DAYS} days: only its last {MOST_DAYS} days are used."

    def _form(self) -> Element:
        """Any job by its name; the typed text comes with the click as `forms.all`."""
        field = el("input", name="job", aria_label="The name of a training job", maxlength="63")
        return el("form", field, " ", self._call("Show its lineage", view="lineage"))

    def _to_job(self, job: JobId) -> list[Child]:
        name = job.name
        return self._call(name, class_="job", view="lineage", job=name)

    def _call(self, label: str, *, class_: str = "btn", **event: str) -> list[Child]:
        """What is clicked, and right behind it what that calls.

        A link without an address, as in AWS's own samples: one with an address would leave the
        dashboard.
        """
        click = el("a", label, class_=class_, role="button", tabindex="0")
        call = el(
            "cwdb-action",
            json.dumps(event),
            action="call",
            display="widget",
            endpoint=self.function,
        )
        return [click, call]

    def _created(self) -> str:
        request = self.request
        return f"created from {self._time(request.since)} to {self._time(request.until)} ({self._zone})"

    def _time(self, when: datetime) -> str:
        return f"{when.astimezone(self.request.zone):%Y-%m-%d %H:%M}"

    @property
    def _zone(self) -> str:
        return str(self.request.zone if isinstance(self.request.zone, timezone) else "UTC")


def _outcome(job: CountedJob) -> str:
    return job.ending.value if job.ending else "Deleted"
