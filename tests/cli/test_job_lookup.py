"""A job is named by its name, or by as much of it as only one lineage has."""

from datetime import timedelta

import pytest

from laptop.simulated_sagemaker.spot_market import Script, Step
from spotter.core.policy.model import Policy
from spotter_cli.errors import CommandError
from spotter_cli.stack.job_lookup import complete, find_job, jobs_with_prefix
from tests.support.jobs import ROLE
from tests.support.spotter_in_one_process import SpotterInOneProcess

FAILS = Script(steps=(Step("Starting", 2),), failure="CapacityError: none")


@pytest.fixture
def world(new_world, monkeypatch):
    one: SpotterInOneProcess = new_world(Policy())
    monkeypatch.setattr("spotter_cli.stack.job_lookup.datetime", Clock(one))
    for name in ("nightly-1", "nightly-10", "weekly"):
        one.create(name, RoleArn=ROLE)
        one.pass_time(1)
    return one


class Clock:
    """The world's own time."""

    def __init__(self, world: SpotterInOneProcess):
        self.world = world

    def now(self, zone):
        return self.world.now


def test_a_whole_name_is_that_job_though_others_begin_so(world, deployed, capsys):
    assert find_job(deployed(world), "nightly-1").id.name == "nightly-1"
    assert capsys.readouterr().err == ""


def test_a_beginning_that_only_one_has_is_taken_for_it_and_said(world, deployed, capsys):
    assert find_job(deployed(world), "week").id.name == "weekly"
    assert capsys.readouterr().err == "No job is named week; weekly begins so, and is used.\n"


def test_a_beginning_that_several_have_names_them(world, deployed):
    with pytest.raises(CommandError) as refused:
        find_job(deployed(world), "night")
    assert str(refused.value) == "night is the beginning of several names: nightly-1, nightly-10"


@pytest.mark.parametrize("name", ["monthly", ""])
def test_a_name_that_nobody_has_is_one_sentence(world, deployed, name):
    with pytest.raises(CommandError, match=r"^Job .*not found in "):
        find_job(deployed(world), name)


def test_each_name_is_offered_once_the_newest_first(world, deployed):
    assert [job.name for job in jobs_with_prefix(deployed(world), "n")] == [
        "nightly-10",
        "nightly-1",
    ]


def test_where_nothing_can_be_asked_nothing_is_offered(monkeypatch):
    class Context:
        params = {"stack": "Spotter", "region": "eu-west-1", "profile": "nobody"}

    assert complete(Context(), "n") == []


def test_a_name_that_was_used_again_is_offered_once(world, deployed):
    world.sagemaker.stop_training_job(TrainingJobName="weekly")
    world.pass_time(60)
    world.sagemaker.delete_training_job(TrainingJobName="weekly")
    world.pass_time(60)
    world.create("weekly", RoleArn=ROLE)
    world.pass_time(1)
    assert [job.name for job in jobs_with_prefix(deployed(world), "w")] == ["weekly"]
    assert find_job(deployed(world), "week").id.created > world.now - timedelta(seconds=10)
