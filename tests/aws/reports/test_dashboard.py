"""The dashboard's widget: what it shows is in the ledger, and what it reads is bounded and counted."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bench.widget import event as event_at
from bench.widget import heads
from handlers import dashboard
from spotter.aws.ledger import codec
from spotter.aws.ledger.table import Ledger
from spotter.aws.reports import dashboard_widget
from spotter.aws.reports.dashboard_widget import answer
from spotter.core.alerts import outbox
from spotter.core.ledger import row_keys
from spotter.core.ledger.alert import Severity
from spotter.core.ledger.job_record import JobRecord, head_key
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.timeline import Transition
from spotter.core.model.times import iso, ms
from spotter.core.policy.model import Policy
from spotter.core.prices.table import PriceTable
from spotter.core.reports.html.widget import MOST_PERIODS
from tests.core.alerts.test_sns_message import alert
from tests.core.reports.test_widget_request import HOSTILE_NAMES, ODD_EVENTS
from tests.support.counting_dynamodb import CountingDynamoDB
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.jobs import INTERRUPTED_ONCE, NOON, job, minutes
from tests.support.nightly_lineage import ACT, children, out_of_wait
from tests.support.spotter_in_one_process import create_table

AN_HOUR_AGO, LATER = NOON - minutes(60), NOON + minutes(180)
FUNCTION = "arn:aws:lambda:eu-central-2:111122223333:function:Spotter-Dashboard"
HERE = {"account": "111122223333", "region": "eu-central-2"}


class Page(HTMLParser):
    """What a browser would make of an answer: its words, and what follows each click."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []
        self.clicks: dict[str, dict[str, Any]] = {}
        self.endpoints: set[str] = set()
        self.rects: list[dict[str, str | None]] = []
        self.interruptions: list[str | None] = []
        self.before = ""
        self.inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        attributes = dict(attrs)
        self.tags.append(tag)
        if tag == "cwdb-action":
            assert (attributes["action"], attributes["display"]) == ("call", "widget")
            self.endpoints.add(attributes["endpoint"])
            self.inside = "action"
        elif tag == "rect" and "data-status" in attributes:
            self.rects.append(attributes)
        elif tag == "line" and "data-at" in attributes:
            self.interruptions.append(attributes["data-at"])
        elif tag == "a":
            self.inside = "link"
        elif tag == "style":
            self.inside = "style"

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "action":
            self.clicks[self.before] = json.loads(data)
        elif self.inside != "style":
            self.text.append(data)
            self.before = data if self.inside == "link" else self.before

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def widget_event(view: str, now=NOON, since=None, **more: Any) -> dict[str, Any]:
    """An event as CloudWatch sends it, of the last day unless it says otherwise."""
    begin = since or now - timedelta(days=1)
    context = {"timeRange": {"start": ms(begin), "end": ms(now)}, "width": 1200}
    return {"view": view, **more, "widgetContext": context}


def named(n: int = 1, statuses=INTERRUPTED_ONCE[:4], created=AN_HOUR_AGO, **more) -> JobRecord:
    one = job(statuses, **more)
    name = JobId(**HERE, name=f"nightly-{n}", created=created)
    return replace(JobRecord.of(one, Attempt(name, 1), in_scope=True), id=name)


@pytest.fixture
def ledger():
    counting = CountingDynamoDB(FakeDynamoDB())
    create_table(counting.engine, "ledger")
    return Ledger(counting, "ledger")


def put(ledger: Ledger, *heads: JobRecord) -> None:
    table = ledger.client.engine.tables["ledger"]
    for one in heads:
        table.put(codec.written(one.row(notable=False)))


def show(ledger: Ledger, event: Any, now=NOON, prices=None) -> Page:
    return Page(answer(event, ledger, FUNCTION, now, prices))


def test_ten_thousand_running_jobs_take_the_stated_number_of_calls(ledger):
    """Eight parts of the index, two days of jobs and two of alerts, and a hundred heads a call; the sweep's
    cursor, and what the sweep saw of the checkpoints of jobs that train for long.
    """
    put(ledger, *heads(NOON - minutes(1), 10_000, 1_000))
    page = show(ledger, event_at("fleet", NOON))
    assert "Running 10,000 Training 9,000, Interrupted 1,000" in page.words
    created = dashboard_widget.MOST_CREATED // 11 + 1  # of those, every eleventh is over
    assert f"Finished {created}" in page.words
    assert "More than 2000 jobs were created in this time range" in page.words
    assert ledger.client.calls == {"query": 8 + 2 + 2, "batch_get_item": 100 + 2 + 1 + 98}


