"""The market is folded from every spot job's timeline, however many are read at once."""

from datetime import UTC, timedelta

from laptop.simulated_sagemaker.spot_market import INTERRUPTED_ONCE, UNINTERRUPTED
from spotter.core.policy.model import Policy
from spotter_cli.views.spot_history import market, print_market
from tests.support.jobs import NOON

DAY = timedelta(days=1)


def world(new_world):
    one = new_world(Policy(scope="all"))
    one.script("once-*", INTERRUPTED_ONCE)
    one.script("never-*", UNINTERRUPTED)
    limits = {"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 100}
    for name in ("once-1", "once-2", "never-1"):
        one.create(name, HyperParameters={}, StoppingCondition=limits)
    only = {"MaxRuntimeInSeconds": 100}
    one.create("once-dear", EnableManagedSpotTraining=False, StoppingCondition=only)
    one.pass_time(150)
    return one


def test_it_counts_interruptions_beside_what_trained_on_spot(new_world, deployed):
    one = world(new_world)
    found = market(deployed(one), NOON - DAY, one.now + DAY, "", UTC, one.now)
    cell = found.of("ml.g5.xlarge")
    trained = sum((one.timeline(n).trained for n in ("once-1", "once-2", "never-1")), timedelta())
    assert (found.jobs, cell.interruptions, cell.trained) == (3, 2, trained)
    assert cell.rate == 200 / (trained / timedelta(hours=1))


def test_another_type_is_not_asked_about(new_world, deployed):
    one = world(new_world)
    assert market(deployed(one), NOON - DAY, one.now + DAY, "ml.p5.*", UTC, one.now).kinds == []


def test_little_exposure_is_marked_and_nothing_is_blank(new_world, deployed, capsys):
    one = world(new_world)
    print_market(market(deployed(one), NOON - DAY, one.now + DAY, "", UTC, one.now))
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("ml.g5.xlarge")
    assert lines[1].rstrip().endswith(" ?")
