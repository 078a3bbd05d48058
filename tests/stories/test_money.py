"""Nothing is created that was not allowed, and nothing twice, whoever comes in between."""

import itertools
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from spotter.core import rows
from spotter.shell.ledger import Outrun
from tests.nightly import (
    ACT,
    SHARED,
    bounded,
    children,
    claimed,
    failing,
    waiting,
)
from tests.telling import NOON, minutes


def test_claims_that_waited_are_created_no_faster_than_the_cap_allows(world):
    told = waiting(world(bounded(creations_per_hour=1)), 3)
    for created in (1, 1, 2):
        told.now += minutes(31)
        told.sweep()
        assert len(children(told)) == created


def test_the_cap_counts_sixty_minutes_and_not_the_hour_of_the_clock(world):
    told = world(bounded(creations_per_hour=1))
    told.now = NOON + minutes(50)
    failing(told, "nightly-1").pass_time(10, step=5)
    told.now = NOON + minutes(70)
    failing(told, "nightly-2").pass_time(10, step=5)
    told.now = NOON + minutes(109)
    told.sweep()
    assert len(children(told)) == 1
    told.now = NOON + minutes(120)
    told.sweep()
    assert len(children(told)) == 2


def test_what_a_quota_refused_is_no_creation_of_that_hour(world):
    told = waiting(world(bounded(creations_per_hour=1)), 1, 0)
    failing(told, "nightly-1").pass_time(10, step=5)
    assert [name[:12] for name in children(told)] == ["nightly-1-a2"]


@pytest.mark.parametrize("hours", [1, 2])
def test_of_two_lineages_that_waited_with_one_prefix_one_is_carried_on(world, hours):
    told = waiting(world(ACT), 2, hours, CheckpointConfig=SHARED)
    for _ in range(3):
        told.sweep()
        told.now += minutes(6)
    assert len(children(told)) == 1


def test_a_living_on_demand_job_keeps_its_checkpoints(world):
    told = world(ACT)
    limits = {"MaxRuntimeInSeconds": 600}
    on_demand = {"EnableManagedSpotTraining": False, "StoppingCondition": limits}
    told.create("by-hand", CheckpointConfig=SHARED, **on_demand)
    failing(told, "nightly-7", CheckpointConfig=SHARED).pass_time(10, step=5)
    assert children(told) == []
    held = told.ended("nightly-7")
    assert "by-hand is alive" in held["held"]
    assert held["blocked_by"] == "by-hand"
    told.now += timedelta(hours=7)
    told.weather = lambda entry: []
    told.pass_time(60, step=10)
    told.sweep()
    assert list(told.ledger.open()) == []


@pytest.mark.parametrize(
    ("more", "created", "step"), [({"CheckpointConfig": SHARED}, 1, 1), ({}, 2, 4)]
)
def test_two_resubmitters_exclude_each_other_at_every_point_and_across_hours(
    world, more, created, step
):
    for calls in itertools.count(step=step):
        told = world(ACT)
        told.now, told.held = NOON + timedelta(minutes=59, seconds=50), []
        failing(told, "nightly-1", "nightly-2", **more).pass_time(6, step=6)
        one, other = told.held
        told.stream.intruder = (
            calls,
            lambda k=other, t=told: t.carry_on(k, now=NOON + minutes(60.1)),
        )
        told.carry_on(one)
        if told.stream.intruder:
            assert calls > 8
            return
        assert len(children(told)) == created, f"before call {calls}"


def test_a_claim_over_an_ending_that_was_settled_meanwhile_leaves_nothing(world):
    ledger = world().ledger
    ended = {rows.PK: "LINEAGE#x", rows.SK: "ENDED#001"}
    slot = {rows.PK: rows.CREATIONS, rows.SK: rows.slot_sk(1)}
    ledger.put_new(ended)
    ledger.replace(ended, ended | {"settled": "refuse"})
    with pytest.raises(Outrun):
        ledger.claim([slot], ended, ended | {"settled": "carry on"})
    assert ledger.get(slot[rows.PK], slot[rows.SK]) is None


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "CreateTrainingJob")


@pytest.mark.parametrize(
    "error",
    [refusal("ValidationException"), refusal("ResourceNotFound"), ParamValidationError(report="x")],
)
def test_a_request_that_will_never_be_taken_is_given_up_and_holds_no_prefix(world, error):
    told = failing(world(ACT), "nightly-1", CheckpointConfig=SHARED)
    told.refuse("create_training_job", error)
    told.pass_time(10, step=5)
    assert claimed(told)["state"] == "abandoned"
    failing(told, "nightly-2", CheckpointConfig=SHARED).pass_time(10, step=5)
    assert [name[:12] for name in children(told)] == ["nightly-2-a2"]


def test_who_is_outrun_again_and_again_leaves_it_to_the_sweep_without_an_error(world):
    told = failing(world(ACT), "nightly-7")
    real, tries = told.stream.transact_write_items, []

    def outrun(**asked):
        tries.append(asked)
        raise refusal("TransactionCanceledException")

    told.stream.transact_write_items = outrun
    told.pass_time(10, step=5)
    assert (len(tries), children(told)) == (3, [])
    told.stream.transact_write_items = real
    told.now += minutes(2)
    told.sweep()
    assert len(children(told)) == 1
