"""Jobs are listed newest first, by the filter, and no more are read than are listed."""

from dataclasses import replace
from datetime import UTC, timedelta
from itertools import islice

import pytest

from laptop.simulated_sagemaker.spot_market import INTERRUPTED_ONCE, NEVER_LAUNCHED, Script, Step
from spotter.aws.reports.job_list import jobs
from spotter.core.checkpoints.watched_locations import (
    OUTPUT,
    QUIET_OUTPUT,
    quiet_seconds,
    watched_locations,
)
from spotter.core.model.timeline import TRAINING
from spotter.core.policy.model import AlertsPolicy, Policy
from spotter.core.reports.job_filter import JobFilter
from spotter.core.reports.outlook import OutlookCase, outlook
from spotter_cli.views.jobs import all_facts, facts, job_list, unwatched
from spotter_cli.views.jobs_table import finished_row, running_row
from tests.support.jobs import NOON

DAY = timedelta(days=1)
ON_AND_ON = Script(steps=(Step("Starting", 10), Step("Training", None)))


@pytest.fixture
def world(new_world):
    """Four jobs: one that never launched, one interrupted, one that trains, one of another type."""
    one = new_world(Policy())
    for name, script in (
        ("a-lost", NEVER_LAUNCHED), ("b-done", INTERRUPTED_ONCE), ("b-lives", ON_AND_ON), ("c-big", ON_AND_ON),
    ):  # fmt: skip
        one.script(name, script)
    resources = {"InstanceType": "ml.p4d.24xlarge", "InstanceCount": 2, "VolumeSizeInGB": 30}
    limits = {"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 100}
    one.create("a-lost", HyperParameters={}, StoppingCondition=limits)
    one.pass_time(1)
    one.create("b-done", HyperParameters={}, StoppingCondition=limits)
    one.pass_time(1)
    one.create("b-lives", HyperParameters={})
    one.pass_time(1)
    one.create("c-big", HyperParameters={}, ResourceConfig=resources)
    one.pass_time(150)
    return one


def unknown(place: str | None) -> None:
    """Whether a place is watched, of a deployment that does not say."""


def stating(spotter, outputs):
    """The same Spotter, with these outputs besides those that any has."""
    return replace(spotter, outputs=spotter.outputs | outputs)


def names(spotter, world, **filters):
    wanted = JobFilter(NOON - DAY, world.now + DAY, **filters)
    return [head.id.name for head in jobs(spotter.ledger, wanted)]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["c-big", "b-lives", "b-done", "a-lost"]),
        ({"state": "running"}, ["c-big", "b-lives"]),
        ({"state": "finished"}, ["b-done", "a-lost"]),
        ({"state": "training"}, ["c-big", "b-lives"]),
        ({"state": "Stopped"}, ["a-lost"]),
        ({"state": "NeverLaunched"}, ["a-lost"]),
        ({"state": "MaxWaitTimeExceeded"}, ["a-lost"]),
        ({"state": "nonsense"}, []),
        ({"name": "b"}, ["b-lives", "b-done"]),
        ({"name": "*-d*"}, ["b-done"]),
        ({"name": "b", "state": "running"}, ["b-lives"]),
        ({"instance_type": "ml.p4d.*"}, ["c-big"]),
        ({"instance_type": "ml.p4d"}, []),
    ],
)
def test_jobs_are_those_that_fit_and_the_newest_comes_first(world, deployed, filters, expected):
    assert names(deployed(world), world, **filters) == expected


def test_a_job_that_was_deleted_is_no_longer_in_its_last_status(world, deployed):
    spotter = deployed(world)
    world.ledger.mark_gone(world.heads()["b-lives"])
    for state in ("InProgress", "Training"):
        assert names(spotter, world, state=state) == ["c-big"]
    assert names(spotter, world, state="Deleted") == ["b-lives"]
    world.ledger.mark_gone(world.heads()["a-lost"])
    assert names(spotter, world, state="NeverLaunched") == ["a-lost"]


def test_only_the_time_asked_for_is_listed(world, deployed):
    spotter = deployed(world)
    since, until = NOON + timedelta(seconds=0.5), NOON + timedelta(seconds=2)
    found = [head.id.name for head in jobs(spotter.ledger, JobFilter(since, until))]
    assert found == ["b-done"]


