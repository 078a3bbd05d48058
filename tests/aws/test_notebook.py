"""`spotter.connect()` gives typed rows with the figures that the command line shows."""

import subprocess
import sys
import time
from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_type_hints

import pytest

import spotter
from laptop.simulated_sagemaker.spot_market import INTERRUPTED_ONCE, NEVER_LAUNCHED, Script, Step
from spotter.aws.deployed_stack import DeployedStack, StackError
from spotter.aws.reports.job_list import job_rows
from spotter.aws.reports.queries import checkpoints_unknown, lineage_view
from spotter.core.prices.table import PriceTable
from spotter.core.reports import rows
from spotter.core.reports.job_filter import JobFilter
from spotter.core.reports.rows import JobRow, TransitionRow
from spotter.notebook import Connection, LineageRow, PandasMissing, Rows
from spotter_cli.views.jobs import facts, job_list
from tests.support.jobs import NOON
from tests.support.nightly_lineage import ACT, out_of_wait
from tests.support.notebooks import run_cells, shown

EXAMPLE = Path(__file__).parents[2] / "examples/first-look.ipynb"
DAY = timedelta(days=1)
BEGIN = NOON - DAY


@pytest.fixture
def world(new_world):
    """A lineage of two attempts, a job that never launched, one that runs, one that is interrupted."""
    made = new_world(ACT)
    out_of_wait(made)
    for name, script in (
        ("once", INTERRUPTED_ONCE),
        ("never", NEVER_LAUNCHED),
        ("runs", Script(steps=(Step("Starting", 5), Step("Training")))),
    ):
        made.script(name, script)
        made.create(name, HyperParameters={})
    made.pass_time(300, step=5)
    return made


@pytest.fixture
def here(world, deployed_stack) -> Connection:
    return Connection(deployed_stack(world))


@pytest.fixture
def deployed_stack():
    def made(world) -> DeployedStack:
        clients = {"dynamodb": world.stream, "s3": world.s3}
        topic = "arn:aws:sns:us-east-1:111122223333:alerts"
        outputs = {"LedgerName": world.ledger.table, "AlertsTopicArn": topic}
        found = DeployedStack(clients.__getitem__, "Spotter", outputs)
        vars(found)["policy"] = world.policy
        vars(found)["prices"] = None
        return found

    return made


def test_jobs_have_the_figures_of_the_command_line(here, world):
    found = here.jobs(BEGIN)
    heads = world.heads()
    assert {row.job for row in found} == {*heads}
    assert [row.job_created_at for row in found] == sorted(
        (row.job_created_at for row in found), reverse=True
    )
    for row in found:
        listed = facts(heads[row.job], world.now, lambda _: None)
        same = ("lineage", "attempt", "status", "ending", "interruptions", "saved_percent", "tags")
        assert {name: getattr(row, name) for name in same} == {name: listed[name] for name in same}
        if not row.running:
            assert row.waited_seconds == listed["waited_seconds"]
            assert row.trained_seconds == listed["trained_seconds"]


def test_jobs_have_the_outlook_that_spotter_jobs_shows(here, world, deployed_stack):
    listed = job_list(deployed_stack(world), JobFilter(BEGIN, world.now + DAY), 100, world.now)
    shown = {head.id.name: one for head, one in listed.listed}
    found = [*job_rows(here.spotter, JobFilter(BEGIN, world.now + DAY), world.now)]
    assert {row.job for row in found} == {*shown}
    for row in found:
        one = shown[row.job]
        assert (row.outlook, row.outlook_reason) == (one.word.value, one.reason or None)
        assert (row.at_risk, row.stopped_at) == (one.risky, one.at)


def test_jobs_are_filtered_as_in_the_command_line(here):
    assert {row.job for row in here.jobs(BEGIN, state="running")} == {"never", "runs"}
    assert {row.ending for row in here.jobs(BEGIN, state="completed")} == {"Completed"}
    assert len(here.jobs(BEGIN, tags={"team": "none"})) == 0
    assert all(row.at_risk for row in here.jobs(BEGIN, at_risk=True))
    assert len(here.jobs(BEGIN, instance_type="ml.p*")) == 0


def test_an_end_in_the_future_is_now_and_reads_no_further(here, world):
    days, real = [], world.stream.query
    world.stream.query = lambda **asked: days.append(asked) or real(**asked)
    listed = [row.job for row in here.jobs(BEGIN)]
    until_now = len(days)
    assert [row.job for row in here.jobs(BEGIN, "2100-01-01")] == listed
    assert len(days) == 2 * until_now
    with pytest.raises(ValueError, match=r"since: .* is not in the past"):
        here.transitions("2100-01-01")


