"""The lineage that most stories tell: nightly-7, what its owner allows, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from laptop.market.spot import LAUNCH, UNINTERRUPTED, Script, Step
from spotter.core import rows
from spotter.core.endings import Ending
from spotter.core.policy import Mode, Policy, Resubmission, Rule
from tests.telling import BUCKET, ROLE
from tests.world import World

BOUNDS = Resubmission(mode=Mode.ACT, roles=(ROLE,))
NIGHTLY = Rule(
    name="nightly-*", on=(Ending.OUT_OF_WAIT, Ending.NEVER_LAUNCHED, Ending.CAPACITY), attempts=3
)
ACT = Policy(checkpoints=(f"{BUCKET}/*",), resubmission=BOUNDS, rules=(NIGHTLY,))
LIMITS = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
PATIENT = {"MaxRuntimeInSeconds": 6000, "MaxWaitTimeInSeconds": 6000}
SHARED = {"S3Uri": f"{BUCKET}/shared/"}
QUOTA = "ml.g5.xlarge for spot training job usage"


class Taken(int):
    """A quota of one instance of which nothing is left: jobs that are not in this account's list hold it."""

    def __format__(self, spec: str) -> str:
        return "1"


IN_USE = Taken(0)

NO_CAPACITY = Script(steps=(Step("Starting", 5),), failure="CapacityError: none")
"""It fails five seconds after its creation, and has lost nothing."""
STILL_THERE = Script(steps=(Step("Starting", 3000),))
"""It lives for longer than any story lasts."""
OUT_OF_WAIT_AT_12 = Script(steps=(*LAUNCH, Step("Training", 12), Step("Interrupted")))


def bounded(**bounds: Any) -> Policy:
    return replace(ACT, resubmission=replace(BOUNDS, **bounds))


def failing(told: World, *names: str, then: Script = STILL_THERE, **more: Any) -> World:
    """Jobs of these names are created, and will fail for want of capacity; `then` comes after."""
    told.script("nightly-*", NO_CAPACITY)
    told.script("nightly-*-a*", then)
    for name in names:
        told.create(name, **{"StoppingCondition": PATIENT, **more})
    return told


def out_of_wait(told: World, **more: Any) -> World:
    """nightly-7 has run out of MaxWaitTime after it had trained."""
    told.script("nightly-7-a*", UNINTERRUPTED)
    told.script("nightly-7", OUT_OF_WAIT_AT_12)
    told.create("nightly-7", **{"StoppingCondition": LIMITS, **more})
    told.pass_time(20)
    told.pass_time(45, step=5)
    return told


def claimed(told: World, number: int = 2) -> dict[str, Any]:
    """The row of the only lineage's attempt of this number."""
    (row,) = [r for r in told.rows() if r[rows.SK] == rows.attempt_sk(number)]
    return row


def children(told: World) -> list[str]:
    """All jobs that Spotter ever made, oldest first."""
    return [name for name in told.attempts() if "-a2-" in name or "-a3-" in name]


def waiting(told: World, count: int, hours: int = 1, **more: Any) -> World:
    """So many lineages, one after another, have claimed an attempt that waits for a quota."""
    for n in range(count):
        told.sagemaker.quotas[QUOTA] = 10
        failing(told, f"nightly-{n}", **more)
        told.sagemaker.quotas[QUOTA] = IN_USE
        told.pass_time(10, step=5)
        told.now += timedelta(hours=hours)
    told.sagemaker.quotas[QUOTA] = 10
    return told


def jobs_unheard(told: World, count: int) -> World:
    """So many jobs of which nobody has heard yet."""
    told.weather = lambda entry: []
    for n in range(count):
        told.create(f"job-{n}", StoppingCondition=LIMITS, HyperParameters={})
        told.now += timedelta(seconds=1)
    return told