def test_it_reads_and_nothing_else(ledger):
    put(ledger, named(1), named(2, INTERRUPTED_ONCE))
    before = str(ledger.client.engine.tables["ledger"].items)
    for view in dashboard_widget.VIEWS:
        show(ledger, widget_event(view, job="nightly-1"))
    assert set(ledger.client.calls) == {"query", "batch_get_item"}
    assert str(ledger.client.engine.tables["ledger"].items) == before


@pytest.mark.parametrize("view", ["fleet", "savings", "market"])
def test_many_heads_are_read_at_half_the_price(ledger, view):
    put(ledger, named(1), named(2, INTERRUPTED_ONCE))
    show(ledger, widget_event(view))
    assert set(ledger.client.consistent) == {False}


def test_what_was_created_after_the_range_is_not_in_it(ledger):
    put(ledger, named(1, INTERRUPTED_ONCE), named(2, INTERRUPTED_ONCE, NOON - minutes(5)))
    early = show(ledger, widget_event("fleet", NOON - minutes(30)))
    assert "Finished 1 " in early.words
    assert "nightly-2" not in early.words


def test_a_job_that_was_deleted_is_not_running(ledger):
    put(ledger, named(1).deleted(), named(2))
    page = show(ledger, widget_event("fleet"))
    assert "Running 1 " in page.words
    assert "Finished 1 Deleted 1" in page.words


def test_the_market_asks_for_no_timeline_of_a_job_on_demand(ledger):
    put(ledger, replace(named(1), spot=False), named(2))
    assert "1 spot job created" in show(ledger, widget_event("market")).words
    assert ledger.client.calls["query"] == 2 + 1


def test_more_running_jobs_than_are_counted_are_named_in_a_note(ledger, monkeypatch):
    monkeypatch.setattr(dashboard_widget, "MOST_RUNNING", 16)
    put(ledger, *(named(n) for n in range(100)))
    page = show(ledger, widget_event("fleet", since=NOON - minutes(1)))
    assert "Running 16 " in page.words
    assert dashboard_widget.TOO_MANY_RUNNING in page.words


def test_a_job_leads_to_its_lineage_and_back(new_world):
    world = out_of_wait(new_world(ACT))
    world.pass_time(30, step=10)
    (child,) = children(world)
    place = next(iter(world.heads().values())).id
    function = f"arn:aws:lambda:{place.region}:{place.account}:function:Dashboard"

    def shown(event):
        return Page(answer(event, world.ledger, function, world.now, None))

    fleet = shown(widget_event("fleet", world.now + minutes(60)))
    name = next(name for name in fleet.clicks if name.startswith("nightly"))
    lineage = shown({**fleet.clicks[name], "widgetContext": {}})
    assert {"Attempt 1", "Attempt 2"} <= set(re.findall(r"Attempt \d", lineage.words))
    assert child in lineage.words
    assert lineage.endpoints == {function}
    back = shown({**lineage.clicks["Back to all jobs"], "widgetContext": {}})
    assert "Running " in back.words
    expected = [(t.status, iso(t.start)) for n in world.attempts() for t in world.timeline(n)]
    drawn = {(rect["data-status"], rect["data-start"]) for rect in lineage.rects}
    assert drawn <= set(expected)
    assert len(drawn) >= len(expected) - len(
        world.attempts()
    )  # but the last words, which are instants


def test_only_jobs_of_its_own_account_and_region_are_shown(ledger):
    ours = named(1)
    for place in ({"account": "999999999999"}, {"region": "us-east-1"}):
        other = JobId(**HERE | place, name="theirs", created=NOON - minutes(10))
        put(ledger, replace(named(2), id=other, attempt=Attempt(other, 1)))
    put(ledger, ours)
    for view in ("fleet", "savings", "market"):
        assert "theirs" not in show(ledger, widget_event(view)).words
    assert "Running 1 " in show(ledger, widget_event("fleet")).words
    event = widget_event("lineage", job="theirs")
    event["widgetContext"]["accountId"] = "999999999999"
    assert "Job theirs not found in" in show(ledger, event).words


