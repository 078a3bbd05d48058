"""Lineages that Spotter itself resubmitted, in random markets: savings equal what SageMaker and S3 really showed."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from laptop.simulated_sagemaker.spot_market import Chance
from spotter.aws.reports.savings import savings
from spotter.core.money.period import Period
from spotter.core.prices.table import PriceTable
from tests.support.jobs import NOON, REGION
from tests.support.nightly_lineage import ACT, LIMITS

PRICES = PriceTable(REGION, "USD", NOON, None, {"ml.g5.xlarge": Decimal("3600.25")})
NOVEMBER = Period(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
STEPS = {"steps": "45", "step_seconds": "1", "checkpoint_every": "7"}


class Watch:
    """What S3 held at each sweep: by key, when it was written last."""

    def __init__(self, world):
        self.world, self.swept = world, []

    def sweep(self):
        held = {key: at for (_, key), (_, at) in self.world.s3.objects.items()}
        self.swept.append((self.world.now, held))
        self.world.sweep()

    def newest(self, lineage: str, interrupted: datetime) -> datetime | None:
        """The newest checkpoint not later than the interruption, as the first sweep after it saw it."""
        for now, held in self.swept:
            if now >= interrupted:
                ours = (at for key, at in held.items() if key.startswith(f"{lineage}/"))
                return max((at for at in ours if at <= interrupted), default=None)
        return None


def fleet(new_world, seed: int):
    world = new_world(replace(ACT))
    world.market.otherwise = Chance(seed, interruptions=3, between=20, waiting=12)
    watch = Watch(world)
    for n in range(6):
        world.create(f"nightly-{seed}-{n}", StoppingCondition=LIMITS, HyperParameters=STEPS)
        for _ in range(3):
            world.pass_time(7)
            watch.sweep()
    for _ in range(40):
        world.pass_time(15)
        watch.sweep()
    return world, watch


def expected(world, watch) -> dict[str, Fraction]:
    """From what SageMaker did and S3 held."""
    lineages = defaultdict(list)
    for truth in world.sagemaker.truths():
        lineages[truth.name.partition("-a")[0]].append(truth)
    sums: dict[str, Fraction] = defaultdict(Fraction)
    for name, attempts in lineages.items():
        completed = any(one.transitions[-1][0] == "Completed" for one in attempts)
        for one in attempts:
            job = world.sagemaker.describe_training_job(TrainingJobName=one.name)
            sums["attempts"] += 1
            billable, training = (
                job.get(f"{kind}TimeInSeconds") for kind in ("Billable", "Training")
            )
            if not billable or not training:
                continue
            p = Fraction("3600.25") * job["ResourceConfig"]["InstanceCount"] / 3600
            if not completed:
                sums["no result"] += billable * p
                continue
            sums["paid"] += billable * p
            least, most = repeated(one, name, watch)
            sums["least"] += (training - min(most, training)) * p
            sums["most"] += (training - min(least, training)) * p
    return sums


def repeated(truth, lineage, watch) -> tuple[Fraction, Fraction]:
    least = most = Fraction()
    for (status, start), (following, at) in zip(
        truth.transitions, truth.transitions[1:], strict=False
    ):
        if following == "Interrupted" and status == "Training":
            stay, newest = seconds(at - start), watch.newest(lineage, at)
            least += 0 if newest is None else min(stay, seconds(at - newest))
            most += stay if newest is None else min(stay, seconds(at - newest))
    return least, most


def seconds(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(milliseconds=1), 1000)


@pytest.mark.parametrize("seed", range(8))
def test_the_figures_are_those_of_the_simulated_account(new_world, seed):
    world, watch = fleet(new_world, seed)
    found = savings(world.ledger, NOVEMBER, world.now, groups={}, prices=PRICES)
    right, whole = expected(world, watch), found.whole
    done = whole.money.completed
    assert found.running == 0
    assert whole.attempts == right["attempts"]
    assert done.paid == right["paid"]
    assert whole.money.no_result.paid == right["no result"]
    assert tuple(done.on_demand) == (right["least"], right["most"])


def test_the_fleets_hold_resubmissions_ranges_and_lost_work(new_world):
    totals = [savings(fleet(new_world, seed)[0].ledger, NOVEMBER, NOON + timedelta(hours=2), groups={}, prices=PRICES).whole for seed in (0, 1, 2)]  # fmt: skip
    assert any(one.attempts > 6 for one in totals)
    assert any(one.money.completed.repeated_least for one in totals)