def test_a_list_reads_no_further_than_it_is_wanted(new_world, deployed):
    """Two calls for the first hundred, however many there are."""
    world = new_world(Policy())
    world.script("*", ON_AND_ON)
    for n in range(250):
        world.create(f"job-{n:03d}", HyperParameters={})
    world.pass_time(30)
    spotter, calls = deployed(world), []
    for method in ("query", "batch_get_item"):
        real = getattr(world.stream, method)
        setattr(world.stream, method, lambda real=real, m=method, **a: calls.append(m) or real(**a))
    found = list(islice(jobs(spotter.ledger, JobFilter(NOON - DAY, NOON + DAY)), 50))
    assert found[0].id.name == "job-249"
    assert len(calls) <= 3  # tomorrow's empty day, a page of today's keys, their heads
    everything = list(jobs(spotter.ledger, JobFilter(NOON - DAY, NOON + DAY)))
    assert len(everything) == 250


def test_a_line_shows_the_current_status_and_absent_figures(world, deployed):
    spotter = deployed(world)
    found = {h.id.name: h for h in jobs(spotter.ledger, JobFilter(NOON - DAY, world.now + DAY))}
    head = found["b-lives"]
    living = running_row(head, outlook(OutlookCase(head, world.now)), world.now, UTC)
    assert living[1:6] == (
        "on track", TRAINING, "2026-11-23 12:00:12", "spot, 1 x ml.g5.xlarge", "0",
    )  # fmt: skip
    assert living[7:] == ("2 min 21 s",)
    assert facts(found["b-lives"], world.now, unknown)["trained_seconds"] == 141
    assert facts(found["a-lost"], world.now, unknown)["saved_percent"] is None
    assert finished_row(found["b-done"], world.now, UTC)[4] == "1"


def test_a_job_on_demand_that_is_only_followed_is_no_job_of_the_list(world, deployed):
    only = {"MaxRuntimeInSeconds": 900}
    world.create("on-demand", EnableManagedSpotTraining=False, StoppingCondition=only)
    world.pass_time(5)
    assert world.heads()["on-demand"].running
    assert "on-demand" not in names(deployed(world), world, state="running")


@pytest.mark.parametrize(
    ("places", "remarked"),
    [(("s3://ml-checkpoints/*",), False), (("s3://elsewhere/*",), True), ((), True)],
)
def test_running_jobs_that_nobody_would_notice_are_named_with_the_key_to_set(
    world, deployed, places, remarked
):
    """With the shipped policy Spotter may look at no place: whoever lists jobs learns so."""
    spotter = stating(
        deployed(world), {OUTPUT: watched_locations(Policy(checkpoint_locations=places))}
    )
    heads = [*jobs(spotter.ledger, JobFilter(NOON - DAY, world.now + DAY))]
    note = unwatched(heads, spotter.watches)
    assert bool(note) is remarked
    if note:
        assert "c-big, b-lives" in note
        assert "b-done" not in note
        assert "`checkpoint_locations` in spotter.toml" in note
    running = [facts(head, world.now, spotter.watches) for head in heads if head.running]
    assert [one["checkpoints_watched"] for one in running] == [not remarked] * 2


def test_of_an_older_deployment_it_is_not_known_whether_places_are_watched(world, deployed):
    older = stating(deployed(world), {})
    heads = [*jobs(older.ledger, JobFilter(NOON - DAY, world.now + DAY))]
    assert unwatched(heads, older.watches) is None
    assert {facts(head, world.now, older.watches)["checkpoints_watched"] for head in heads} == {
        None
    }


@pytest.mark.parametrize(
    ("filters", "running", "finished"),
    [
        ({}, ["c-big", "b-lives"], ["b-done", "a-lost"]),
        ({"state": "running"}, ["c-big", "b-lives"], []),
        ({"state": "finished"}, [], ["b-done", "a-lost"]),
        ({"state": "training"}, ["c-big", "b-lives"], []),
        ({"state": "NeverLaunched"}, [], ["a-lost"]),
        ({"name": "b"}, ["b-lives"], ["b-done"]),
        ({"at_risk": True}, [], []),
        ({"tags": (("team", "vision"),)}, ["b-lives"], []),
        ({"tags": (("team", "vision"), ("team", "speech"))}, [], []),
    ],
)
def test_running_jobs_are_listed_before_finished_ones(world, deployed, filters, running, finished):
    tag(world, "b-lives", team="vision")
    wanted = JobFilter(NOON - DAY, world.now + DAY, **filters)
    found = job_list(deployed(world), wanted, 50, world.now)
    assert [head.id.name for head, _ in found.running] == running
    assert [head.id.name for head, _ in found.finished] == finished
    assert not found.more


