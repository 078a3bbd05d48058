"""`spotter plan` answers in bands, says how little it rests on, and refuses where nobody could tell."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import typer

from laptop.simulated_sagemaker.spot_market import LAUNCH, Script, Step
from spotter.core.model.times import words
from spotter.core.policy.model import Mode
from spotter.core.prices.table import PriceTable
from spotter_cli.errors import CommandError
from spotter_cli.views import plan as view
from tests.stories.test_deadlines import LIMITS, pass_minutes
from tests.support.jobs import NOON
from tests.support.nightly_lineage import bounded

TABLE = PriceTable("us-east-1", "USD", NOON, prices={"ml.g5.xlarge": Decimal("1.00")})
HOUR_OF_STEPS = {"steps": "120", "step_seconds": "30", "checkpoint_every": "20"}
INTERRUPTED = Script(
    steps=(*LAUNCH, Step("Training", 1200), Step("Interrupted", 5), *LAUNCH, Step("Training"))
)


def lived(new_world, jobs: int):
    """An account in which so many jobs of an hour completed, each with one interruption."""
    world = new_world(bounded(mode=Mode.OFF))
    world.script("*", INTERRUPTED)
    for n in range(jobs):
        world.create(f"nightly-{n}", StoppingCondition=LIMITS, HyperParameters=HOUR_OF_STEPS)
    pass_minutes(world, 80)
    return world


def planned(world, deployed, needs="6h", finish_by="12h", kind="ml.g5.xlarge", prices=TABLE):
    wanted = view.wanted(needs, finish_by, kind, 1, "30m", world.now)
    created = (NOON - timedelta(days=1), world.now + timedelta(hours=1))
    return view.planned(deployed(world), wanted, created, prices, 1, world.now)


def test_chance_and_cost_are_bands_and_what_they_rest_on_is_said(new_world, deployed):
    world = lived(new_world, 6)
    found = planned(world, deployed)
    shown = list(found.in_words())
    assert shown[0].startswith("6 h of training on 1 x ml.g5.xlarge, to be finished by 2026-11-24T")
    assert " to " in shown[1]
    assert shown[2].endswith("USD (6.25 on demand)")
    assert shown[3].startswith("Late: 0 %")
    assert shown[4].startswith(
        "Rests on only 6 jobs of this type: 12 launches on spot, 6 interruptions"
    )
    assert "time between checkpoints 30 min (given)" in shown[6]
    assert found.facts["rests_on_little"]
    assert found.facts["cost_share"]["at_least"] < found.facts["cost_share"]["at_most"]


def test_too_little_history_is_refused_with_what_is_missing(new_world, deployed):
    world = lived(new_world, 2)
    with pytest.raises(CommandError, match="4 launches on spot are recorded of this instance type"):
        planned(world, deployed)
    with pytest.raises(CommandError, match="0 launches on spot"):
        planned(world, deployed, kind="ml.p4d.24xlarge")


def test_a_deadline_that_on_demand_alone_would_miss_is_refused_first(new_world, deployed):
    world = lived(new_world, 1)
    with pytest.raises(CommandError, match="cannot finish in time, even on demand"):
        planned(world, deployed, needs="12h", finish_by="12h")


@pytest.mark.parametrize(
    ("needs", "finish_by", "kind"),
    [("6", "12h", "ml.g5.xlarge"), ("6h", "07:00", "ml.g5.xlarge"), ("6h", "12h", "g5.xlarge"),
     ("6h", "07:00 Europe/Berln", "ml.g5.xlarge")],
)  # fmt: skip
def test_what_cannot_be_read_is_a_usage_error(needs, finish_by, kind):
    with pytest.raises(typer.BadParameter):
        view.wanted(needs, finish_by, kind, 1, "", NOON)


def test_a_time_of_day_counts_from_now():
    found = view.wanted("6h", "07:00 Europe/Berlin", "ml.g5.xlarge", 1, "", NOON)
    assert words(found.left) == "18 h"


def test_without_prices_the_cost_is_a_share(new_world, deployed):
    world = lived(new_world, 6)
    found = planned(world, deployed, prices=None)
    assert found.facts["on_demand_cost"] is None
    assert list(found.in_words())[2].endswith("of on demand alone")
    assert replace(found, share_jobs=0).in_words()
