"""Reports and widgets for tests: every part filled from generated lineages, empty, or hostile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.timeline import Timeline, Transition
from spotter.core.reports.fleet import Fleet
from spotter.core.reports.html.page import Report
from spotter.core.reports.html.widget import Widget
from spotter.core.reports.lineage import AttemptView, LineageView
from spotter.core.reports.savings import Bill, bills, instance_type, tag
from spotter.core.reports.spot_history import SpotHistory
from spotter.core.reports.widget_request import WidgetRequest
from tests.support.generated_lineages import GeneratedLineage, RecordedLineages, lineage, several
from tests.support.jobs import ACCOUNT, NOON, REGION, job

NOW = NOON + timedelta(days=1)
PRICES = {"ml.g5.xlarge": 1.408, "ml.p4d.24xlarge": 37.69, "ml.trn1.32xlarge": 24.78}
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
    _, split = bills(heads, {"type": instance_type, "team": tag("team")}, PRICES)
    groups = (
        ("By instance type", "instance type", split["type"]),
        ("By team", "team", split["team"]),
    )
    return Report(
        ACCOUNT, REGION, NOW, NOW - timedelta(days=30), NOW, zone,
        fleet=Fleet.of(heads, NOW),
        savings=groups,
        in_money=in_money,
        market=market,
        lineages=views,
        left_out=3,
        notes=("A savings figure is SageMaker's own.",),
    )  # fmt: skip


def empty(now: datetime = NOW) -> Report:
    """Of an account in which nothing has happened."""
    nothing: tuple[tuple[str, str, dict[str, Bill]], ...] = (
        ("By instance type", "instance type", {}),
    )
    return Report(
        ACCOUNT, REGION, now, now - timedelta(days=30), now, UTC,
        fleet=Fleet.of([], now), savings=nothing, market=SpotHistory(UTC),
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
    _, split = bills([running], {"type": instance_type, "tag": tag(text)}, {})
    return Report(
        text, text, NOW, NOON, NOW, UTC,
        fleet=Fleet.of([running], NOW),
        savings=tuple((text, text, one) for one in split.values()),
        market=market,
        lineages=(view,),
        notes=(text,),
    )  # fmt: skip


def hostile_widget(text: str) -> str:
    """Widgets that hold this text in every place that a report does not have."""
    shown = hostile(text)
    assert shown.fleet
    widget = Widget(WidgetRequest("fleet", NOON, NOW), text)
    jobs = [attempt.head for view in shown.lineages for attempt in view.attempts]
    return "".join(
        (
            widget.fleet(shown.fleet, jobs, [text]),
            *(widget.lineage(view) for view in shown.lineages),
            widget.message(text),
        )
    )
