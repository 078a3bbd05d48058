"""A lineage with a deadline: what its owner allows, and what becomes of it in stories."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from laptop.simulated_sagemaker.spot_market import LAUNCH, Script, Step
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.ledger.stop_order import StopOrder
from spotter.core.model.endings import Ending
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Policy, Rule
from tests.support.jobs import BUCKET
from tests.support.nightly_lineage import BOUNDS
from tests.support.spotter_in_one_process import SpotterInOneProcess

TAGS = [{"Key": "team", "Value": "vision"}]
LADDER = ("spot", "spot ml.g5.2xlarge", "spot ml.g4dn.2xlarge", "on-demand")
TIMELY = Rule(
    name="nightly-*",
    tags={"team": "vision"},
    on=(Ending.OUT_OF_WAIT, Ending.NEVER_LAUNCHED),
    max_attempts=4,
    capacity=tuple(map(CapacityOption.parse, LADDER)),
    finish_by=FinishBy(after=timedelta(hours=12)),
    needs=timedelta(hours=1),
    margin=timedelta(),
)
DEADLINE = Policy(checkpoint_locations=(f"{BUCKET}/*",), resubmission=BOUNDS, rules=(TIMELY,))
DAY = {"MaxRuntimeInSeconds": 80_000, "MaxWaitTimeInSeconds": 86_400}
NEVER = Script(steps=(Step("Starting"),), stopping=60.0)
"""No capacity, ever: it waits until it is stopped."""
TRAINS = Script(steps=(*LAUNCH, Step("Training", 3600)), stopping=60.0)
HOUR = {"steps": "60", "step_seconds": "60", "checkpoint_every": "10"}
"""An hour of training, with a checkpoint every ten minutes."""


def timely(**rule: Any) -> Policy:
    return replace(DEADLINE, rules=(replace(TIMELY, **rule),))


def begun(
    world: SpotterInOneProcess, script: Script = NEVER, then: Script = TRAINS, **more: Any
) -> SpotterInOneProcess:
    """nightly-7 is created under a deadline; its next attempts go by `then`."""
    world.script("nightly-*", script)
    world.script("nightly-*-a*", then)
    world.create(
        "nightly-7", **{"StoppingCondition": DAY, "HyperParameters": HOUR, "Tags": TAGS, **more}
    )
    world.settle()
    return world


def live(world: SpotterInOneProcess, minutes: float, step: float = 60.0) -> None:
    """Time passes; a sweep comes every five minutes."""
    for passed in range(1, int(minutes * 60 / step) + 1):
        world.pass_time(step, step=step)
        if passed * step % 300 == 0:
            world.sweep()


def orders(world: SpotterInOneProcess) -> dict[int, StopOrder]:
    """The orders of the only lineage, by the number of the attempt."""
    root = world.heads()["nightly-7"].attempt.root
    return dict(world.ledger.lineage(root).orders)


def capacities(world: SpotterInOneProcess) -> list[str]:
    """How each attempt was created: its market and type, in order."""
    return [
        f"{'spot' if head.spot else 'on demand'} {head.instances[0][0]}"
        for head in sorted(world.heads().values(), key=lambda head: head.id.created)
    ]