def raised(ledger: Ledger, about: JobRecord, kind: str, ago: timedelta) -> None:
    """A critical alert about a job, raised so long before noon."""
    it = {"job": about.id, "arn": about.arn, "attempt": about.attempt}
    words = f"{kind} of {about.id.name}"
    one = alert(kind=kind, severity=Severity.CRITICAL, headline=words, raised_at=NOON - ago, **it)
    ledger.put_new(outbox.pending(one, NOON - ago))


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (minutes(24 * 60), minutes(0)),
        (minutes(60), minutes(0)),
        (minutes(60), minutes(30)),
        (minutes(20_000), minutes(19_000)),
    ],
)
def test_an_alert_about_a_running_job_is_open_in_each_time_range(ledger, since, until):
    runs, over = named(1, created=NOON - minutes(6_000)), named(2, created=NOON - minutes(6_000))
    put(ledger, runs)
    raised(ledger, runs, "cannot_finish", minutes(5_000))
    raised(ledger, over, "attempt_ended", minutes(5_000))
    event = widget_event("fleet", now=NOON - until, since=NOON - since)
    words = show(ledger, event).words
    assert "nightly-1 critical cannot_finish of nightly-1" in words
    assert "attempt_ended" not in words


def test_an_alert_about_an_ending_is_open_in_the_time_range_in_which_it_was_raised(ledger):
    put(ledger, named(1, created=NOON - minutes(6_000)))
    raised(ledger, named(2), "attempt_ended", minutes(90))
    assert "attempt_ended of nightly-2" in show(ledger, widget_event("fleet")).words
    last_hour = show(ledger, widget_event("fleet", since=AN_HOUR_AGO)).words
    assert "No open alerts about these jobs." in last_hour


def test_a_job_out_of_scope_is_followed_for_its_checkpoints_and_not_shown(ledger):
    other = replace(named(2, checkpoint="s3://ml-checkpoints/a/"), in_scope=False, spot=False)
    assert other.followed
    put(ledger, named(1), other)
    words = show(ledger, widget_event("fleet")).words
    assert "Running 1 " in words
    assert "nightly-2" not in words


def test_savings_are_those_of_attempts_that_ended_in_the_range(ledger):
    """Wherever their jobs were created, if that is not long before."""
    figures = {"BillableTimeInSeconds": 900, "TrainingTimeInSeconds": 3600}
    over = [named(n, INTERRUPTED_ONCE, **figures) for n in range(2)]
    long = named(3, INTERRUPTED_ONCE, created=NOON - timedelta(days=9), **figures)
    before = named(9, INTERRUPTED_ONCE, created=NOON - timedelta(days=3), **figures)
    put(ledger, *over, long, replace(before, ended=NOON - timedelta(days=2)))
    page = show(ledger, widget_event("savings", LATER), LATER)
    assert "Amounts are instance-hours because no prices are known" in page.words
    assert (
        "Saved 1.75 to 2.25 instance-hours from 2026-11-22 to 2026-11-23 (70 to 75 %)" in page.words
    )
    here = PriceTable("eu-central-2", "CHF", NOON, None, {"ml.g5.xlarge": Decimal(2)})
    priced = show(ledger, widget_event("savings", LATER), LATER, prices=here)
    assert "Saved 3.50 to 4.50 CHF from 2026-11-22 to 2026-11-23 (70 to 75 %)" in priced.words
    assert "List prices of eu-central-2" in priced.words


def test_savings_are_shown_by_the_tags_that_the_policy_records(ledger):
    figures = {"BillableTimeInSeconds": 900, "TrainingTimeInSeconds": 3600}
    team = replace(named(1, INTERRUPTED_ONCE, **figures), tags=(("team", "vision"),))
    put(ledger, team, named(2, INTERRUPTED_ONCE, **figures))
    html = answer(widget_event("savings", LATER), ledger, FUNCTION, LATER, None, ("team",))
    assert "By team, in instance-hours" in html
    assert "vision" in html


def test_the_chart_groups_by_the_first_tag_of_the_policy(ledger, monkeypatch):
    """As the report and the monthly digest do."""
    figures = {"BillableTimeInSeconds": 900, "TrainingTimeInSeconds": 3600}
    tags = (("cost", "4711"), ("team", "vision"))
    put(ledger, *(replace(named(n, INTERRUPTED_ONCE, **figures), tags=tags) for n in range(2)))
    monkeypatch.setattr(dashboard, "ledger", lambda: ledger)
    monkeypatch.setattr(dashboard, "policy", lambda: Policy(recorded_tags=("team", "cost")))
    event = widget_event("savings", LATER, since=LATER - timedelta(days=2))
    html = dashboard.handler(event, Context())
    assert 'aria-label="vision: saved' in html
    assert html.index("By team") < html.index("By cost")


