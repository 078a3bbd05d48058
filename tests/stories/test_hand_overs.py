"""Lineages with a deadline end to end: vain waits are ended, spot is left in time, and a user's stop stays one."""

import itertools
import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from laptop.simulated_sagemaker.spot_market import LAUNCH, Script, Step
from spotter.aws.reports.lineages import lineage
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.deadline.hand_over import NextStep
from spotter.core.deadline.stop_order import OrderState
from spotter.core.model.endings import Ending
from spotter.core.policy.model import Mode
from spotter.core.resubmit.explanation import explanation
from spotter_cli.errors import CommandError
from spotter_cli.stack.continuation import continue_lineage
from spotter_cli.views import explanation as explanation_view
from tests.support.deadline_lineage import (
    DEADLINE,
    NEVER,
    TRAINS,
    begun,
    capacities,
    live,
    orders,
    timely,
)
from tests.support.nightly_lineage import IN_USE, NO_CAPACITY
from tests.support.spotter_in_one_process import HERE, Killed

SIX_HOURS = FinishBy(after=timedelta(hours=6))
SOON = FinishBy(after=timedelta(hours=2))
ON_DEMAND_QUOTA = "ml.g5.xlarge for training job usage"
ENDLESS = Script(steps=(*LAUNCH, Step("Training")), stopping=60.0)