def test_jobs_have_list_prices_where_the_stack_carries_some(here):
    prices = PriceTable("us-east-1", "USD", NOON, prices={"ml.g5.xlarge": Decimal("1.408")})
    vars(here.spotter)["prices"] = prices
    for row in here.jobs(BEGIN):
        assert (row.currency, row.list_price_per_hour) == ("USD", 1.408)
        billable = row.billable_time_in_seconds
        expected = None if billable is None else pytest.approx(billable / 3600 * 1.408, abs=0.0051)
        assert row.paid == expected
    vars(here.spotter)["prices"] = None
    assert {(row.currency, row.paid) for row in here.jobs(BEGIN)} == {(None, None)}


def test_transitions_are_those_of_the_ledger_in_order(here, world):
    found = here.transitions(BEGIN)
    for name in world.heads():
        of_it = [row for row in found if row.job == name]
        assert tuple(row.status for row in of_it) == world.statuses(name)
        assert [row.number for row in of_it] == [*range(1, len(of_it) + 1)]
        assert [row.ended_at for row in of_it[:-1]] == [row.started_at for row in of_it[1:]]
        assert of_it[-1].seconds is None
        assert of_it[-1].final is not world.heads()[name].running


@pytest.mark.parametrize(("limit", "count"), [(0, 0), (1, 1), (3, 3), (9, 4)])
def test_lineages_are_no_more_than_their_limit(here, limit, count):
    assert len(here.lineages(BEGIN, limit=limit)) == count


def test_a_lineage_has_all_its_attempts_and_a_picture(here, world):
    found = here.lineages(BEGIN)
    assert len(found) == 4
    [one] = [row for row in found if row.lineage == "nightly-7"]
    assert (one.attempts, one.outcome, one.running) == (2, "Completed", False)
    head = world.heads()["nightly-7"]
    view = lineage_view(world.ledger, head, world.now, checkpoints_unknown)
    assert one.waited_seconds == view.waited.total_seconds()
    assert here.lineage("nightly-7").lineage == "nightly-7"
    picture = one._repr_html_()
    assert picture.count("<svg") >= 2
    assert 'data-job="nightly-7"' in picture
    assert "<script" not in picture
    assert str(one).startswith("nightly-7: 2 attempts, ")


def test_checkpoints_are_listed_only_where_wanted(here, world):
    before = world.s3.listed
    without = here.lineages(BEGIN, name="nightly-7", checkpoints=False)[0]
    assert world.s3.listed == before
    with_them = here.lineages(BEGIN, name="nightly-7")[0]
    assert world.s3.listed > before
    assert with_them.lost_seconds <= without.lost_seconds


def test_names_times_and_limits_select(here):
    assert {row.job for row in here.jobs(BEGIN, name="n")} >= {"never", "nightly-7"}
    assert {row.job for row in here.jobs(BEGIN, name="*nc*")} == {"once"}
    assert len(here.lineages(BEGIN, limit=2)) == 2
    assert len(here.jobs("2026-11-22", "2026-11-23T00:00:00Z")) == 0
    with pytest.raises(ValueError, match='"soon" is neither a duration'):
        here.jobs("soon")


def test_rows_are_typed_and_cannot_be_changed(here):
    found = here.jobs(BEGIN)
    with pytest.raises(FrozenInstanceError):
        found[0].status = "Completed"
    for kind in (JobRow, TransitionRow, LineageRow):
        hints = get_type_hints(kind)
        assert {one.name for one in fields(kind)} <= set(hints)
    assert "view" not in Rows(LineageRow, []).columns
    assert isinstance(found[:2], Rows)
    assert len(found[:2]) == 2
    assert rows.facts(found[0])["job_created_at"].endswith("Z")
    assert found[0].job_created_at.tzinfo is UTC


