"""`spotter plan` answers in bands, says how little it rests on, and refuses where nobody could tell."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import typer

from laptop.simulated_sagemaker.spot_market import LAUNCH, Script, Step
from spotter.aws.deadline.measuring import DurationMeasurer
from spotter.core.deadline.durations import TypeObservations, lineage_durations
from spotter.core.ledger.measured_durations import TypeDurations
from spotter.core.model.times import words
from spotter.core.policy.model import Mode
from spotter.core.prices.table import PriceTable
from spotter_cli.errors import CommandError
from spotter_cli.rehearse.times.intervals import MeasuredTimes
from spotter_cli.rehearse.times.measured_file import RehearsedScript
from spotter_cli.views import plan as view
from spotter_cli.views.plan_options import wanted as wanted_job
from spotter_cli.views.rehearsed_times import RehearsedView, script_of
from tests.stories.test_deadlines import LIMITS, pass_minutes
from tests.support.jobs import NOON, minutes
from tests.support.nightly_lineage import bounded

TABLE = PriceTable("us-east-1", "USD", NOON, prices={"ml.g5.xlarge": Decimal("1.00")})
HOUR_OF_STEPS = {"steps": "120", "step_seconds": "30", "checkpoint_every": "20"}
TIMES = MeasuredTimes(launch=21.4, restart=24.0, step=0.31, save=1.9, between_saves=155.0)
REHEARSED = RehearsedView(
    RehearsedScript("/home/ana/train.py", NOON, "continues", TIMES, "ml.g5.xlarge")
)
INTERRUPTED = Script(
    steps=(*LAUNCH, Step("Training", 1200), Step("Interrupted", 5), *LAUNCH, Step("Training"))
)


def lived(new_world, jobs: int):
    """An account in which so many jobs of an hour completed, each with one interruption."""
    world = new_world(bounded(mode=Mode.OFF))
    world.script("*", INTERRUPTED)
    for n in range(jobs):
        world.create(f"nightly-{n}", StoppingCondition=LIMITS, HyperParameters=HOUR_OF_STEPS)
    pass_minutes(world, 80)
    return world


def planned(
    world, deployed, needs="6h", finish_by="12h", kind="ml.g5.xlarge", prices=TABLE, rehearsal=None
):
    wanted = wanted_job(needs, finish_by, kind, 1, "30m", world.now)
    created = (NOON - timedelta(days=1), world.now + timedelta(hours=1))
    return view.planned(deployed(world), wanted, created, prices, 1, world.now, rehearsal)


def test_what_was_measured_long_ago_is_measured_again(new_world, deployed):
    """A sweep measures a type only while a lineage with a deadline runs on it."""
    world = lived(new_world, 6)
    before = list(planned(world, deployed).in_words())
    old = NOON - timedelta(days=300)
    slow = TypeObservations(start_on_demand=(timedelta(hours=2),) * 10)
    assert world.ledger.put_new(TypeDurations("ml.g5.xlarge", old, slow, (950, 950, 950)))
    assert list(planned(world, deployed).in_words()) == before


def test_a_job_of_which_nothing_was_billed_says_nothing_of_the_cost_of_spot(new_world):
    """SageMaker gives 0 where it has no figure."""
    world = lived(new_world, 3)
    heads = sorted(world.heads().values(), key=lambda head: head.id.name)
    failed = replace(heads[0], billable_seconds=0, training_seconds=300)
    found = DurationMeasurer(world.ledger).of_type("ml.g5.xlarge", [failed, *heads[1:]], world.now)
    assert len(found.spot_share) == 2
    assert 0 not in found.spot_share


def test_chance_and_cost_are_bands_and_what_they_rest_on_is_said(new_world, deployed):
    world = lived(new_world, 6)
    found = planned(world, deployed)
    shown = list(found.in_words())
    assert shown[0].startswith("6 h of training on 1 x ml.g5.xlarge, to be finished by 2026-11-24T")
    assert " to " in shown[1]
    assert shown[2].endswith("USD (6.25 on demand)")
    assert shown[3].startswith("Late: 0 %")
    assert shown[4].startswith(
        "Rests on only 6 jobs of this type: 12 launches on spot, 6 interruptions"
    )
    assert "  time between checkpoints 30 min (given)" in shown
    assert found.facts["rests_on_little"]
    assert found.facts["cost_share"]["at_least"] < found.facts["cost_share"]["at_most"]


def test_too_little_history_is_refused_with_what_is_missing(new_world, deployed):
    world = lived(new_world, 2)
    with pytest.raises(
        CommandError,
        match=r"for ml.g5.xlarge: the ledger has 4 launches of it .* in 2 spot jobs, and at least 5",
    ):
        planned(world, deployed)
    with pytest.raises(
        CommandError,
        match=r"for ml.p4d.24xlarge: .* has no launch .* Other types .*: ml.g5.xlarge \(2 jobs\)",
    ):
        planned(world, deployed, kind="ml.p4d.24xlarge")


def test_durations_that_no_sweep_measured_are_measured_from_the_same_jobs(new_world, deployed):
    shown = list(planned(lived(new_world, 6), deployed).in_words())
    assert "  launch on spot 3 s (median of 12)" in shown
    assert "  start on demand 15 min (default; none measured)" in shown


def test_a_rehearsal_adds_its_first_step_and_its_saves_where_none_were_measured():
    known = lineage_durations(TypeObservations(), TypeObservations(), (), minutes(10))
    found = REHEARSED.durations(known)
    assert found.start_on_demand.words == (
        "start on demand 15 min 24 s (default; none measured; 24 s of it rehearsed)"
    )
    assert found.checkpoint_gap.words == "time between checkpoints 2 min 35 s (rehearsed)"
    measured = TypeObservations(checkpoint_gap=(minutes(50),))
    known = lineage_durations(measured, measured, (), minutes(10))
    assert REHEARSED.durations(known).checkpoint_gap == known.checkpoint_gap
    nothing = RehearsedView(replace(REHEARSED.script, times=MeasuredTimes()))
    assert nothing.durations(known) == known


def test_a_plan_with_a_script_says_what_was_rehearsed(new_world, deployed):
    world = lived(new_world, 6)
    without, found = (planned(world, deployed, rehearsal=one) for one in (None, REHEARSED))
    [line] = [one for one in found.in_words() if one.startswith("Rehearsed")]
    assert line == (
        "Rehearsed: /home/ana/train.py for ml.g5.xlarge, 2026-11-23T12:00:00.000Z, on this machine: 24 s from a "
        "restart to the first step, 0.31 s a step, 1.9 s a save, 2 min 35 s between two saves"
    )
    assert found.facts["rehearsal"]["restart_seconds"] == 24
    assert without.facts["rehearsal"] is None
    assert found.on_demand > without.on_demand


def test_a_deadline_that_on_demand_alone_would_miss_is_refused_first(new_world, deployed):
    world = lived(new_world, 1)
    with pytest.raises(CommandError, match="cannot finish in time, even on demand"):
        planned(world, deployed, needs="12h", finish_by="12h")


@pytest.mark.parametrize(
    ("needs", "finish_by", "kind", "sentence"),
    [("6", "12h", "ml.g5.xlarge", '"6" is no duration such as "6h"'),
     ("-1h", "12h", "ml.g5.xlarge", '"-1h" is no duration such as "6h"'),
     ("6h", "07:00", "ml.g5.xlarge", '"07:00" is neither a duration such as "12h" nor a time of day'),
     ("6h", "25:00 Nowhere/Zone", "ml.g5.xlarge", "nor a time of day such as"),
     ("6h", "07:00 Europe/Berln", "ml.g5.xlarge", 'the time zone "Europe/Berln" is not known; it must be'),
     ("6h", "5m", "ml.g5.xlarge", '"5m" must be from 10 min to 90 d after the creation'),
     ("6h", "12h", "ml.nonsense", '"ml.nonsense" is no instance type such as "ml.g5.xlarge"')],
)  # fmt: skip
def test_what_cannot_be_read_is_a_usage_error_in_one_sentence(needs, finish_by, kind, sentence):
    with pytest.raises(typer.BadParameter, match=re.escape(sentence)):
        wanted_job(needs, finish_by, kind, 1, "", NOON)


@pytest.mark.parametrize(
    ("described", "script"),
    [({"HyperParameters": {"sagemaker_program": '"train.py"'}}, "train.py"),
     ({"HyperParameters": {"sagemaker_program": "src/train.py"}}, "src/train.py"),
     ({"AlgorithmSpecification": {"ContainerEntrypoint": ["python", "/opt/ml/train.py"], "ContainerArguments": ["--lr"]}},
      "/opt/ml/train.py"),
     ({"HyperParameters": {"sagemaker_program": "7"}}, ""), ({}, "")],
)  # fmt: skip
def test_the_script_of_a_job_is_what_its_request_names(described, script):
    assert script_of(described) == script


def test_a_time_of_day_counts_from_now():
    found = wanted_job("6h", "07:00 Europe/Berlin", "ml.g5.xlarge", 1, "", NOON)
    assert words(found.left) == "18 h"


def test_without_prices_the_cost_is_a_share(new_world, deployed):
    world = lived(new_world, 6)
    found = planned(world, deployed, prices=None)
    assert found.facts["on_demand_cost"] is None
    assert list(found.in_words())[2].endswith("of on demand alone")
    assert replace(found, share_jobs=0).in_words()
