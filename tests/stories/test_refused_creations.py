"""What SageMaker answers to a creation is kept, says what can be done, and decides what comes next."""

from dataclasses import replace
from datetime import timedelta

import pytest

from laptop.market.refusals import refusal
from laptop.market.spot import Script, Step
from spotter.core import rows
from spotter.core.refusals import Cause, Refusal
from spotter.core.rungs import Rung
from tests.nightly import (
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
    rungs = tuple(map(Rung.parse, words))
    return replace(bounded(**bounds), rules=(replace(NIGHTLY, ladder=rungs),))


def refuses(told, code, message, when=lambda asked: True, times=10**6):
    """SageMaker refuses Spotter's creations so often, `when` it does."""
    real, seen = told.sagemaker.create_training_job, []

    def create(**asked):
        if "-a2-" in asked["TrainingJobName"] and when(asked):
            seen.append(asked)
            if len(seen) <= times:
                raise refusal("CreateTrainingJob", code, message)
        return real(**asked)

    told.sagemaker.create_training_job = create
    return seen


def swept(told, times, minutes=5):
    for _ in range(times):
        told.pass_time(60 * minutes, step=60)
        told.sweep()
    return told


def spot(asked):
    return bool(asked.get("EnableManagedSpotTraining"))


def test_a_type_that_is_not_in_the_region_gives_way_to_the_next_rung_at_once(world):
    told = world(ladder("spot ml.p2.xlarge", "spot ml.g5.2xlarge"))
    p2 = lambda asked: asked["ResourceConfig"].get("InstanceType") == "ml.p2.xlarge"  # noqa: E731
    seen = refuses(told, "ResourceLimitExceeded", NOT_HERE, when=p2)
    out_of_wait(told)
    assert len(seen) == 1
    assert len(told.attempts()) == 2
    row = claimed(told)
    assert (row["state"], row["rung"]) == ("started", "spot ml.g5.2xlarge")
    (barred,) = row["barred"]
    assert (barred["rung"], barred["kind"]) == ("spot ml.p2.xlarge", Cause.NOT_HERE)
    slots = [r for r in told.rows() if r[rows.SK].startswith("SLOT#")]
    assert [("returned" in slot) for slot in slots] == [True, False]


def test_a_quota_of_zero_everywhere_is_refused_and_not_held(world):
    told = out_of_wait_with(world(ACT), "ResourceLimitExceeded", over(0))
    row = claimed(told)
    assert row["state"] == "abandoned"
    assert rows.OPEN_PK not in row
    assert f"the quota '{SPOT_QUOTA}' is 0" in row["reason"]
    assert f"'{SPOT_QUOTA}' in Service Quotas" in Refusal.read(row["refusal"]).remedy
    assert told.alerts("nightly-7")


def out_of_wait_with(told, code, message, **more):
    refuses(told, code, message, **more)
    return out_of_wait(told)


def test_on_demand_taken_early_says_so_and_what_it_can_cost(world):
    prices = {"ml.g5.xlarge": 60.0}
    told = out_of_wait_with(
        world(bounded(prices=prices)), "ResourceLimitExceeded", over(0), when=spot
    )
    row = claimed(told)
    assert (row["state"], row["rung"], row["early"]) == ("started", "on-demand", True)
    assert row["attempt_money"] == "1.00"  # a minute of MaxRuntime at 60 an hour


def test_a_rung_taken_early_is_checked_against_max_spend(world):
    policy = ladder(
        "spot ml.g5.large", "on-demand ml.g5.48xlarge",
        prices={"ml.g5.xlarge": 1.0, "ml.g5.large": 1.0, "ml.g5.48xlarge": 900.0}, max_spend=10.0,
    )  # fmt: skip
    told = out_of_wait_with(world(policy), "ResourceLimitExceeded", over(0), when=spot)
    assert told.attempts() == ["nightly-7"]
    assert "max_spend" in claimed(told)["reason"]
    assert Refusal.read(claimed(told)["refusal"]).quota == SPOT_QUOTA


def test_the_switch_is_read_before_each_rung(world):
    told = world(ACT)

    def then_off(asked):
        told.switch = "off"
        return spot(asked)

    out_of_wait_with(told, "ResourceLimitExceeded", over(0), when=then_off)
    assert told.attempts() == ["nightly-7"]
    assert claimed(told)["state"] == "waiting"


def test_a_quota_in_use_waits_and_after_max_age_its_reason_is_still_there(world):
    told = world(ACT)
    seen = refuses(told, "ResourceLimitExceeded", over(4))
    out_of_wait(told)
    assert claimed(told)["state"] == "waiting"
    assert Refusal.read(claimed(told)["refusal"]).limit == 4
    told.now += timedelta(hours=7)
    told.sweep()
    row = claimed(told)
    assert row["state"] == "abandoned"
    assert "waited until max_age" in row["reason"]
    assert SPOT_QUOTA in row["reason"]
    assert len(seen) == 1


@pytest.mark.parametrize(("times", "state"), [(1, "started"), (3, "started"), (4, "abandoned")])
def test_an_access_denied_is_tried_again_a_few_times(world, times, state):
    told = world(ACT)
    seen = refuses(told, "AccessDeniedException", DENIED, times=times)
    swept(out_of_wait(told), 6, minutes=6)
    assert claimed(told)["state"] == state
    assert len(seen) == min(times + 1, 4)


def test_what_is_denied_names_the_action(world):
    told = out_of_wait_with(world(ACT), "AccessDeniedException", DENIED)
    assert "sagemaker:CreateTrainingJob on a training-job is not allowed" in claimed(told)["reason"]


def test_a_rung_with_several_types_that_is_denied_is_tried_with_the_first_alone(world):
    told = world(ladder("on-demand ml.g5.2xlarge ml.g5.4xlarge instances=2"))
    several = lambda asked: "InstancePreferences" in asked["ResourceConfig"]  # noqa: E731
    seen = refuses(told, "AccessDeniedException", DENIED, when=several)
    out_of_wait(told)
    assert len(seen) == 1
    _, second = told.attempts()
    shown = told.sagemaker.describe_training_job(TrainingJobName=second)
    assert shown["ResourceConfig"]["InstanceType"] == "ml.g5.2xlarge"
    assert shown["ResourceConfig"]["InstanceCount"] == 2
    assert claimed(told)["rung"] == "on-demand ml.g5.2xlarge instances=2"


def test_a_job_on_the_same_checkpoints_is_waited_for_and_named(world):
    told = world(ACT)
    told.script("small", Script(steps=(Step("Starting", 600),)))
    told.create("small", CheckpointConfig={"S3Uri": "s3://ml-checkpoints"}, HyperParameters={})
    out_of_wait(told)
    held = told.ended("nightly-7")
    assert held["blocked_by"] == "small"
    assert "settled" not in held
    told.sagemaker.stop_training_job(TrainingJobName="small")
    swept(told, 3)
    assert len(told.attempts()) == 3
    assert "blocked_by" not in told.ended("nightly-7")


def test_a_blocker_that_outlasts_max_age_is_in_the_final_reason(world):
    told = world(ACT)
    told.script("small", Script(steps=(Step("Starting", 10**6),)))
    limits = {"MaxRuntimeInSeconds": 10**6, "MaxWaitTimeInSeconds": 10**6}
    told.create(
        "small", CheckpointConfig={"S3Uri": "s3://ml-checkpoints"}, StoppingCondition=limits
    )
    out_of_wait(told)
    told.now += timedelta(hours=7)
    told.sweep()
    row = told.ended("nightly-7")
    assert row["settled"] == "refuse"
    assert "small is alive" in row["reason"]
    assert row["blocked_by"] == "small"


def test_two_creations_are_more_than_sixty_minutes_apart_whatever_the_clocks(world):
    told = world(bounded(creations_per_hour=1))
    failing(told, "nightly-1", then=STILL_THERE)
    told.pass_time(10)
    failing(told, "nightly-2", then=STILL_THERE)
    told.pass_time(10)
    assert len(children(told)) == 1
    for seconds in (3559, 3600, 3661):
        told.now = claimed_at(told) + timedelta(seconds=seconds)
        told.sweep()
        assert len(children(told)) == 1, seconds
    told.now = claimed_at(told) + timedelta(seconds=4000)
    told.sweep()
    assert len(children(told)) == 2


def claimed_at(told):
    slots = [r for r in told.rows() if r[rows.SK].startswith("SLOT#")]
    return told.now.fromisoformat(slots[0]["claimed"])


def test_a_living_job_that_shares_is_waited_for_on_demand_too(world):
    """Whoever writes to the prefix: what it runs on is no matter."""
    told = world(ladder("on-demand"))
    limits = {"MaxRuntimeInSeconds": 6000}
    told.script("other", Script(steps=(Step("Starting", 5), Step("Training", 5000))))
    told.under(replace(told.policy, scope="all"))
    told.create(
        "other",
        HyperParameters={},
        EnableManagedSpotTraining=False,
        CheckpointConfig=SHARED,
        StoppingCondition=limits,
    )
    out_of_wait(told, CheckpointConfig=SHARED)
    assert told.ended("nightly-7")["blocked_by"] == "other"