def tag(world, name: str, **tags: str) -> None:
    """The job as it would be recorded with these tags."""
    head = replace(world.heads()[name], tags=tuple(sorted(tags.items())))
    world.ledger.rows.put(head.row(notable=False), "attribute_exists(pk)")


@pytest.fixture
def risky(world):
    """`b-lives` has half a minute left of MaxRuntimeInSeconds, `c-big` trains for an hour on the same limits."""
    head = world.heads()["b-lives"]
    head = replace(head, max_runtime=head.until(world.now).trained + timedelta(seconds=10))
    world.ledger.rows.put(head.row(notable=False), "attribute_exists(pk)")
    return world


def test_the_most_urgent_job_is_the_first_and_all_running_jobs_are_counted(risky, deployed):
    everything = JobFilter(NOON - DAY, risky.now + DAY)
    found = job_list(deployed(risky), everything, 1, risky.now)
    [(head, one)] = found.running
    assert (head.id.name, one.word) == ("b-lives", "will be stopped")
    assert found.more
    assert found.finished == []
    assert (
        found.total == "2 running: 1 will be stopped, 1 on track; 0 finished (more are not listed)."
    )
    whole = job_list(deployed(risky), everything, 50, risky.now)
    assert whole.total == "2 running: 1 will be stopped, 1 on track; 2 finished."
    only = job_list(deployed(risky), replace(everything, at_risk=True), 50, risky.now)
    assert only.total == "1 running: 1 will be stopped."
    assert [head.id.name for head, _ in only.listed] == ["b-lives"]


def test_json_holds_the_outlook_of_each_job_and_the_total(risky, deployed):
    found = job_list(deployed(risky), JobFilter(NOON - DAY, risky.now + DAY), 50, risky.now)
    shown = all_facts(found, unknown)
    assert shown["total"] == {
        "running": 2,
        "running_by_outlook": {"will be stopped": 1, "on track": 1},
    }
    assert [one["outlook"]["word"] for one in shown["jobs"]] == [
        "will be stopped", "on track", "finished", "finished",
    ]  # fmt: skip
    assert shown["jobs"][0]["outlook"]["limit"] == "MaxRuntimeInSeconds"


def test_a_checkpoint_limit_of_the_policy_is_the_outlooks_own(world, deployed):
    """It is an output of the stack; a deployment of an older version has none, and an hour counts."""
    head = replace(world.heads()["b-lives"], checkpoint=None)
    world.ledger.rows.put(head.row(notable=False), "attribute_exists(pk)")
    policy = Policy(alerts=AlertsPolicy(checkpoint_quiet=timedelta(minutes=2)))
    wanted = JobFilter(NOON - DAY, world.now + DAY, name="b-lives")
    strict = stating(deployed(world), {QUIET_OUTPUT: quiet_seconds(policy)})
    [(_, one)] = job_list(strict, wanted, 50, world.now).running
    assert one.text(world.now, UTC) == "at risk: no checkpoint location, trained 2 min 21 s"
    for outputs in ({}, {QUIET_OUTPUT: "0"}, {QUIET_OUTPUT: "soon"}):
        [(_, one)] = job_list(stating(deployed(world), outputs), wanted, 50, world.now).running
        assert one.word == "on track"


@pytest.mark.parametrize("filters", [{"state": "Training"}, {"at_risk": True}])
def test_no_finished_job_is_read_where_none_can_match(world, deployed, filters):
    spotter, indexes = deployed(world), []
    real = world.stream.query
    world.stream.query = lambda **asked: indexes.append(asked.get("IndexName")) or real(**asked)
    job_list(spotter, JobFilter(NOON - DAY, world.now + DAY, **filters), 50, world.now)
    assert set(indexes) == {"open"}
