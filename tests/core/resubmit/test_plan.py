"""Which capacity options the next attempt may take, and in which order."""

from datetime import timedelta

import pytest

from spotter.core.model.endings import RESUBMITTABLE
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Rule
from spotter.core.resubmit.plan import options_for, options_for_deadline, runtime_of
from tests.support.jobs import job

ORIGIN = job()  # on ml.g5.xlarge


def options(*texts: str) -> tuple[CapacityOption, ...]:
    return tuple(map(CapacityOption.parse, texts))


def rule(*texts: str) -> Rule:
    return Rule(name="nightly-*", on=RESUBMITTABLE, max_attempts=9, capacity=options(*texts))


def in_turn(present: str | None, *texts: str) -> tuple[str, ...]:
    """The spot options of a lineage with a deadline that has time left."""
    found = options_for_deadline(
        rule(*texts),
        ORIGIN,
        CapacityOption.parse(present) if present else None,
        on_demand=False,
        refused=False,
        spot_helps=True,
    )
    return tuple(map(str, found))


def test_a_lineage_on_demand_stays_on_the_last_option_on_demand():
    ladder = rule("on-demand ml.g5.2xlarge", "on-demand ml.g5.4xlarge", "spot")
    assert options_for(ladder, 4, on_demand=True) == options("on-demand ml.g5.4xlarge")
    assert options_for(ladder, 2, on_demand=True) == options(
        "on-demand ml.g5.2xlarge", "on-demand ml.g5.4xlarge"
    )
    assert options_for(ladder, 4, on_demand=False) == options("spot")


@pytest.mark.parametrize(
    ("present", "ladder", "order"),
    [
        (None, ("spot ml.g5.2xlarge", "spot"), ("spot ml.g5.2xlarge", "spot")),
        (
            None,
            ("spot ml.g5.2xlarge", "spot ml.g5.xlarge"),
            ("spot ml.g5.2xlarge", "spot ml.g5.xlarge"),
        ),
        (None, ("spot ml.g5.xlarge", "spot"), ("spot ml.g5.xlarge", "spot")),
        (
            "spot ml.g5.2xlarge",
            ("spot", "spot ml.g5.2xlarge", "spot ml.g5.4xlarge"),
            ("spot ml.g5.4xlarge", "spot", "spot ml.g5.2xlarge"),
        ),
        ("spot ml.p4d.24xlarge", ("spot ml.g5.2xlarge", "spot"), ("spot ml.g5.2xlarge", "spot")),
    ],
)
def test_spot_options_begin_after_the_present_one(present, ladder, order):
    assert in_turn(present, *ladder) == order


@pytest.mark.parametrize(
    ("refused", "helps", "order"),
    [
        (False, True, ("on-demand", "spot")),
        (True, True, ("spot", "on-demand")),
        (True, False, ("on-demand",)),
        (False, False, ("on-demand",)),
    ],
)
def test_from_the_safety_point_on_demand_comes_first_unless_it_was_refused(refused, helps, order):
    found = options_for_deadline(
        rule("spot", "on-demand"), ORIGIN, None, on_demand=True, refused=refused, spot_helps=helps
    )
    assert tuple(map(str, found)) == order


def test_a_request_without_a_limit_may_run_for_a_day():
    assert runtime_of(job(StoppingCondition=None)) == timedelta(days=1)
    assert runtime_of(ORIGIN) == timedelta(hours=1)
