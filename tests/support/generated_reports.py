"""Reports and widgets for tests: every part filled from generated lineages, empty, or hostile."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache

from spotter.core.ledger.alert import Alert, Severity
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.timeline import Timeline, Transition
from spotter.core.money.attempts import AccountedAttempt, lineage_result
from spotter.core.money.groups import instance_type, tag
from spotter.core.money.period import Period
from spotter.core.money.repeated_work import repeated_work
from spotter.core.money.savings import Savings
from spotter.core.money.totals import By
from spotter.core.money.trend import Trend
from spotter.core.prices.table import PriceTable
from spotter.core.reports.fleet import Fleet
from spotter.core.reports.html.fleet import AlertsOfFleet
from spotter.core.reports.html.page import Report
from spotter.core.reports.html.widget import Widget
from spotter.core.reports.lineage import AttemptView, LineageView
from spotter.core.reports.outlook import Outlook, OutlookCase, outlook
from spotter.core.reports.spot_history import SpotHistory
from spotter.core.reports.widget_request import WidgetRequest
from tests.support.generated_lineages import GeneratedLineage, RecordedLineages, lineage, several
from tests.support.jobs import ACCOUNT, NOON, REGION, job

NOW = NOON + timedelta(days=1)
SPAN = Period(NOW - timedelta(days=30), NOW)
PRICES = PriceTable(
    REGION, "USD", NOW, NOW - timedelta(days=5),
    {
        "ml.g5.xlarge": Decimal("1.408"), "ml.p4d.24xlarge": Decimal("37.69"),
        "ml.trn1.32xlarge": Decimal("24.78"),
    },
)  # fmt: skip
TEAMS = ("vision", "speech", "")


@cache
def recorded(
    seeds: int = 0,
) -> tuple[RecordedLineages, tuple[tuple[GeneratedLineage, LineageView], ...]]:
    """The lineages that must be shown, and so many more by chance, as a ledger tells them."""
    books = RecordedLineages()
    shown = [*several(), *(lineage(seed) for seed in range(100, 100 + seeds))]
    tags = [{"team": TEAMS[n % 3]} if n % 3 < 2 else {} for n in range(len(shown))]
    return books, tuple((t, books.record(t, tag)) for t, tag in zip(shown, tags, strict=True))


def accounted(views: tuple[LineageView, ...]) -> Iterator[AccountedAttempt]:
    """The finished attempts of these lineages; no sweep has seen a checkpoint of them."""
    for view in views:
        heads = [attempt.head for attempt in view.attempts]
        running = any(head.running for head in heads)
        endings: list[Ending | None] = [head.ending for head in heads]
        result = lineage_result(endings, running=running, pending=False)
        yield from (
            AccountedAttempt(head, result, repeated_work(head, None))
            for head in heads
            if not head.running
        )


def savings(
    views: tuple[LineageView, ...], ways: dict[str, By], prices: PriceTable | None
) -> tuple[Savings, Trend]:
    """The figures of these lineages, and their course."""
    trend = Trend(SPAN, prices, ways.get("tag:team"))
    running = sum(attempt.head.running for view in views for attempt in view.attempts)
    found = Savings.of(
        trend.passing(accounted(views)), ways, prices, period=SPAN, now=NOW, running=running
    )
    return found, trend


def known(heads: Iterable[JobRecord], now: datetime = NOW) -> list[tuple[JobRecord, Outlook]]:
    """Each job with its outlook, where no sweep has listed its checkpoints."""
    return [(head, outlook(OutlookCase(head, now))) for head in heads]


def _alert(job: JobId, kind: str, severity: Severity, headline: str) -> Alert:
    return Alert(
        kind, "1", severity, job, "arn", Attempt(job, 1), "InProgress", "Training", True, (), 1, None,
        headline, (), raised_at=NOON,
    )  # fmt: skip


ALERTS = tuple(
    _alert(
        JobId(ACCOUNT, REGION, f"nightly-{n}", NOON),
        "attempt_ended",
        severity,
        f"nightly-{n} {what}",
    )
    for n, (severity, what) in enumerate(
        (
            (Severity.CRITICAL, "ran out of MaxWaitTimeInSeconds after it had trained"),
            (Severity.WARNING, "has saved no checkpoint for 3 h 5 min"),
        )
    )
)


def hostile_alert(text: str) -> Alert:
    """One whose every text is this."""
    return _alert(JobId(text, text, text, NOON), text, Severity.WARNING, text)


def report(
    views: tuple[LineageView, ...] | None = None, *, zone: tzinfo = UTC, in_money: bool = True
) -> Report:
    """A report of everything about these lineages, or about those that must be shown."""
    views = tuple(view for _, view in recorded()[1]) if views is None else views
    attempts = [attempt for view in views for attempt in view.attempts]
    heads = [attempt.head for attempt in attempts]
    market = SpotHistory(zone)
    for one in attempts:
        market.add(one.head, one.timeline, one.now)
    ways: dict[str, By] = {"type": instance_type, "tag:team": tag("team")}
    found, trend = savings(views, ways, PRICES if in_money else None)
    return Report(
        ACCOUNT, REGION, NOW, NOW - timedelta(days=30), NOW, zone,
        fleet=Fleet.of(known(heads), NOW), alerts=AlertsOfFleet(ALERTS, 12),
        savings=found,
        trend=trend,
        market=market,
        lineages=views,
        left_out=3,
        notes=("A savings figure is SageMaker's own.",),
    )  # fmt: skip


def empty(now: datetime = NOW) -> Report:
    """Of an account in which nothing has happened."""
    nothing, trend = savings((), {"type": instance_type}, None)
    return Report(
        ACCOUNT, REGION, now, now - timedelta(days=30), now, UTC,
        fleet=Fleet.of([], now), alerts=AlertsOfFleet(), savings=nothing, trend=trend, market=SpotHistory(UTC),
    )  # fmt: skip


def hostile(text: str) -> Report:
    """A report that holds this text in every place that takes one from elsewhere."""
    where = JobId(text, text, text, NOON)
    line = Timeline(
        Transition(NOON + timedelta(minutes=n), status)
        for n, status in enumerate(("Starting", "Training", "Interrupted", text, "Training"))
    )
    running = JobRecord.of(job(("Starting",)), Attempt(where, 1), in_scope=True)
    running = replace(
        running,
        id=where,
        arn=text,
        status=text,
        secondary=text,
        checkpoint=text,
        instances=((text, 1),),
        interruptions=1,
        billable_seconds=1,
        training_seconds=2,
        failure=text,
        tags=((text, text),),
    )
    view = LineageView([AttemptView(running, line, NOW)])
    market = SpotHistory(UTC)
    market.add(running, line, NOW)
    over = replace(
        running, status="Completed", ending=Ending.COMPLETED, ended=NOW - timedelta(hours=1)
    )
    ended = LineageView([AttemptView(over, line, NOW)])
    ways: dict[str, By] = {"type": instance_type, f"tag:{text}": tag(text)}
    found, trend = savings((ended,), ways, None)
    return Report(
        text, text, NOW, NOON, NOW, UTC,
        fleet=Fleet.of(known([running]), NOW), alerts=AlertsOfFleet((hostile_alert(text),), 1),
        savings=found,
        trend=trend,
        market=market,
        lineages=(view,),
        notes=(text,),
    )  # fmt: skip


def hostile_widget(text: str) -> str:
    """Widgets that hold this text in every place that a report does not have."""
    shown = hostile(text)
    assert shown.fleet
    assert shown.alerts
    widget = Widget(WidgetRequest("fleet", NOON, NOW), text)
    jobs = [attempt.head for view in shown.lineages for attempt in view.attempts]
    return "".join(
        (
            widget.fleet(shown.fleet, shown.alerts, jobs, [text]),
            *(widget.lineage(view) for view in shown.lineages),
            widget.message(text),
        )
    )