def lineage_ends(world, minutes=600):
    """Until the lineage has completed; the instants of its attempts never overlap."""
    for _ in range(minutes // 5):
        live(world, 5)
        if any(head.outcome == "Completed" for head in world.heads().values()):
            break
    truths = [truth.transitions for truth in world.sagemaker.truths()]
    for before, after in itertools.pairwise(truths):
        assert before[-1][0] in ("Stopped", "Completed", "Failed")
        assert before[-1][1] <= after[0][1]


def reasons(world):
    root = world.heads()["nightly-7"].attempt.root
    return [row.reason for row in world.ledger.lineage(root).endings.values()]


def test_a_job_without_capacity_is_handed_over_to_on_demand_in_time(new_world):
    world = begun(new_world(timely(finish_by=SIX_HOURS)))
    lineage_ends(world)
    assert capacities(world) == ["spot ml.g5.xlarge", "on demand ml.g5.xlarge"]
    assert world.now < world.heads()["nightly-7"].id.created + timedelta(hours=6)
    assert world.alerts("nightly-7")[-1] == "handed_over"
    assert world.ended("nightly-7")["ending"] == "HandedOver"
    assert world.differences() == []


def test_vain_waits_ask_the_spot_options_in_turn_and_on_demand_only_at_the_safety_point(new_world):
    world = begun(new_world(timely(finish_by=SIX_HOURS, patience_from=1)), NEVER, NEVER)
    live(world, 260)
    spot = ["spot ml.g5.xlarge", "spot ml.g5.2xlarge", "spot ml.g4dn.2xlarge"]
    held = capacities(world)
    assert held[:4] == [*spot, spot[0]]
    assert [kind for kind in held if kind.startswith("on demand")] == held[-1:]
    steps = [order.step for order in orders(world).values()]
    assert set(steps[:-1]) == {NextStep.TRY_NEXT}
    assert steps[-1] is NextStep.HAND_OVER
    assert "handed_over" not in world.alerts("nightly-7")


def test_attempts_that_never_trained_count_against_asks_alone(new_world):
    world = begun(
        new_world(timely(finish_by=SIX_HOURS, patience_from=1, asks=2, max_attempts=2)),
        NEVER,
        NEVER,
    )
    live(world, 240)
    waits = [order for order in orders(world).values() if order.step is NextStep.TRY_NEXT]
    assert len(waits) == 2
    live(world, 60)
    assert capacities(world)[-1] == "on demand ml.g5.xlarge"


def test_the_last_attempt_that_asks_allows_is_on_demand_when_spot_fails_at_once(new_world):
    """Else a lineage would give up within minutes, hours before its deadline, and never have tried on demand."""
    world = begun(new_world(timely(asks=3, on=(Ending.CAPACITY,))), NO_CAPACITY, NO_CAPACITY)
    world.script("nightly-7-a4*", TRAINS)
    live(world, 30)
    held = capacities(world)
    assert [kind.startswith("on demand") for kind in held] == [False, False, False, True]


def test_the_users_own_job_is_not_stopped_for_its_wait(new_world):
    world = begun(new_world(timely()))
    live(world, 180)
    assert orders(world) == {}


def test_it_trains_starves_asks_another_type_is_interrupted_hands_over_and_finishes_in_time(
    new_world,
):
    """Bit for bit the model of a job that was never interrupted."""
    starves = (*LAUNCH, Step("Training", 1300), Step("Interrupted", 5), Step("Starting"))
    world = new_world(timely(finish_by=SIX_HOURS, patience_from=1))
    begun(world, Script(steps=starves, stopping=60.0))
    world.script("nightly-7-a2-*", Script(steps=(*LAUNCH, Step("Training", 700), *starves[3:])))
    world.script("nightly-7-a3-*", NEVER)
    world.script("nightly-7-a4-*", NEVER)
    world.script("nightly-7-a5-*", NEVER)
    world.script("nightly-7-a6-*", NEVER)
    lineage_ends(world)
    assert capacities(world)[0] == "spot ml.g5.xlarge"
    assert capacities(world)[1] == "spot ml.g5.2xlarge"
    assert capacities(world)[-1] == "on demand ml.g5.xlarge"
    assert world.now < world.heads()["nightly-7"].id.created + timedelta(hours=6)
    last = world.attempts()[-1]
    alone = begun(new_world(DEADLINE), TRAINS)
    live(alone, 90)
    model = [
        w.s3.objects["ml-models", f"out/{name}/output/model.json"][0]
        for w, name in ((world, last), (alone, "nightly-7"))
    ]
    assert json.loads(model[0])["step"] == 60
    assert model[0] == model[1]


@pytest.mark.shows("deadlines", "a user stops a job whose lineage has a deadline")
@pytest.mark.parametrize("script", [NEVER, ENDLESS])
def test_what_a_user_stops_stays_stopped(new_world, script):
    world = begun(new_world(timely(finish_by=SIX_HOURS)), script)
    live(world, 60)
    world.sagemaker.stop_training_job(TrainingJobName="nightly-7")
    live(world, 400)
    assert world.attempts() == ["nightly-7"]
    assert world.ended("nightly-7")["because"] == "what_was_stopped_on_purpose_stays_stopped"


@pytest.mark.shows("deadlines", "the job completes while Spotter stops it")
def test_a_completion_while_it_is_stopped_wins(new_world):
    world = begun(new_world(timely(finish_by=SOON)), replace(ENDLESS, completes=True))
    live(world, 60)
    assert orders(world)[1].state is OrderState.CALLED
    assert world.attempts() == ["nightly-7"]
    assert world.heads()["nightly-7"].outcome == "Completed"


@pytest.mark.shows("deadlines", "StopTrainingJob is throttled")
def test_a_throttled_stop_is_tried_again_at_the_next_look(new_world):
    world = new_world(timely(finish_by=SOON))
    world.sagemaker.throttle("StopTrainingJob", 2)
    begun(world)
    assert orders(world)[1].state is OrderState.ORDERED
    assert orders(world)[1].answer == "ThrottlingException"
    live(world, 20)
    assert capacities(world)[-1] == "on demand ml.g5.xlarge"


def interrupted_in_the_call(world, *, done=True):
    """The function ends in its call of StopTrainingJob, after it was carried out or before."""
    world.refuse("stop_training_job", Killed(), done=done)
    with pytest.raises(Killed):
        begun(world)
    world.settle()
    return world


@pytest.mark.shows(
    "deadlines", "the function ends in its call of StopTrainingJob, after it was done"
)
def test_a_stop_of_unknown_origin_waits_for_a_person_and_goes_on_by_one_command(new_world):
    world = interrupted_in_the_call(new_world(timely(finish_by=SOON)))
    live(world, 30)
    assert world.attempts() == ["nightly-7"]
    assert orders(world)[1].state is OrderState.CALLING
    [reason] = reasons(world)
    assert reason.endswith("run: spotter continue nightly-7")
    alert = json.loads(json.loads(world.published[-1]["Message"])["sqs"])
    assert (alert["severity"], alert["outcome"]) == ("critical", "refused")
    assert "spotter continue nightly-7" in json.dumps(alert)
    assert world.alerts("nightly-7") == ["attempt_ended"], (
        "there is none while the call may be under way"
    )
    here = SimpleNamespace(ledger=world.ledger, here=HERE)
    done = continue_lineage(here, "nightly-7", world.now)
    assert done.next.startswith("nightly-7-a2-")
    again = "nightly-7 was continued already, at 2026-11-23T12:"
    with pytest.raises(CommandError, match=again):
        continue_lineage(here, "nightly-7", world.now)
    world.settle()
    lineage_ends(world)
    assert capacities(world) == ["spot ml.g5.xlarge", "on demand ml.g5.xlarge"]
    with pytest.raises(CommandError, match=again):
        continue_lineage(here, "nightly-7", world.now)
    with pytest.raises(CommandError, match="There is nothing to continue"):
        continue_lineage(here, done.next, world.now)
    attempts, following = lineage(world.ledger, world.heads()["nightly-7"])
    facts = explanation(attempts, following, world.policy, world.now)["attempts"][0]
    shown = "\n".join(explanation_view._attempt(facts, "USD", verbose=False))
    assert "the answer was lost; a person continued the lineage at 2026-11-23T12:" in shown
    assert "stopped by Spotter, ordered at" not in shown


@pytest.mark.shows(
    "deadlines", "the function ends in its call of StopTrainingJob, before it was done"
)
def test_an_order_that_nobody_called_is_taken_up_after_half_an_hour(new_world):
    world = interrupted_in_the_call(new_world(timely(finish_by=SOON)), done=False)
    world.now += timedelta(minutes=30)
    live(world, 30)
    assert capacities(world)[-1] == "on demand ml.g5.xlarge"


@pytest.mark.shows("deadlines", "the switch is off at the last safe moment")
def test_the_switch_stops_stops(new_world):
    world = new_world(timely(finish_by=SOON))
    world.switch = "off"
    begun(world)
    live(world, 20)
    assert orders(world)[1].state is OrderState.VOID
    assert "switched off" in orders(world)[1].reason
    world.switch = "on"
    live(world, 20)
    assert capacities(world)[-1] == "on demand ml.g5.xlarge"


def test_advice_says_when_it_would_have_stopped_and_what_it_would_have_created(new_world):
    policy = timely(finish_by=SOON)
    advise = replace(policy.resubmission, mode=Mode.ADVISE, roles=())
    world = begun(new_world(replace(policy, resubmission=advise)))
    live(world, 30)
    [order] = orders(world).values()
    assert (order.state, order.option) == (OrderState.ADVISED, "on-demand")
    assert order.step is NextStep.HAND_OVER
    assert world.heads()["nightly-7"].running


@pytest.mark.shows("deadlines", "at the last safe moment there is no checkpoint")
def test_a_job_that_trained_without_a_checkpoint_is_not_stopped(new_world):
    """Its next attempt would begin again, and the rule requires a checkpoint."""
    none = {"steps": "600", "step_seconds": "60", "checkpoint_every": "0"}
    three_hours = FinishBy(after=timedelta(hours=3))
    world = begun(new_world(timely(finish_by=three_hours)), ENDLESS, HyperParameters=none)
    live(world, 100)
    [order] = orders(world).values()
    assert order.state is OrderState.VOID
    assert "it is not stopped, because the next attempt would not be created" in order.reason
    assert world.heads()["nightly-7"].running


@pytest.mark.shows("deadlines", "there is no quota for on demand")
def test_without_a_quota_for_on_demand_spot_is_used_meanwhile_and_on_demand_tried_again(new_world):
    world = begun(new_world(timely(finish_by=SIX_HOURS)), NEVER, NEVER)
    world.sagemaker.quotas = {ON_DEMAND_QUOTA: IN_USE}
    live(world, 220)
    assert capacities(world)[1].startswith("spot")
    world.sagemaker.quotas = {}
    world.script("nightly-7-a*", TRAINS)
    lineage_ends(world, 120)
    assert capacities(world)[-1].startswith("on demand")


@pytest.mark.shows("deadlines", "on demand has no capacity")
def test_on_demand_without_capacity_is_tried_again_and_needs_no_entry_in_on(new_world):
    world = begun(new_world(timely(finish_by=SIX_HOURS)))
    world.script(
        "nightly-7-a2-*", Script(steps=(Step("Starting", 5),), failure="CapacityError: none")
    )
    world.script("nightly-7-a3-*", NEVER)
    lineage_ends(world)
    assert [kind.rpartition(" ")[0] for kind in capacities(world)] == [
        "spot", "on demand", "spot", "on demand",
    ]  # fmt: skip


def test_explain_says_why_it_was_stopped_and_what_followed(new_world):
    world = begun(new_world(timely(finish_by=SOON)))
    live(world, 20)
    attempts, following = lineage(world.ledger, world.heads()["nightly-7"])
    facts = explanation(attempts, following, world.policy, world.now)["attempts"][0]
    assert facts["ending"] == "HandedOver"
    order = facts["stop_order"]
    assert (order["state"], order["step"]) == ("called", "hand over to on demand")
    assert order["capacity_option"] == "on-demand"
    lines = "\n".join(explanation_view._attempt(facts, "USD", verbose=False))
    assert "Stop for the deadline: stopped by Spotter, ordered at 2026-11-23T12:00" in lines
    assert "is at most the safety point" in lines
