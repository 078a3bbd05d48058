"""What a random fleet with a deadline is made of: its rule, its jobs, and how they go."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from laptop.simulated_sagemaker.spot_market import LAUNCH, Script, Step
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Policy
from tests.support import adversarial_histories as adversarial

TAG = {"Key": "team", "Value": "vision"}
LADDERS = (
    ("spot", "on-demand"),
    ("spot", "spot ml.g5.4xlarge", "on-demand"),
    ("spot", "spot ml.g5.4xlarge max_wait=1h", "spot ml.g5.2xlarge", "on-demand ml.g5.2xlarge"),
)
WAITS = Script(steps=(Step("Starting"),), stopping=60.0)
"""No capacity: it waits until it is stopped."""
WAITS_AGAIN = Script(
    steps=(*LAUNCH, Step("Training", 30), Step("Interrupted", 20), Step("Starting")), stopping=40.0
)
TRAINS_ON = Script(steps=(*LAUNCH, Step("Training")), stopping=60.0)
LONG = {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 10_000}


def with_deadline(policy: Policy, chance: random.Random) -> Policy:
    """The same policy, whose rule has a deadline and wants a tag that most jobs of the fleet have."""
    minutes = timedelta(minutes=1)
    options = tuple(map(CapacityOption.parse, chance.choice(LADDERS)))
    (rule,) = policy.rules
    timely = replace(
        rule,
        tags={TAG["Key"]: TAG["Value"]},
        capacity=options,
        max_attempts=max(rule.max_attempts, len(options) + 1),
        finish_by=FinishBy(after=chance.choice([20, 40, 60, 120]) * minutes),
        needs=chance.choice([None, 2 * minutes, 10 * minutes]),
        patience=chance.choice([2, 5, 30]) * minutes,
        patience_from=chance.choice([1, 2]),
        margin=chance.choice([0, 5]) * minutes,
        asks=chance.choice([1, 3, 20]),
    )
    bounds = replace(
        policy.resubmission,
        max_creations_per_hour=chance.choice([2, 20, 20]),
        max_instance_hours=chance.choice([5, 1000, 1000]),
    )
    return replace(policy, resubmission=bounds, rules=(timely,))


def script(chance: random.Random) -> Script:
    """Most of them give the deadline something to do."""
    lives = (WAITS, WAITS_AGAIN, TRAINS_ON, replace(TRAINS_ON, completes=True))
    return chance.choice(lives) if chance.random() < 0.6 else adversarial.script(chance)


def job(chance: random.Random, number: int) -> dict[str, Any]:
    """A job of which four in five are under the rule, and most have time enough to wait for long."""
    one = adversarial.job(chance, number)
    if chance.random() < 0.8:
        one["Tags"] = [*one["Tags"], TAG]
    if chance.random() < 0.7:
        one["StoppingCondition"] = LONG
    return one