def test_the_market_reads_no_more_timelines_than_it_says(ledger, monkeypatch):
    monkeypatch.setattr(dashboard_widget, "MOST_TIMELINES", 5)
    put(ledger, *(named(n) for n in range(8)))
    page = show(ledger, widget_event("market"))
    assert "5 spot jobs created" in page.words
    assert dashboard_widget.TOO_MANY_TIMELINES in page.words
    assert ledger.client.calls["query"] == 2 + 5


def test_a_lineage_may_be_drawn_within_the_range_alone(ledger):
    begin, cycle = NOON - minutes(90), INTERRUPTED_ONCE[:4]
    one = named(1, cycle, begin)
    put(ledger, one)
    line = [Transition(begin + minutes(10 * n), status) for n, status in enumerate(cycle)]
    add_transitions(ledger, one, line)
    within = {"since": NOON - minutes(75), "job": "nightly-1"}
    whole = show(ledger, widget_event("lineage", **within))
    assert [r["data-status"] for r in whole.rects] == list(cycle)
    part = show(ledger, {**widget_event("lineage", **within), **whole.clicks[RANGE]})
    assert [r["data-status"] for r in part.rects] == list(cycle[1:])
    assert "Only the part from 2026-11-23 10:45 to 2026-11-23 12:00" in part.words
    zoomed = widget_event("lineage", **within)
    zoomed["widgetContext"]["timeRange"]["zoom"] = {
        "start": ms(begin + minutes(12)),
        "end": ms(begin + minutes(18)),
    }
    close = show(ledger, zoomed)
    assert [r["data-status"] for r in close.rects] == ["Downloading"]
    assert (len(whole.interruptions), close.interruptions) == (1, [])
    elsewhere = {
        **widget_event("lineage", since=NOON + minutes(1), now=NOON + minutes(9)),
        "span": "range",
    }
    assert len(show(ledger, elsewhere | {"job": "nightly-1"}).rects) == len(cycle)


RANGE = "Only the dashboard's time range"


def add_transitions(ledger: Ledger, head: JobRecord, line: list[Transition]) -> None:
    for one in line:
        ledger.client.engine.tables["ledger"].put(
            codec.written(
                {
                    row_keys.PK: row_keys.job_pk(head.id),
                    row_keys.SK: row_keys.transition_sk(head.id.created, one),
                    "status": one.status,
                    "start": ms(one.start),
                }
            )
        )


def test_of_a_very_long_lineage_the_last_stays_are_drawn(ledger):
    begin = NOON - timedelta(days=27)
    one = named(1, created=begin)
    put(ledger, one)
    cycle = ("Starting", "Training", "Interrupted")
    line = [Transition(begin + minutes(10 * n), cycle[n % 3]) for n in range(MOST_PERIODS + 400)]
    add_transitions(ledger, one, line)
    html = answer(widget_event("lineage", job="nightly-1"), ledger, FUNCTION, NOON, None)
    page = Page(html)
    assert f"Only the last {MOST_PERIODS} of {len(line)} status periods are drawn." in page.words
    assert MOST_PERIODS <= len(page.rects) <= MOST_PERIODS + 1
    assert f"{len(line) // 3} interruptions" in page.words
    assert len(html) < 1_500_000


@pytest.mark.parametrize("event", ODD_EVENTS, ids=repr)
def test_what_is_odd_gives_one_sentence_and_reads_nothing(ledger, event):
    page = show(ledger, event)
    assert page.words.startswith("This widget cannot be drawn: ")
    assert page.clicks["Back to all jobs"] == {"view": "fleet"}
    assert not ledger.client.calls


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=repr)
def test_a_hostile_name_is_not_looked_for_and_not_repeated(ledger, name):
    html = answer({"view": "lineage", "job": name}, ledger, FUNCTION, NOON, None)
    assert "job must be the name of a training job" in html
    assert "<b>" not in html
    assert not ledger.client.calls


