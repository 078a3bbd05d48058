"""Nothing is created that was not allowed, and nothing twice, whoever comes in between."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from spotter.aws.ledger.jobs import Conflict
from spotter.core.ledger import row_keys
from spotter.core.ledger.slot import Slot
from tests.support.jobs import NOON, minutes
from tests.support.ledger_rows import ending
from tests.support.nightly_lineage import ACT, SHARED, bounded, children, claimed, failing, waiting


def test_claims_that_waited_are_created_no_faster_than_the_cap_allows(new_world):
    world = waiting(new_world(bounded(max_creations_per_hour=1)), 3)
    for created in (1, 1, 2):
        world.now += minutes(31)
        world.sweep()
        assert len(children(world)) == created


def test_the_cap_counts_sixty_minutes_and_not_the_hour_of_the_clock(new_world):
    world = new_world(bounded(max_creations_per_hour=1))
    world.now = NOON + minutes(50)
    failing(world, "nightly-1").pass_time(10, step=5)
    world.now = NOON + minutes(70)
    failing(world, "nightly-2").pass_time(10, step=5)
    world.now = NOON + minutes(109)
    world.sweep()
    assert len(children(world)) == 1
    world.now = NOON + minutes(120)
    world.sweep()
    assert len(children(world)) == 2


def test_what_a_quota_refused_is_no_creation_of_that_hour(new_world):
    world = waiting(new_world(bounded(max_creations_per_hour=1)), 1, 0)
    failing(world, "nightly-1").pass_time(10, step=5)
    assert [name[:12] for name in children(world)] == ["nightly-1-a2"]


@pytest.mark.parametrize("hours", [1, 2])
def test_of_two_lineages_that_waited_with_one_prefix_one_is_resubmitted(new_world, hours):
    world = waiting(new_world(ACT), 2, hours, CheckpointConfig=SHARED)
    for _ in range(3):
        world.sweep()
        world.now += minutes(6)
    assert len(children(world)) == 1


def test_a_living_on_demand_job_keeps_its_checkpoints(new_world):
    world = new_world(ACT)
    limits = {"MaxRuntimeInSeconds": 600}
    on_demand = {"EnableManagedSpotTraining": False, "StoppingCondition": limits}
    world.create("by-hand", CheckpointConfig=SHARED, **on_demand)
    failing(world, "nightly-7", CheckpointConfig=SHARED).pass_time(10, step=5)
    assert children(world) == []
    held = world.ended("nightly-7")
    assert "by-hand is running" in held["held"]
    assert held["blocked_by"] == "by-hand"
    world.now += timedelta(hours=7)
    world.weather = lambda entry: []
    world.pass_time(60, step=10)
    world.sweep()
    assert list(world.ledger.unsettled()) == []


@pytest.mark.parametrize(
    ("more", "created", "step"), [({"CheckpointConfig": SHARED}, 1, 1), ({}, 2, 4)]
)
def test_two_resubmitters_exclude_each_other_at_every_point_and_across_hours(
    new_world, more, created, step
):
    for calls in itertools.count(step=step):
        world = new_world(ACT)
        world.now, world.held = NOON + timedelta(minutes=59, seconds=50), []
        failing(world, "nightly-1", "nightly-2", **more).pass_time(6, step=6)
        one, other = world.held
        world.stream.intruder = (
            calls,
            lambda k=other, t=world: t.run_resubmit(k, now=NOON + minutes(60.1)),
        )
        world.run_resubmit(one)
        if world.stream.intruder:
            assert calls > 8
            return
        assert len(children(world)) == created, f"before call {calls}"


def test_a_claim_over_an_ending_that_was_settled_meanwhile_leaves_nothing(new_world):
    ledger = new_world().ledger
    ended = ending()
    slot = Slot(1, NOON, ended.attempt.next, "child")
    ledger.put_new(ended)
    ledger.replace(ended, replace(ended, settled="refuse"))
    with pytest.raises(Conflict):
        ledger.claim([slot], ended, replace(ended, settled="resubmit"))
    assert list(ledger.newest_first(row_keys.CREATIONS, page=9)) == []


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "CreateTrainingJob")


@pytest.mark.parametrize(
    "error",
    [refusal("ValidationException"), refusal("ResourceNotFound"), ParamValidationError(report="x")],
)
def test_a_request_that_is_refused_for_good_is_abandoned_and_holds_no_prefix(new_world, error):
    world = failing(new_world(ACT), "nightly-1", CheckpointConfig=SHARED)
    world.refuse("create_training_job", error)
    world.pass_time(10, step=5)
    assert claimed(world)["state"] == "abandoned"
    failing(world, "nightly-2", CheckpointConfig=SHARED).pass_time(10, step=5)
    assert [name[:12] for name in children(world)] == ["nightly-2-a2"]


def test_after_conflict_upon_conflict_the_rest_is_left_to_the_sweep_without_an_error(new_world):
    world = failing(new_world(ACT), "nightly-7")
    real, tries = world.stream.transact_write_items, []

    def conflict(**request):
        tries.append(request)
        raise refusal("TransactionCanceledException")

    world.stream.transact_write_items = conflict
    world.pass_time(10, step=5)
    assert (len(tries), children(world)) == (3, [])
    world.stream.transact_write_items = real
    world.now += minutes(2)
    world.sweep()
    assert len(children(world)) == 1
