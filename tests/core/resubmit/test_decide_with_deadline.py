"""What a lineage's deadline changes in a decision: on demand from the safety point on, and no pause that it cannot afford."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.checkpoints import Checkpoint, Findings
from spotter.core.deadline.assessment import Assessment, Standing, assess
from spotter.core.deadline.durations import TypeObservations, lineage_durations
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.deadline.hand_over import NextStep
from spotter.core.deadline.remaining import Remaining, RemainingSource
from spotter.core.deadline.stop_order import OrderState
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.ledger.stop_order import StopOrder
from spotter.core.model.endings import RESUBMITTABLE
from spotter.core.model.identity import Attempt
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT, CapacityOption
from spotter.core.policy.model import BackoffPolicy, Mode, Policy, ResubmissionPolicy, Rule
from spotter.core.resubmit.case import Case, Kind, Switch
from spotter.core.resubmit.decide import decide
from spotter.core.resubmit.rules import acting
from tests.support.jobs import BUCKET, NOON, OUT_OF_TIME, ROLE, job, minutes

TYPE = "ml.g5.xlarge"
NOW = NOON + timedelta(hours=3)
DURATIONS = lineage_durations(TypeObservations(), TypeObservations(), (), minutes(10))
AMPLE, USED_UP = timedelta(hours=8), timedelta()
FAILED = ("Starting", "Downloading", "Training", "Failed")


def stands(slack: timedelta) -> Assessment:
    """A lineage without a running attempt that has so much slack."""
    terms = DeadlineTerms(NOON + timedelta(hours=12), "12 h after its creation", "nightly-*")
    work = terms.finish_by - NOW - slack - minutes(5)
    left = Remaining(work, RemainingSource.NEEDS, "as stated")
    return assess(terms, Standing(NOW, None), left, DURATIONS)


def case(slack: timedelta = AMPLE, *options: str, **more: object) -> Case:
    """A lineage with a deadline whose first attempt ran out of wait time, but for what a test changes."""
    ended = job(OUT_OF_TIME)
    rule = Rule(
        name="nightly-*",
        on=RESUBMITTABLE,
        max_attempts=6,
        capacity=tuple(map(CapacityOption.parse, options or ("spot", "on-demand"))),
        finish_by=FinishBy(after=timedelta(hours=12)),
    )
    given = {
        "job": ended,
        "attempt": Attempt(ended.id, 1),
        "policy": Policy(
            checkpoint_locations=(f"{BUCKET}/*",),
            resubmission=ResubmissionPolicy(mode=Mode.ACT, roles=(ROLE,)),
            rules=(rule,),
        ),
        "now": NOW,
        "policy_since": NOON,
        "switch": Switch(on=True),
        "found": Findings((Checkpoint("step-9.pt", NOON + minutes(60)),)),
        "deadline": stands(slack),
    }
    return Case(**(given | more))


def ordered(one: Case, step: NextStep) -> Case:
    order = StopOrder(one.attempt, one.job.id, OrderState.CALLED, step=step, reason="")
    return replace(one, order=order)


@pytest.mark.parametrize(("slack", "option"), [(AMPLE, SPOT), (USED_UP, ON_DEMAND)])
def test_the_next_attempt_is_on_demand_once_the_slack_is_used_up(slack, option):
    assert decide(case(slack)).plan.option == option


def test_an_order_to_hand_over_does_not_count_where_the_job_ended_by_itself():
    assert not ordered(case(), NextStep.HAND_OVER).wants_on_demand
    assert not ordered(case(), NextStep.TRY_NEXT).wants_on_demand


def test_on_demand_without_capacity_is_tried_again_after_five_minutes():
    members = {"EnableManagedSpotTraining": False, "FailureReason": "CapacityError: x"}
    ended = job(FAILED, **members)
    one = case(USED_UP, "on-demand", job=ended, attempt=Attempt(ended.id, 2))
    at = ended.ended
    assert at
    early = acting.the_next_attempt_comes_after_a_pause(replace(one, now=at + minutes(4)))
    assert early
    assert (early.kind, early.until) == (Kind.WAIT, at + minutes(5))
    assert "on demand had no capacity" in early.reason
    assert acting.the_next_attempt_comes_after_a_pause(replace(one, now=at + minutes(5))) is None


def test_a_lineage_that_spot_refuses_looks_again_soon_for_on_demand_may_be_due_by_then():
    short = {TYPE: NOW + timedelta(hours=2)}
    wait = decide(case(AMPLE, "spot", circuit_open_until=short))
    assert (wait.kind, wait.until) == (Kind.WAIT, NOW + minutes(5))
    soon = {TYPE: NOW + minutes(2)}
    assert decide(case(AMPLE, "spot", circuit_open_until=soon)).until == NOW + minutes(2)


@pytest.mark.parametrize(("slack", "waits"), [(AMPLE, True), (USED_UP, False)])
def test_a_pause_is_left_out_where_the_deadline_wants_on_demand_now(slack, waits):
    one = case(slack)
    [rule] = one.policy.rules
    pausing = replace(rule, backoff=BackoffPolicy(timedelta(hours=9), timedelta(hours=9)))
    paused = replace(one, policy=replace(one.policy, rules=(pausing,)))
    found = acting.the_next_attempt_comes_after_a_pause(paused)
    assert (found is not None) is waits