def test_what_is_hostile_in_the_ledger_is_text(ledger):
    """SageMaker allows no such name; a row that somebody wrote by hand might hold one."""
    evil = '"><script>alert(1)<img src=x onerror=alert(1)><cwdb-action>'
    name = JobId(**HERE, name=evil, created=NOON - minutes(10))
    kind = {"InstanceType": evil, "InstanceCount": 1, "VolumeSizeInGB": 1}
    put(ledger, replace(named(ResourceConfig=kind), id=name, attempt=Attempt(name, 1)))
    for view in ("fleet", "savings", "market"):
        page = show(ledger, widget_event(view))
        assert not {"script", "img"} & set(page.tags)
        assert evil in page.words or view != "fleet"
    fleet = show(ledger, widget_event("fleet"))
    assert {"view": "lineage", "job": evil} in fleet.clicks.values()


def test_it_says_what_it_is(ledger):
    text = answer({"describe": True}, ledger, FUNCTION, NOON, None)
    assert text.startswith("## Spotter")
    assert all(f"`{view}`" in text for view in dashboard_widget.VIEWS)
    assert not ledger.client.calls


def test_dark_is_dark(ledger):
    event = widget_event("fleet")
    event["widgetContext"]["theme"] = "dark"
    dark = answer(event, ledger, FUNCTION, NOON, None)
    light = answer(widget_event("fleet"), ledger, FUNCTION, NOON, None)
    assert "--ground:#0f1b2a" in dark
    assert "--ground:#ffffff" in light
    assert all('class="spotter cwdb-no-default-styles"' in html for html in (dark, light))


def test_nothing_in_an_answer_comes_from_the_network(ledger):
    put(ledger, named(1))
    for view in dashboard_widget.VIEWS:
        html = answer(widget_event(view, job="nightly-1"), ledger, FUNCTION, NOON, None)
        assert not re.findall(r"(?:https?:|href=|src=|url\()", html)


def test_an_answer_that_is_not_parsed_is_the_same_answer(dynamodb):
    """With botocore's own reading beside it, on moto, whose answers go through it."""
    import boto3

    create_table(dynamodb, "as-it-comes")
    quick, left = codec.as_it_comes(boto3.client("dynamodb")), []
    for name in ("BatchGetItem", "Query"):
        quick.meta.events.register_last(
            f"before-parse.dynamodb.{name}",
            lambda response_dict, **_: left.append(response_dict["body"]),
        )
    ledgers = [Ledger(client, "as-it-comes") for client in (dynamodb, quick)]
    for n in range(3):
        row = named(n, INTERRUPTED_ONCE, BillableTimeInSeconds=1).row(notable=False)
        ledgers[0].rows.put(row | {"tags": {"team": "vision"}, "gone": False})
    slow, fast = ([*ledger.created_on((NOON - minutes(60)).date(), page=2)] for ledger in ledgers)
    assert len(fast) == 3
    assert fast == slow
    keys = [head_key(job) for job in fast]
    assert ledgers[1].all_stored(keys) == ledgers[0].all_stored(keys)
    assert set(left) == {b"{}"}  # of which botocore makes nothing
    with pytest.raises(quick.exceptions.ResourceNotFoundException):  # that is botocore's to read
        Ledger(quick, "nowhere").stored(keys[0])


class Context:
    """As much of Lambda's as the function reads and logs."""

    invoked_function_arn = FUNCTION
    function_name, memory_limit_in_mb, aws_request_id = "dashboard", 512, "a-request"


def test_whoever_looks_while_the_ledger_cannot_be_read_sees_a_sentence(ledger, monkeypatch, caplog):
    def broken(**arguments: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "Query")

    ledger.client.engine = type("Broken", (), {"query": broken, "batch_get_item": broken})
    monkeypatch.setattr(dashboard, "ledger", lambda: ledger)
    monkeypatch.setattr(dashboard, "policy", Policy)
    page = Page(dashboard.handler(widget_event("fleet"), Context()))
    assert page.words.startswith(
        "Spotter could not read its ledger: the log of the function dashboard has the cause"
    )
    assert "Traceback" not in page.words
    (record,) = caplog.records
    assert "AccessDeniedException" in str(record.exc_info)


def test_the_function_answers_out_of_its_own_ledger(ledger, monkeypatch):
    put(ledger, named(1))
    monkeypatch.setattr(dashboard, "ledger", lambda: ledger)
    monkeypatch.setattr(dashboard, "policy", Policy)
    page = Page(dashboard.handler({}, Context()))
    assert "Running 1 " in page.words
    assert page.endpoints == {FUNCTION}