def test_without_pandas_a_data_frame_is_one_sentence(here, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(PandasMissing, match="pandas is not installed"):
        _ = here.jobs(BEGIN).df


def test_a_data_frame_has_a_column_for_each_field(here, monkeypatch):
    made: list[Any] = []
    frame = SimpleNamespace(
        DataFrame=lambda data, columns: made.append((list(data), columns)) or "df"
    )
    monkeypatch.setitem(sys.modules, "pandas", frame)
    found = here.jobs(BEGIN)
    assert found.to_dataframe() == "df"
    data, columns = made[0]
    assert columns == [*found.columns]
    assert [row[0] for row in data] == [row.job for row in found]


def test_with_pandas_it_is_a_data_frame(here):
    pandas = pytest.importorskip("pandas")
    frame = here.transitions(BEGIN).df
    assert isinstance(frame, pandas.DataFrame)
    assert str(frame["started_at"].dtype).endswith("UTC]")


def test_a_list_shows_as_a_table_in_which_text_stays_text():
    one = TransitionRow(
        "<b>", "1", "eu-west-1", NOON, "x", 1, 1, "Starting", NOON, None, None, False
    )
    table = Rows(TransitionRow, [one] * 30)._repr_html_()
    assert "<table" in table
    assert "; without values: ended_at, seconds" in table
    assert '<th role="columnheader" scope="col">ended_at' not in table
    assert "&lt;b&gt;" in table
    assert "30 rows, the first 20 are shown" in table
    assert "0 rows" in Rows(TransitionRow, [])._repr_html_()


def test_one_row_is_no_plural():
    one = Rows(
        TransitionRow,
        [
            TransitionRow(
                "x", "1", "eu-west-1", NOON, "x", 1, 1, "Starting", NOON, None, None, False
            )
        ],
    )
    assert repr(one) == "<1 row of TransitionRow>"
    assert "1 row;" in one._repr_html_()


def test_a_stack_that_is_not_there_is_one_sentence(monkeypatch):
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(StackError, match=r"No Region is configured: use region=, or set"):
        spotter.connect()
    with pytest.raises(StackError, match="The config profile"):
        spotter.connect(profile="nobody-has-this")


def test_the_package_itself_imports_nothing():
    code = "import sys; before = {*sys.modules}; import spotter; print({*sys.modules} - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "{'spotter'}\n"


def test_the_example_notebook_runs_and_shows_what_is_there(world, deployed_stack, monkeypatch):
    spotter_there = deployed_stack(world)
    monkeypatch.setattr(DeployedStack, "find", lambda *_: spotter_there)
    monkeypatch.setattr("spotter.notebook.datetime", at(world))
    cells = [shown(value) for value in run_cells(EXAMPLE)]
    assert cells[0] == "<Spotter Spotter in account 111122223333, us-east-1>"
    assert "nightly-7" in cells[1]
    running = sum(head.running for head in world.heads().values())
    assert cells[2].startswith(f"'5 jobs, {running} of them running,")
    assert running
    assert "'runs', " in cells[3]
    assert "<svg" in cells[5]
    assert "Saved" in cells[7]
    assert "('Training', " in cells[-1]


def at(world):
    """The pretend world's clock in place of this machine's."""
    from datetime import datetime

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return world.now

    return Clock


def test_savings_are_rows_with_the_answer_in_one_sentence(here):
    found = here.savings("2026-11", by=("type", "month"))
    assert found.summary.startswith("Saved ")
    assert repr(found) == f"<{found.summary}>"
    assert [(row.by, row.group) for row in found] == [
        ("type", "ml.g5.xlarge"), ("month", "2026-11"), ("", "all"),
    ]  # fmt: skip
    assert found[-1].unit == "instance-hours"
    shown = found._repr_html_()
    assert found.summary in shown
    assert "instance-hours because no prices are known" in shown


@pytest.fixture
def in_new_york(monkeypatch):
    """This machine's own time zone is four or five hours behind UTC."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize("begin", ["2026-11-01", datetime(2026, 11, 1)])
def test_savings_without_a_time_zone_are_those_of_utc_as_a_month_is(here, begin):
    assert here.savings(since=begin, until="2026-12-01").summary == here.savings("2026-11").summary


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"month": "November"}, "is no month such as"),
        ({"month": "0001-01"}, "is no month such as"),
        ({"month": "2026-1"}, "is no month such as"),
        ({"since": "99999999d"}, "is neither a duration such as"),
        ({"until": "0001-01-01T00:00+14:00"}, "is neither a duration such as"),
        ({"by": ("colour",)}, "is none of month, week, day, type, user, tag:KEY"),
        ({"since": "1d", "until": "2d"}, "until: .* is not after the beginning"),
        ({"month": "2026-10", "since": "1d"}, "month: cannot be used with since or until"),
    ],
)
def test_a_time_or_a_word_that_is_none_is_one_sentence(here, given, message):
    with pytest.raises(ValueError, match=message):
        here.savings(**given)
