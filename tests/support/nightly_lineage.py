"""The lineage that most stories tell: nightly-7, what its owner allows, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from laptop.simulated_sagemaker.spot_market import LAUNCH, UNINTERRUPTED, Script, Step
from spotter.core.ledger import row_keys
from spotter.core.model.endings import Ending
from spotter.core.policy.model import Mode, Policy, ResubmissionPolicy, Rule
from tests.support.jobs import BUCKET, ROLE
from tests.support.spotter_in_one_process import SpotterInOneProcess

BOUNDS = ResubmissionPolicy(mode=Mode.ACT, roles=(ROLE,))
NIGHTLY = Rule(
    name="nightly-*",
    on=(Ending.OUT_OF_WAIT, Ending.NEVER_LAUNCHED, Ending.CAPACITY),
    max_attempts=3,
)
ACT = Policy(checkpoint_locations=(f"{BUCKET}/*",), resubmission=BOUNDS, rules=(NIGHTLY,))
LIMITS = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
PATIENT = {"MaxRuntimeInSeconds": 6000, "MaxWaitTimeInSeconds": 6000}
SHARED = {"S3Uri": f"{BUCKET}/shared/"}
QUOTA = "ml.g5.xlarge for spot training job usage"


class UsedUpQuota(int):
    """A quota of one instance of which nothing is left: jobs that are not in this account's list hold it."""

    def __format__(self, spec: str) -> str:
        return "1"


IN_USE = UsedUpQuota(0)

NO_CAPACITY = Script(steps=(Step("Starting", 5),), failure="CapacityError: none")
"""It fails five seconds after its creation, and has lost nothing."""
STILL_THERE = Script(steps=(Step("Starting", 3000),))
"""It runs for longer than any story lasts."""
OUT_OF_WAIT_AT_12 = Script(steps=(*LAUNCH, Step("Training", 12), Step("Interrupted")))


def bounded(**bounds: Any) -> Policy:
    return replace(ACT, resubmission=replace(BOUNDS, **bounds))


def failing(
    world: SpotterInOneProcess, *names: str, then: Script = STILL_THERE, **more: Any
) -> SpotterInOneProcess:
    """Jobs of these names are created, and will fail for want of capacity; `then` comes after."""
    world.script("nightly-*", NO_CAPACITY)
    world.script("nightly-*-a*", then)
    for name in names:
        world.create(name, **{"StoppingCondition": PATIENT, **more})
    return world


def out_of_wait(world: SpotterInOneProcess, **more: Any) -> SpotterInOneProcess:
    """nightly-7 has run out of MaxWaitTime after it had trained."""
    world.script("nightly-7-a*", UNINTERRUPTED)
    world.script("nightly-7", OUT_OF_WAIT_AT_12)
    world.create("nightly-7", **{"StoppingCondition": LIMITS, **more})
    world.pass_time(20)
    world.pass_time(45, step=5)
    return world


def claimed(world: SpotterInOneProcess, number: int = 2) -> dict[str, Any]:
    """The row of the only lineage's attempt of this number."""
    (row,) = [r for r in world.rows() if r[row_keys.SK] == row_keys.attempt_sk(number)]
    return row


def children(world: SpotterInOneProcess) -> list[str]:
    """All jobs that Spotter ever made, oldest first."""
    return [name for name in world.attempts() if "-a2-" in name or "-a3-" in name]


def waiting(
    world: SpotterInOneProcess, count: int, hours: int = 1, **more: Any
) -> SpotterInOneProcess:
    """So many lineages, one after another, have claimed an attempt that waits for a quota."""
    for n in range(count):
        world.sagemaker.quotas[QUOTA] = 10
        failing(world, f"nightly-{n}", **more)
        world.sagemaker.quotas[QUOTA] = IN_USE
        world.pass_time(10, step=5)
        world.now += timedelta(hours=hours)
    world.sagemaker.quotas[QUOTA] = 10
    return world


def jobs_without_events(world: SpotterInOneProcess, count: int) -> SpotterInOneProcess:
    """This many jobs whose events were lost."""
    world.weather = lambda entry: []
    for n in range(count):
        world.create(f"job-{n}", StoppingCondition=LIMITS, HyperParameters={})
        world.now += timedelta(seconds=1)
    return world
