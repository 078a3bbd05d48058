"""SageMaker's answer to a creation is kept, names the remedy, and decides what comes next."""

from dataclasses import replace
from datetime import timedelta

import pytest

from laptop.simulated_sagemaker.errors import refusal
from laptop.simulated_sagemaker.spot_market import Script, Step
from spotter.core.ledger import row_keys
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.resubmit.refusals import Cause, Refusal
from tests.support.nightly_lineage import (
    ACT,
    NIGHTLY,
    SHARED,
    STILL_THERE,
    bounded,
    children,
    claimed,
    failing,
    out_of_wait,
)

SPOT_QUOTA = "ml.g5.xlarge for spot training job usage"


def over(limit: int) -> str:
    return (
        f"The account-level service limit '{SPOT_QUOTA}' is {limit} Instances, with current utilization "
        f"of {limit} Instances and a request delta of 1 Instances. Please use AWS Service Quotas to "
        "request an increase for this quota."
    )


DENIED = (
    "User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized to perform: "
    "sagemaker:CreateTrainingJob on resource: arn:aws:sagemaker:us-east-1:111122223333:training-job/z "
    "because no identity-based policy allows the sagemaker:CreateTrainingJob action"
)
NOT_HERE = "The requested resource training-job/ml.p2.xlarge is not available in this region"


def ladder(*words, **bounds):
    options = tuple(map(CapacityOption.parse, words))
    return replace(bounded(**bounds), rules=(replace(NIGHTLY, capacity=options),))


def refuses(world, code, message, when=lambda request: True, times=10**6):
    """SageMaker refuses Spotter's creations so often, `when` it does."""
    real, seen = world.sagemaker.create_training_job, []

    def create(**request):
        if "-a2-" in request["TrainingJobName"] and when(request):
            seen.append(request)
            if len(seen) <= times:
                raise refusal("CreateTrainingJob", code, message)
        return real(**request)

    world.sagemaker.create_training_job = create
    return seen


def swept(world, times, minutes=5):
    for _ in range(times):
        world.pass_time(60 * minutes, step=60)
        world.sweep()
    return world


def spot(request):
    return bool(request.get("EnableManagedSpotTraining"))


def test_a_type_that_is_not_in_the_region_gives_way_to_the_next_capacity_option_at_once(new_world):
    world = new_world(ladder("spot ml.p2.xlarge", "spot ml.g5.2xlarge"))
    p2 = lambda request: request["ResourceConfig"].get("InstanceType") == "ml.p2.xlarge"  # noqa: E731
    seen = refuses(world, "ResourceLimitExceeded", NOT_HERE, when=p2)
    out_of_wait(world)
    assert len(seen) == 1
    assert len(world.attempts()) == 2
    row = claimed(world)
    assert (row["state"], row["rung"]) == ("started", "spot ml.g5.2xlarge")
    (barred,) = row["barred"]
    assert (barred["rung"], barred["kind"]) == ("spot ml.p2.xlarge", Cause.NOT_HERE)
    slots = [r for r in world.rows() if r[row_keys.SK].startswith("SLOT#")]
    assert [("returned" in slot) for slot in slots] == [True, False]


@pytest.mark.shows("quotas", "a quota of zero")
def test_a_quota_of_zero_everywhere_is_refused_and_not_held(new_world):
    world = out_of_wait_with(new_world(ACT), "ResourceLimitExceeded", over(0))
    row = claimed(world)
    assert row["state"] == "abandoned"
    assert row_keys.OPEN_PK not in row
    assert f"the quota '{SPOT_QUOTA}' is 0" in row["reason"]
    assert f"'{SPOT_QUOTA}' in Service Quotas" in Refusal.read(row["refusal"]).remedy
    assert world.alerts("nightly-7")


def out_of_wait_with(world, code, message, **more):
    refuses(world, code, message, **more)
    return out_of_wait(world)


def test_on_demand_taken_early_says_so_and_what_it_can_cost(new_world):
    prices = {"ml.g5.xlarge": 60.0}
    world = out_of_wait_with(
        new_world(bounded(prices=prices)), "ResourceLimitExceeded", over(0), when=spot
    )
    row = claimed(world)
    assert (row["state"], row["rung"], row["early"]) == ("started", "on-demand", True)
    assert row["attempt_money"] == "1.00"  # a minute of MaxRuntime at 60 an hour


def test_a_capacity_option_taken_early_is_checked_against_max_spend(new_world):
    policy = ladder(
        "spot ml.g5.large", "on-demand ml.g5.48xlarge",
        prices={"ml.g5.xlarge": 1.0, "ml.g5.large": 1.0, "ml.g5.48xlarge": 900.0}, max_spend=10.0,
    )  # fmt: skip
    world = out_of_wait_with(new_world(policy), "ResourceLimitExceeded", over(0), when=spot)
    assert world.attempts() == ["nightly-7"]
    assert "max_spend" in claimed(world)["reason"]
    assert Refusal.read(claimed(world)["refusal"]).quota == SPOT_QUOTA


def test_the_switch_is_read_before_each_capacity_option(new_world):
    world = new_world(ACT)

    def then_off(request):
        world.switch = "off"
        return spot(request)

    out_of_wait_with(world, "ResourceLimitExceeded", over(0), when=then_off)
    assert world.attempts() == ["nightly-7"]
    assert claimed(world)["state"] == "waiting"


