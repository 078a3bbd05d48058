"""What a cold start loads and what a job's life calls, writes and logs does not grow unnoticed.

These are counts, the same at each run and on each machine; `make bench` measures the times. Whoever raises a limit says why in
the commit.
"""

from pathlib import Path

import pytest

from bench import POLICY, lives, starts
from bench.functions import SPOTTERS, Deployment, deploy_spotter
from bench.lives import Life, as_history_grows, life
from bench.prices import A_JOB, A_TRANSITION

LOADED = {
    "record": (210, 220),
    "alert": (280, 290),
    "resubmit": (315, 330),
    "sweep": (345, 360),
    "notify_slack": (200, 210),
    "dashboard": (285, 295),
}
"""Modules of the bundle that the first event loads, and files of the bundle that it opens: some more than at present."""
DATED = """
[[rule]]
name         = "dated-*"
tags         = { team = "vision" }
on           = ["MaxWaitTimeExceeded"]
max_attempts = 3
finish_by    = "12h"
"""


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    return deploy_spotter(tmp_path_factory.mktemp("deployed"), POLICY)


@pytest.fixture(scope="module")
def loaded(
    deployed: Deployment, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[int, int]]:
    with starts.Stage(deployed, tmp_path_factory.mktemp("stage"), POLICY) as stage:
        counts = starts.counts(stage, SPOTTERS)
    return {name: (one.modules, one.opened) for name, one in counts.items()}


@pytest.mark.parametrize("function", SPOTTERS)
def test_a_cold_start_loads_no_more_than_it_did(loaded, function):
    modules, opened = loaded[function]
    assert modules <= LOADED[function][0]
    assert opened <= LOADED[function][1]


@pytest.fixture(scope="module")
def plain(deployed: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Life:
    folder = tmp_path_factory.mktemp("plain") / "life"
    return life(lives.SpotterDesign, "trains to its end", deployed, folder, POLICY)


def test_a_transition_costs_two_write_units_and_a_job_five_more(plain):
    assert plain.transitions == 5
    assert plain.writes <= A_TRANSITION * plain.transitions + A_JOB


def test_a_transition_is_described_once_and_put_by_two_calls(plain):
    assert plain.calls == {
        "dynamodb.BatchGetItem": 7,
        "dynamodb.PutItem": 10,
        "dynamodb.Query": 4,
        "sagemaker.DescribeTrainingJob": 5,
        "sagemaker.ListTags": 1,
    }


def test_a_deadline_of_other_jobs_costs_this_one_nothing(plain: Life, tmp_path: Path):
    policy = tmp_path / "spotter.toml"
    policy.write_text(POLICY.read_text() + DATED)
    deployed = deploy_spotter(tmp_path / "deployed", policy)
    beside = life(lives.SpotterDesign, "trains to its end", deployed, tmp_path / "life", policy)
    assert (beside.calls, beside.writes) == (plain.calls, plain.writes)
    assert beside.used.invocations == plain.used.invocations


def test_a_transition_logs_below_a_kilobyte(plain):
    assert plain.logged <= 4000
    assert plain.reads <= 17


def test_one_more_interruption_calls_writes_and_logs_the_same_however_long_the_history(
    deployed: Deployment, tmp_path: Path
):
    found = as_history_grows(lives.SpotterDesign, deployed, tmp_path / "long", POLICY, at=(3, 15))
    (_, early), (count, late) = found
    assert count > 45
    assert late.transitions == early.transitions == 4
    assert (late.writes, late.logged) == (early.writes, early.logged)
    assert sum(late.calls.values()) <= sum(early.calls.values())
