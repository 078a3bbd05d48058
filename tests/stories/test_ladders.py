"""Each attempt runs on the capacity option that the policy gives it, made from the first attempt's request."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from laptop.simulated_sagemaker.spot_market import LAUNCH, Script, Step
from spotter.core.model.endings import Ending
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import CircuitBreakerPolicy, Policy
from tests.support.jobs import minutes
from tests.support.nightly_lineage import ACT, NIGHTLY, NO_CAPACITY, children, claimed, failing
from tests.support.spotter_in_one_process import SpotterInOneProcess

OUT_OF_RUNTIME = {"MaxRuntimeInSeconds": 90, "MaxWaitTimeInSeconds": 6000}
FOREVER = {"steps": "9999", "step_seconds": "1", "checkpoint_every": "5"}


def ruled(*ladder: str, **rule: Any) -> Policy:
    options = tuple(map(CapacityOption.parse, ladder))
    return replace(ACT, rules=(replace(NIGHTLY, capacity=options, **rule),))


def shown(world: SpotterInOneProcess, name: str) -> dict[str, Any]:
    return world.sagemaker.describe_training_job(TrainingJobName=name)


def test_a_capacity_option_says_the_same_whatever_capacity_options_came_before_it(new_world):
    larger = "spot ml.g5.4xlarge instances=2 volume=99 max_wait=3h"
    world = failing(
        new_world(ruled(larger, "spot", "on-demand", max_attempts=4)), "nightly-7", then=NO_CAPACITY
    )
    world.pass_time(60, step=5)
    first, second, third, fourth = (shown(world, name) for name in world.attempts())
    assert second["ResourceConfig"] == {
        "InstanceType": "ml.g5.4xlarge",
        "InstanceCount": 2,
        "VolumeSizeInGB": 99,
    }
    assert second["StoppingCondition"]["MaxWaitTimeInSeconds"] == 3 * 3600
    assert third["ResourceConfig"] == first["ResourceConfig"]
    assert third["StoppingCondition"] == first["StoppingCondition"]
    assert fourth["ResourceConfig"] == first["ResourceConfig"]
    assert "MaxWaitTimeInSeconds" not in fourth["StoppingCondition"]
    assert [world.heads()[name].spot for name in world.attempts()] == [True, True, True, False]


def test_an_on_demand_list_is_sagemakers_own_preferences(new_world):
    rule = ruled("on-demand ml.g5.2xlarge ml.g5.4xlarge", max_attempts=3)
    world = failing(new_world(rule), "nightly-7", then=NO_CAPACITY)
    world.pass_time(60, step=5)
    for name in world.attempts()[1:]:
        resources = shown(world, name)["ResourceConfig"]
        kinds = [one["InstanceType"] for one in resources["InstancePreferences"]]
        assert kinds == ["ml.g5.2xlarge", "ml.g5.4xlarge"]
        assert "MaxWaitTimeInSeconds" not in shown(world, name)["StoppingCondition"]
    assert len(world.attempts()) == 3


def test_the_next_attempt_may_train_what_is_left_of_the_owners_total(new_world):
    total = ruled(on=(Ending.OUT_OF_RUNTIME,), max_total_runtime=minutes(4.4), max_attempts=9)
    world = new_world(total)
    world.create("nightly-7", StoppingCondition=OUT_OF_RUNTIME, HyperParameters=FOREVER)
    world.pass_time(400, step=2)
    limits = [shown(world, n)["StoppingCondition"]["MaxRuntimeInSeconds"] for n in world.attempts()]
    assert limits[:2] == [90, 90]
    assert limits[2] < 90
    assert len(limits) == 3
    assert "max_total_runtime" in world.ended(world.attempts()[2])["reason"]
    trained = sum((world.heads()[n].trained for n in world.attempts()), timedelta())
    assert trained <= minutes(4.5)


def test_what_the_lineage_can_cost_is_written_down_before_each_creation(new_world):
    prices = replace(ACT.resubmission, prices={"ml.g5.xlarge": 2.0}, max_spend=10.0)
    world = new_world(replace(ACT, resubmission=prices))
    seen = []
    real = world.sagemaker.create_training_job

    def create(**request: Any) -> Any:
        if "-a" in request["TrainingJobName"]:
            row = claimed(world, len(seen) + 2)
            seen.append((row["instance_hours"], row["money"], row["state"]))
        return real(**request)

    world.sagemaker.create_training_job = create
    failing(world, "nightly-7", then=NO_CAPACITY).pass_time(60, step=5)
    assert seen == [("3.33", "6.67", "creating"), ("5.00", "10.00", "creating")]


def test_a_lineage_that_could_cost_too_much_is_not_carried_on(new_world):
    world = new_world(replace(ACT, resubmission=replace(ACT.resubmission, max_instance_hours=4)))
    failing(world, "nightly-7", then=NO_CAPACITY).pass_time(60, step=5)
    assert len(world.attempts()) == 2
    assert "max_instance_hours is 4" in world.ended(world.attempts()[1])["reason"]


def test_spot_is_left_alone_on_a_type_that_was_short_in_the_whole_account(new_world):
    breaker = CircuitBreakerPolicy(count=4, within=minutes(60), open_for=minutes(30))
    bounds = replace(ACT.resubmission, circuit_breaker=breaker)
    ladder = tuple(map(CapacityOption.parse, ["spot", "spot ml.g5.4xlarge", "on-demand"]))
    world = new_world(replace(ACT, resubmission=bounds, rules=(replace(NIGHTLY, capacity=ladder),)))
    world.script(
        "other-*", Script(steps=(*LAUNCH, *[Step("Training", 1), Step("Interrupted", 1)] * 3))
    )
    world.create(
        "other-1", StoppingCondition={"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
    )
    world.pass_time(20)
    failing(world, "nightly-7").pass_time(10, step=5)
    (child,) = children(world)
    assert shown(world, child)["ResourceConfig"]["InstanceType"] == "ml.g5.4xlarge"
    assert "spot is not used on" in world.ended("nightly-7")["reason"]
    world.now += minutes(80)
    failing(world, "nightly-8").pass_time(10, step=5)
    assert shown(world, children(world)[1])["ResourceConfig"]["InstanceType"] == "ml.g5.xlarge"


def test_spot_is_left_alone_for_the_whole_pause_however_short_the_time_it_was_short_in(new_world):
    breaker = CircuitBreakerPolicy(count=2, within=minutes(5), open_for=minutes(60))
    bounds = replace(ACT.resubmission, circuit_breaker=breaker)
    world = new_world(replace(ACT, resubmission=bounds, rules=ruled("spot", "on-demand").rules))
    world.script("other-*", NO_CAPACITY)
    for name in ("other-1", "other-2"):
        world.create(name)
    world.pass_time(10, step=5)
    world.now += minutes(50)
    failing(world, "nightly-7").pass_time(10, step=5)
    (child,) = children(world)
    assert world.heads()[child].spot is False


@pytest.mark.parametrize("deleted", [False, True])
def test_a_rule_for_an_instance_type_holds_for_all_attempts_of_a_lineage(new_world, deleted):
    rule = ruled(
        "spot ml.g5.4xlarge", name=None, instance_types=("ml.g5.xlarge",), max_attempts=3
    ).rules
    world = new_world(replace(ACT, rules=(*rule, replace(NIGHTLY, max_attempts=9))))
    failing(world, "nightly-7", then=NO_CAPACITY)
    world.pass_time(5, step=5)
    if deleted:
        world.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    world.pass_time(60, step=5)
    assert len(children(world)) == 2
    assert {world.ended(name)["rule"] for name in world.attempts()} == {"ml.g5.xlarge"}


def test_with_the_first_attempt_deleted_the_next_is_made_from_the_last(new_world):
    world = failing(new_world(ruled("spot", max_attempts=3)), "nightly-7")
    world.pass_time(10, step=5)
    world.script("nightly-*-a*", NO_CAPACITY)
    world.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    (second,) = children(world)
    world.sagemaker.stop_training_job(TrainingJobName=second)
    world.pass_time(5)
    assert "stopped by a person" in world.ended(second)["reason"]


def test_a_lineage_whose_first_attempt_is_gone_goes_on_from_its_last(new_world):
    world = failing(new_world(ruled("spot", max_attempts=3)), "nightly-7", then=NO_CAPACITY)
    world.held = []
    world.pass_time(5, step=5)
    world.run_resubmit(*world.held)
    world.held = []
    world.pass_time(10, step=5)
    world.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    world.run_resubmit(*world.held)
    assert len(children(world)) == 2