@pytest.mark.shows("quotas", "a quota that stays in use until max_age")
def test_a_quota_in_use_waits_and_after_max_age_its_reason_is_still_there(new_world):
    world = new_world(ACT)
    seen = refuses(world, "ResourceLimitExceeded", over(4))
    out_of_wait(world)
    assert claimed(world)["state"] == "waiting"
    assert Refusal.read(claimed(world)["refusal"]).limit == 4
    world.now += timedelta(hours=7)
    world.sweep()
    row = claimed(world)
    assert row["state"] == "abandoned"
    assert "waited until max_age" in row["reason"]
    assert SPOT_QUOTA in row["reason"]
    assert len(seen) == 1


@pytest.mark.parametrize(("times", "state"), [(1, "started"), (3, "started"), (4, "abandoned")])
def test_an_access_denied_is_tried_again_a_few_times(new_world, times, state):
    world = new_world(ACT)
    seen = refuses(world, "AccessDeniedException", DENIED, times=times)
    swept(out_of_wait(world), 6, minutes=6)
    assert claimed(world)["state"] == state
    assert len(seen) == min(times + 1, 4)


def test_what_is_denied_names_the_action(new_world):
    world = out_of_wait_with(new_world(ACT), "AccessDeniedException", DENIED)
    assert (
        "sagemaker:CreateTrainingJob on a training-job is not allowed" in claimed(world)["reason"]
    )


def test_a_capacity_option_with_several_types_that_is_denied_is_tried_with_the_first_alone(
    new_world,
):
    world = new_world(ladder("on-demand ml.g5.2xlarge ml.g5.4xlarge instances=2"))
    several = lambda request: "InstancePreferences" in request["ResourceConfig"]  # noqa: E731
    seen = refuses(world, "AccessDeniedException", DENIED, when=several)
    out_of_wait(world)
    assert len(seen) == 1
    _, second = world.attempts()
    shown = world.sagemaker.describe_training_job(TrainingJobName=second)
    assert shown["ResourceConfig"]["InstanceType"] == "ml.g5.2xlarge"
    assert shown["ResourceConfig"]["InstanceCount"] == 2
    assert claimed(world)["rung"] == "on-demand ml.g5.2xlarge instances=2"


def test_a_job_on_the_same_checkpoints_is_waited_for_and_named(new_world):
    world = new_world(ACT)
    world.script("small", Script(steps=(Step("Starting", 600),)))
    world.create("small", CheckpointConfig={"S3Uri": "s3://ml-checkpoints"}, HyperParameters={})
    out_of_wait(world)
    held = world.ended("nightly-7")
    assert held["blocked_by"] == "small"
    assert "settled" not in held
    world.sagemaker.stop_training_job(TrainingJobName="small")
    swept(world, 3)
    assert len(world.attempts()) == 3
    assert "blocked_by" not in world.ended("nightly-7")


def test_a_blocker_that_outlasts_max_age_is_in_the_final_reason(new_world):
    world = new_world(ACT)
    world.script("small", Script(steps=(Step("Starting", 10**6),)))
    limits = {"MaxRuntimeInSeconds": 10**6, "MaxWaitTimeInSeconds": 10**6}
    world.create(
        "small", CheckpointConfig={"S3Uri": "s3://ml-checkpoints"}, StoppingCondition=limits
    )
    out_of_wait(world)
    world.now += timedelta(hours=7)
    world.sweep()
    row = world.ended("nightly-7")
    assert row["settled"] == "refuse"
    assert "small is running" in row["reason"]
    assert row["blocked_by"] == "small"


@pytest.mark.shows("clocks", "functions whose clocks differ, at the cap of creations an hour")
def test_two_creations_are_more_than_sixty_minutes_apart_whatever_the_clocks(new_world):
    world = new_world(bounded(max_creations_per_hour=1))
    failing(world, "nightly-1", then=STILL_THERE)
    world.pass_time(10)
    failing(world, "nightly-2", then=STILL_THERE)
    world.pass_time(10)
    assert len(children(world)) == 1
    for seconds in (3559, 3600, 3661):
        world.now = claimed_at(world) + timedelta(seconds=seconds)
        world.sweep()
        assert len(children(world)) == 1, seconds
    world.now = claimed_at(world) + timedelta(seconds=4000)
    world.sweep()
    assert len(children(world)) == 2


def claimed_at(world):
    slots = [r for r in world.rows() if r[row_keys.SK].startswith("SLOT#")]
    return world.now.fromisoformat(slots[0]["claimed"])


def test_a_living_job_that_shares_is_waited_for_on_demand_too(new_world):
    """Whoever writes to the prefix: what it runs on is no matter."""
    world = new_world(ladder("on-demand"))
    limits = {"MaxRuntimeInSeconds": 6000}
    world.script("other", Script(steps=(Step("Starting", 5), Step("Training", 5000))))
    world.under(replace(world.policy, scope="all"))
    world.create(
        "other",
        HyperParameters={},
        EnableManagedSpotTraining=False,
        CheckpointConfig=SHARED,
        StoppingCondition=limits,
    )
    out_of_wait(world, CheckpointConfig=SHARED)
    assert world.ended("nightly-7")["blocked_by"] == "other"
