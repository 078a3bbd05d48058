"""`jobs`, the dashboard, the report and Python give the same figures: a property over generated fleets."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from spotter.aws.ledger.table import Ledger
from spotter.aws.reports.dashboard_widget import answer
from spotter.core.ledger.cursor import Cursor
from spotter.core.model.times import ms, utc
from spotter.core.reports.html.fleet import fleet_picture
from spotter.core.reports.job_filter import JobFilter
from spotter.core.reports.rows import JobRow
from spotter.notebook import Connection
from spotter_cli.stack.deployed import Deployed
from spotter_cli.views.html_report import ReportOptions, read_report
from spotter_cli.views.jobs import ListedJobs, all_facts, job_list
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.generated_fleets import Seen, generated_fleet
from tests.support.jobs import ACCOUNT, REGION
from tests.support.spotter_in_one_process import create_table

DAY = timedelta(days=1)
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:Spotter-Dashboard"
SEEDS, JOBS, LEAST_RUNNING = range(40, 52), 40, 5


class Cells(HTMLParser):
    """The text of each row's cells, in the first table of a page, and every other text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.text: list[str] = []
        self.tables, self.in_cell, self.skipped = 0, False, False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tables += tag == "table"
        if tag == "tr" and self.tables == 1:
            self.rows.append([])
        if tag in ("td", "th"):
            self.in_cell = True
            if self.tables == 1:
                self.rows[-1].append("")
        self.skipped = tag in ("cwdb-action", "style")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.in_cell = False
        if tag in ("cwdb-action", "style"):
            self.skipped = False

    def handle_data(self, data: str) -> None:
        if self.skipped:
            return
        self.text.append(data)
        if self.in_cell and self.tables == 1:
            self.rows[-1][-1] += data


@pytest.fixture(scope="module", params=SEEDS)
def fleet(request):
    """A fleet in the middle of its day, as the ledger holds it: its jobs, the Spotter that reads it, now."""
    now = utc(datetime.now(UTC))
    dynamodb = FakeDynamoDB()
    create_table(dynamodb, "ledger")
    ledger = Ledger(dynamodb, "ledger")
    ledger.put_new(Cursor(finished=now - timedelta(minutes=2), turn=0))
    found: dict[str, Seen] = {}
    for job in generated_fleet(JOBS, request.param, utc(now - DAY / 2)):
        for seen in job.seen_by_sweeps():
            if seen.now <= now:
                found[job.name] = seen
    for seen in found.values():
        ledger.put_head(seen.head, notable=False)
        if seen.sightings:
            ledger.put_new(seen.sightings)
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
    outputs = {"LedgerName": "ledger", "AlertsTopicArn": topic}
    spotter = Deployed(lambda _: dynamodb, "Spotter", outputs)
    vars(spotter)["policy"] = vars(spotter)["prices"] = None
    assert sum(seen.head.running for seen in found.values()) >= LEAST_RUNNING
    return found, spotter, now


def listed(spotter: Deployed, now: datetime) -> ListedJobs:
    return job_list(spotter, JobFilter(now - 2 * DAY, now + DAY), 1000, now)


def outlooks(found: ListedJobs, now: datetime) -> list[tuple[str, str]]:
    return [(head.id.name, one.text(now, UTC)) for head, one in found.running]


def test_the_dashboard_lists_the_jobs_of_the_command_line_in_its_order(fleet):
    _, spotter, now = fleet
    ours = outlooks(listed(spotter, now), now)
    times = {"start": ms(now - 2 * DAY), "end": ms(now + DAY)}
    event = {"view": "fleet", "widgetContext": {"timeRange": times}}
    page = Cells(answer(event, spotter.ledger, FUNCTION, now, None))
    rows = [(row[0], row[1]) for row in page.rows[1:]]
    assert rows == ours[: len(rows)]
    assert len(rows) == min(len(ours), 25)
    words = Counter(re.split(r"[:(]| \d| at ", text)[0].strip() for _, text in ours)
    total = next(text for text in page.text if " running" in text)
    assert all(f"{count} {word}" in total for word, count in words.items())


def test_the_report_has_the_counts_and_outlooks_of_the_command_line(fleet):
    found, spotter, now = fleet
    options = ReportOptions((), now - 2 * DAY, now + DAY, {}, None, 0, UTC, now)
    report = read_report(spotter, options)
    ours = listed(spotter, now)
    assert report.fleet is not None
    assert [(job.id.name, one.text(now, UTC)) for job, one in report.fleet.urgent] == outlooks(
        ours, now
    )[:25]
    assert report.fleet.outlooks == ours.words
    assert report.fleet.running.total() == len(ours.running)
    assert report.fleet.finished.total() == len(ours.finished)
    drawn = Cells("".join(_html(fleet_picture(report.fleet, report.alerts))))
    assert [(row[0], row[1]) for row in drawn.rows[1:]] == outlooks(ours, now)[:25]
    assert len(found) == len(ours.listed)


def test_python_and_json_give_the_same_words(fleet):
    """Python reads at its own instant, a moment later, so a span in a reason can be another one."""
    _, spotter, now = fleet
    ours = listed(spotter, now)
    told = all_facts(ours, lambda _: None)
    words = {head.id.name: one.word.value for head, one in ours.listed}
    assert {one["job"]: one["outlook"]["word"] for one in told["jobs"]} == words
    rows: list[JobRow] = list(Connection(spotter).jobs("2d"))
    assert {row.job: row.outlook for row in rows} == words
    assert Counter(row.outlook for row in rows if row.running) == ours.words


def test_every_outlook_is_the_one_that_follows_from_what_is_recorded(fleet):
    """Computed here from the row and the sightings themselves, not by the readers."""
    found, spotter, now = fleet
    for head, one in listed(spotter, now).listed:
        seen = found[head.id.name]
        assert one == Seen(seen.head, seen.sightings, now).outlook


def _html(element: Any) -> list[str]:
    from spotter.core.reports.html.elements import html

    return [html(element)]
