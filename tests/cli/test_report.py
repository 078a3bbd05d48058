"""The report is written whole, and holds what the ledger does about the given time."""

from datetime import UTC, timedelta

import pytest

from laptop.simulated_sagemaker.spot_market import INTERRUPTED_ONCE, OUT_OF_TIME
from spotter.core.policy.model import Policy
from spotter_cli.errors import CommandError
from spotter_cli.views import html_report, savings
from tests.support.jobs import NOON

LIMITS = {"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 100}


@pytest.fixture
def world(new_world):
    one = new_world(Policy())
    one.script("once", INTERRUPTED_ONCE)
    one.script("gone", OUT_OF_TIME)
    for name in ("once", "gone"):
        one.create(name, HyperParameters={}, StoppingCondition=LIMITS)
    one.create(
        "on-demand", EnableManagedSpotTraining=False, StoppingCondition={"MaxRuntimeInSeconds": 100}
    )
    one.pass_time(150)
    return one


def options(world, names=(), limit=50):
    span = NOON - timedelta(days=1), world.now + timedelta(hours=1)
    groups = savings.groups(("day", "type"), None)
    return html_report.ReportOptions(tuple(names), *span, groups, None, limit, UTC, world.now)


def test_it_holds_the_fleet_the_savings_the_market_and_each_lineage(world, deployed):
    report = html_report.read_report(deployed(world), options(world))
    assert report.fleet.finished == {"Completed": 1, "MaxWaitTimeExceeded": 1}
    assert list(report.savings.groups) == ["day", "type"]
    assert report.savings.whole.attempts == 2
    assert report.market.of("ml.g5.xlarge").interruptions == 3
    assert {view.name for view in report.lineages} == {"once", "gone"}


def test_a_bound_says_how_many_it_left_out(world, deployed):
    report = html_report.read_report(deployed(world), options(world, limit=1))
    assert (len(report.lineages), report.left_out) == (1, 1)


def test_jobs_that_are_named_are_drawn_alone(world, deployed):
    report = html_report.read_report(deployed(world), options(world, names=["once", "once"]))
    assert [view.name for view in report.lineages] == ["once"]
    assert (report.fleet, report.savings, report.market) == (None, None, None)


def test_the_page_is_written_whole_or_not_at_all(world, deployed, tmp_path):
    file = tmp_path / "report.html"
    summary = html_report.write(deployed(world), options(world), file)
    assert file.read_text().startswith("<!DOCTYPE html>")
    assert summary.startswith("2 lineages, ")
    assert list(tmp_path.iterdir()) == [file]
    with pytest.raises(CommandError, match="cannot be written: "):
        html_report.write(deployed(world), options(world), tmp_path / "no/such/report.html")


def test_what_was_lost_ends_at_the_last_checkpoint_that_s3_shows(world, deployed):
    """A checkpoint half-way through the first stay in Training halves what it lost."""
    spotter = deployed(world)
    view = html_report.read_report(spotter, options(world, names=["once"])).lineages[0]
    stay = next(s for s in view.attempts[0].periods if s.lost_from)
    world.now, now = stay.start + (stay.end - stay.start) / 2, world.now
    world.s3.put_object("ml-checkpoints", "once/step-1.pt", b"x")
    world.now = now
    again = html_report.read_report(spotter, options(world, names=["once"])).lineages[0]
    assert again.lost == view.lost / 2
    world.s3.refusal = "AccessDenied"
    blind = html_report.read_report(spotter, options(world, names=["once"])).lineages[0]
    assert (blind.lost, blind.attempts[0].checkpoints) == (stay.length, None)


@pytest.mark.parametrize(("own", "counted"), [(("*.ours",), True), ((), False)])
def test_files_of_the_owners_own_format_end_a_loss_if_the_policy_names_them(
    new_world, deployed, own, counted
):
    one = new_world(Policy(checkpoint_files=own))
    one.script("once", INTERRUPTED_ONCE)
    one.create("once", HyperParameters={}, StoppingCondition=LIMITS)
    one.pass_time(150)
    spotter = deployed(one)
    view = html_report.read_report(spotter, options(one, names=["once"])).lineages[0]
    stay = next(s for s in view.attempts[0].periods if s.lost_from)
    one.now, now = stay.start + (stay.end - stay.start) / 2, one.now
    one.s3.put_object("ml-checkpoints", "once/step-1.ours", b"x")
    one.now = now
    again = html_report.read_report(spotter, options(one, names=["once"])).lineages[0]
    assert again.lost == (view.lost / 2 if counted else view.lost)


def test_checkpoints_of_a_job_that_lost_nothing_are_not_asked_for(new_world, deployed):
    one = new_world(Policy())
    one.create("whole", HyperParameters={}, StoppingCondition=LIMITS)
    one.pass_time(150)
    before = one.s3.listed
    assert html_report.read_report(deployed(one), options(one, names=["whole"])).lineages
    assert one.s3.listed == before


@pytest.mark.shows(
    "secrets", "hyperparameters, environment and tags, looked for in the HTML report"
)
def test_what_users_put_into_a_job_is_in_no_page(new_world, deployed, tmp_path):
    one, canary = new_world(Policy(recorded_tags=("team",))), "hunter2"
    secrets = {"HyperParameters": {"token": canary}, "Environment": {"TOKEN": canary}}
    one.create(
        "careless", StoppingCondition=LIMITS, Tags=[{"Key": "note", "Value": canary}], **secrets
    )
    one.pass_time(150)
    file = tmp_path / "report.html"
    html_report.write(deployed(one), options(one), file)
    assert "careless" in file.read_text()
    assert canary not in file.read_text()
