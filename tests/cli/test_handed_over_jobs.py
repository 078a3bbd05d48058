"""A job that Spotter stopped for its deadline is HandedOver wherever its ending is shown; a user's stop is Stopped."""

from datetime import UTC, timedelta

import pytest

from spotter.aws.reports.dashboard_widget import answer
from spotter.aws.reports.job_list import jobs
from spotter.aws.reports.recorded_lineages import attempts, recorded_lineages
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.model.endings import MEANING, Ending
from spotter.core.model.times import ms
from spotter.core.reports.job_filter import JobFilter
from spotter.notebook import Connection
from spotter_cli.policy.summary import tried
from spotter_cli.views import exported, html_report
from spotter_cli.views.explanation import explain_job
from spotter_cli.views.jobs import all_facts, job_list
from spotter_cli.views.jobs_table import finished_row
from tests.cli.test_report import options
from tests.support.counting_dynamodb import CountingDynamoDB
from tests.support.deadline_lineage import begun, live, timely
from tests.support.jobs import ACCOUNT, NOON, REGION

DAY = timedelta(days=1)
SOON = timely(finish_by=FinishBy(after=timedelta(hours=2)))
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:dashboard"


def wanted(state: str = "") -> JobFilter:
    return JobFilter(NOON - DAY, NOON + DAY, "nightly-7", state=state)


@pytest.fixture
def handed_over(new_world):
    """The first attempt of nightly-7 waited in vain, and Spotter stopped it; the second one runs."""
    world = begun(new_world(SOON))
    live(world, 20)
    assert world.ended("nightly-7")["ending"] == "HandedOver"
    return world


@pytest.fixture
def stopped(new_world):
    """A user stopped nightly-7, which has a deadline."""
    world = begun(new_world(timely()))
    world.sagemaker.stop_training_job(TrainingJobName="nightly-7")
    live(world, 10)
    return world


def endings(spotter, world) -> dict[str, str | None]:
    """How nightly-7 ended, by each place that shows it."""
    now, since, until = world.now, NOON - DAY, NOON + DAY
    listed = job_list(spotter, wanted("finished"), 10, now)
    [known] = listed.finished
    [row] = Connection(spotter).jobs(since, until, name="nightly-7", state="finished")
    lines = exported.rows(spotter, "jobs", since, until, "nightly-7", now)
    [of_export] = [one for one in lines if one.job == "nightly-7"]
    report = html_report.read_report(spotter, options(world))
    fleet = report.fleet.finished
    return {
        "jobs": finished_row(known[0], now, UTC)[1],
        "jobs --json": all_facts(listed, lambda _: None)["jobs"][0]["ending"],
        "export": of_export.ending,
        "connect().jobs()": row.ending,
        "report": next(iter(fleet)),
        "timeline": report.lineages[0].attempts[0].outcome,
        "explain": explain_job(spotter, known[0], None, now)["attempts"][0]["ending"],
        "policy try": tried(spotter, "nightly-7", world.policy, at_end=False)["ending"],
        "policy try --at-end": tried(spotter, "nightly-7", world.policy, at_end=True)["ending"],
    }


def dashboard(world) -> str:
    times = {"start": ms(NOON - DAY), "end": ms(world.now)}
    event = {"view": "fleet", "widgetContext": {"timeRange": times, "width": 1200}}
    return answer(event, world.ledger, FUNCTION, world.now, None)


def test_every_place_shows_that_spotter_handed_a_job_over(handed_over, deployed):
    found = endings(deployed(handed_over), handed_over)
    assert set(found.values()) == {"HandedOver"}, found
    page = dashboard(handed_over)
    assert "HandedOver" in page
    assert "Stopped" not in page


def test_every_place_shows_a_users_stop_as_one(stopped, deployed):
    found = endings(deployed(stopped), stopped)
    assert set(found.values()) == {"Stopped"}, found
    assert "Stopped" in dashboard(stopped)


def test_the_outlook_names_who_stopped_a_job(handed_over, stopped, deployed):
    for world, ending in ((handed_over, Ending.HANDED_OVER), (stopped, Ending.STOPPED)):
        listed = job_list(deployed(world), wanted("finished"), 10, world.now)
        assert [found.reason for _, found in listed.finished] == [MEANING[ending]]


def test_jobs_are_found_by_the_ending_handed_over(handed_over, stopped):
    def found(world, state):
        return [head.id.name for head in jobs(world.ledger, wanted(state))]

    assert found(handed_over, "handedover") == found(handed_over, "Stopped") == ["nightly-7"]
    assert (found(stopped, "HandedOver"), found(stopped, "Stopped")) == ([], ["nightly-7"])


def test_a_replay_of_the_ledger_knows_which_stays_on_spot_spotter_ended(handed_over):
    world = handed_over
    found = attempts(world.ledger, NOON - DAY, NOON + DAY, world.now)
    [lineage] = recorded_lineages(found, wanted())
    assert lineage.stays[1].to_spot is False


def test_only_of_jobs_that_were_stopped_is_the_row_of_their_ending_read(handed_over):
    ledger = handed_over.ledger
    for state, calls in (("finished", 2), ("running", 1)):
        counting = CountingDynamoDB(ledger.client)
        assert list(jobs(type(ledger)(counting, ledger.table), wanted(state)))
        assert counting.calls["batch_get_item"] == calls
