"""`spotter finish` says first whether the deadline can be met, then when spot is left, and what that rests on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from laptop.simulated_sagemaker.errors import refusal
from laptop.simulated_sagemaker.spot_market import UNINTERRUPTED
from spotter.aws.reports.outlooks import OutlookReader
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.ledger.measured_durations import TypeDurations
from spotter.core.money.from_here import cost_from_here
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import DEADLINES_OUTPUT, Mode
from spotter.core.prices.table import PriceTable
from spotter_cli.rehearse.times import measured_file
from spotter_cli.rehearse.times.intervals import MeasuredTimes
from spotter_cli.rehearse.times.measured_file import RehearsedScript
from spotter_cli.stack.job_lookup import find_job
from spotter_cli.views.finish import FinishView
from spotter_cli.views.lineage_deadline import finish_of
from tests.stories.test_deadlines import (
    BY,
    DATED,
    HOURS,
    LIMITS,
    SIX_HOURS,
    TAGGED,
    TRAINS,
    WAITS,
    pass_minutes,
    started,
    tag,
)
from tests.support.deadline_lineage import begun, live, timely
from tests.support.jobs import NOON
from tests.support.nightly_lineage import (
    NIGHTLY,
    NO_CAPACITY,
    STILL_THERE,
    bounded,
    claimed,
    failing,
)

XLARGE = (("ml.g5.xlarge", 1),)


def table(**prices: str) -> PriceTable:
    held = {name: Decimal(price) for name, price in prices.items()}
    return PriceTable("us-east-1", "USD", NOON, prices=held)


PRICES = replace(table(), prices={"ml.g5.xlarge": Decimal("1.41")})


def view(
    world, deployed, prices: PriceTable | None = PRICES, name: str = "nightly-7"
) -> FinishView:
    spotter = deployed(world)
    return finish_of(spotter, find_job(spotter, name), world.policy, prices, world.now)


def lines(world, deployed, **more: object) -> list[str]:
    return list(view(world, deployed, **more).in_words())


def test_a_lineage_that_waits_says_when_it_hands_over(new_world, deployed):
    world = started(new_world(DATED), WAITS)
    pass_minutes(world, 60)
    shown = lines(world, deployed)
    assert shown[0] == (
        "nightly-7 can finish by 2026-11-24T00:00:00.000Z (12 h after its creation), in 11 h"
    )
    assert shown[1:7] == [
        "State: waiting for spot capacity, attempt 1",
        "Slack: 3 h 43 min may be lost; it hands over at 1 h 40 min or less",
        "Next: stay, because slack 3 h 43 min is more than the safety point 1 h 40 min",
        "Hand-over to on demand: at 2026-11-23T15:03:00.000Z, in 2 h 3 min, unless it launches before",
        'The policy\'s mode is "off": Spotter stops nothing and creates nothing.',
        "Remaining: 7 h 12 min of training: 6 h are stated, times 1.2, and no complete checkpoint is known",
    ]
    assert "  start on demand 15 min (default; none measured)" in shown
    assert shown[-1] == (
        "Claimed: on time if on demand starts within 15 min and training keeps its pace. Guaranteed: nothing."
    )


def test_a_deadline_that_cannot_be_met_is_the_first_thing_that_is_said(new_world, deployed):
    soon = replace(
        DATED, rules=(replace(NIGHTLY, finish_by=FinishBy.parse("7h"), needs=6 * HOURS),)
    )
    world = started(new_world(soon), WAITS)
    pass_minutes(world, 5)
    assert "nightly-7 cannot finish by" in lines(world, deployed)[0]
    assert "40 min late" in lines(world, deployed)[0]
    assert "Hand-over to on demand: now" in lines(world, deployed)
    assert lines(world, deployed)[-1].startswith("If the work was stated wrong")
    assert not any("Claimed" in one for one in lines(world, deployed))


def test_of_a_job_that_its_owner_has_just_stopped_it_says_that_it_is_stopping(new_world, deployed):
    world = started(new_world(DATED), TRAINS)
    pass_minutes(world, 120)
    world.sagemaker.stop_training_job(TrainingJobName="nightly-7")
    world.pass_time(0.2, step=0.1)
    assert lines(world, deployed)[:3] == [
        "nightly-7 is stopping. Its deadline is 2026-11-24T00:00:00.000Z (12 h after its creation), in 10 h",
        "State: stopping, attempt 1",
        "Next: nothing until it has ended; only then can a next attempt follow",
    ]
    facts = view(world, deployed).facts["assessment"]
    assert (facts["phase"], facts["next_step"], facts["hand_over_at"]) == ("stopping", "stay", None)


def test_of_a_job_that_spotter_has_stopped_it_says_that_it_hands_over(new_world, deployed):
    world = begun(new_world(timely(finish_by=FinishBy.parse("6h"))))
    while world.heads()["nightly-7"].secondary != "Stopping":
        live(world, 5)
    shown = lines(world, deployed)
    assert shown[0].startswith("nightly-7 can finish by 2026-11-23T18:00:00.000Z")
    assert shown[1] == "State: stopping, attempt 1"
    assert shown[3:5] == [
        "Next: hand over to on demand, because Spotter has stopped its attempt for this",
        "Hand-over to on demand: now",
    ]


def test_the_rest_costs_what_prices_and_this_account_s_spot_jobs_say(new_world, deployed):
    world = started(new_world(DATED), WAITS)
    pass_minutes(world, 5)
    [cost] = [one for one in lines(world, deployed) if one.startswith("Cost")]
    assert cost == (
        "Cost from here: on demand 10.27 USD; on spot not known: no spot job of the last four weeks shows it"
    )
    known = world.ledger.all_readable(TypeDurations, [("DURATIONS", "TYPE#ml.g5.xlarge")])[0]
    world.ledger.replace(known, replace(known, spot_share=(300, 320, 340)))
    [cost] = [one for one in lines(world, deployed) if one.startswith("Cost")]
    assert cost.endswith("on spot 3.29 USD (32 % of the training was billed, median of 3 jobs)")
    [cost] = [one for one in lines(world, deployed, prices=None) if one.startswith("Cost")]
    assert "there is no price" in cost


@pytest.mark.parametrize(
    ("option", "amount"),
    [
        ("on-demand", "10.27"),
        ("on-demand instances=2", "20.54"),
        ("on-demand ml.g5.4xlarge", "14.57"),
        ("on-demand ml.g5.4xlarge instances=2", "29.13"),
    ],
)
def test_the_rest_on_demand_costs_what_its_capacity_option_takes(
    new_world, deployed, option, amount
):
    rule = replace(BY, capacity=tuple(map(CapacityOption.parse, ("spot", option))))
    world = started(new_world(replace(DATED, rules=(rule,))), WAITS)
    pass_minutes(world, 5)
    prices = replace(PRICES, prices={**PRICES.prices, "ml.g5.4xlarge": Decimal("2.00")})
    [cost] = [one for one in lines(world, deployed, prices=prices) if one.startswith("Cost")]
    assert f"on demand {amount} USD" in cost


def test_what_is_rehearsed_of_its_script_is_shown_beside_what_spotter_decides_by(
    new_world, deployed, no_rehearsals
):
    world = new_world(DATED)
    world.script("*", WAITS)
    parameters = SIX_HOURS | {"sagemaker_program": '"train.py"'}
    world.create("nightly-7", StoppingCondition=LIMITS, HyperParameters=parameters)
    pass_minutes(world, 60)
    before = view(world, deployed)
    times = MeasuredTimes(launch=20.0, restart=60.0, between_saves=600.0)
    measured_file.record(RehearsedScript("/home/ana/train.py", NOON, "continues", times))
    found = view(world, deployed)
    assert (before.rehearsal, found.found) == (None, before.found)
    shown = list(found.in_words())
    at = shown.index(next(one for one in shown if one.startswith("Rehearsed: /home/ana/train.py")))
    # a minute more for the start on demand and for the launch, and 50 min less between two checkpoints
    assert shown[at + 1] == (
        "By these times it would hand over at 52 min of slack or less, at 2026-11-23T15:51:00.000Z. Spotter knows no "
        "rehearsals and decides by the durations above."
    )
    assert no_rehearsals.exists()
    other = started(new_world(DATED), WAITS)
    pass_minutes(other, 5)
    assert view(other, deployed).rehearsal is None


def test_an_attempt_that_trains_on_demand_is_told_what_concerns_it(new_world, deployed):
    act = replace(DATED, resubmission=bounded(mode=Mode.ACT).resubmission)
    soon = replace(act, rules=(replace(BY, finish_by=FinishBy.parse("9h")),))
    world = started(new_world(soon), WAITS)
    pass_minutes(world, 20)
    shown = lines(world, deployed)
    assert "State: on demand, attempt 2" in shown
    assert "Cost from here: on demand 10.02 USD" in shown
    assert shown[-1] == "Claimed: on time if training keeps its pace. Guaranteed: nothing."


def test_a_group_of_instances_without_a_price_has_no_cost():
    assert cost_from_here(HOURS, table(), XLARGE, XLARGE, ()).on_demand is None
    found = cost_from_here(2 * HOURS, PRICES, XLARGE, XLARGE, (250,))
    assert (found.on_demand, found.on_spot) == (Fraction("2.82"), Fraction("0.705"))


def test_where_there_is_no_deadline_the_reason_is_said(new_world, deployed):
    world = started(new_world(bounded(mode=Mode.OFF)), WAITS)
    world.pass_time(5)
    assert lines(world, deployed) == [
        "nightly-7 has no deadline: no rule of the policy has finish_by or finish_by_tag = true."
    ]
    brief = new_world(DATED)
    brief.script("*", NO_CAPACITY)
    brief.create("nightly-7", StoppingCondition=LIMITS)
    brief.pass_time(60, step=30)  # it ended before it was described
    assert lines(brief, deployed) == [
        "No deadline of nightly-7 was recorded: it has ended, and Spotter records a deadline only while a job runs."
    ]
    earlier = started(new_world(bounded(mode=Mode.OFF)), WAITS)
    earlier.pass_time(5)
    earlier.under(DATED)
    assert " ".join(lines(earlier, deployed)) == (
        "No deadline of nightly-7 is recorded: Spotter records one when it describes a running job, at the latest "
        "by the next sweep within five minutes."
    )
    tagged = started(new_world(TAGGED), WAITS, Tags=tag(needs="2h"))
    tagged.pass_time(5)
    assert lines(tagged, deployed)[1] == (
        "Ignored: the tag spotter:needs = 2h has no effect: there is no tag spotter:finish-by"
    )


def test_a_lineage_that_completed_says_how_much_time_was_left(new_world, deployed):
    world = started(new_world(DATED), TRAINS)
    pass_minutes(world, 370)
    [only] = lines(world, deployed)
    assert "nightly-7: Completed at " in only
    assert only.endswith("before its deadline 2026-11-24T00:00:00.000Z")


def test_a_lineage_whose_next_attempt_was_abandoned_is_promised_nothing(new_world, deployed):
    world = new_world(replace(DATED, resubmission=bounded(mode=Mode.ACT).resubmission))
    failing(world, "nightly-7", HyperParameters=SIX_HOURS)
    world.pass_time(2)  # it is described while it runs
    world.refuse("create_training_job", refusal("CreateTrainingJob", "ValidationException", "no"))
    world.pass_time(60)
    assert claimed(world)["state"] == "abandoned"
    [only] = lines(world, deployed)
    assert "nightly-7: CapacityError at " in only
    assert only.endswith("before its deadline 2026-11-24T00:00:00.000Z")
    assert view(world, deployed).facts["assessment"] is None


def test_it_is_not_known_when_a_deleted_job_ended(new_world, deployed):
    world = started(new_world(DATED), WAITS)
    pass_minutes(world, 60)
    world.ledger.mark_gone(world.heads()["nightly-7"])
    assert lines(world, deployed) == [
        "nightly-7: Deleted. It is not known when it ended. Its deadline is 2026-11-24T00:00:00.000Z"
    ]
    facts = view(world, deployed).facts
    assert (facts["running"], facts["outcome"], facts["ended_at"]) == (False, "Deleted", None)


def test_any_attempt_names_its_lineage_and_the_newest_one_is_shown(new_world, deployed):
    world = new_world(replace(DATED, resubmission=bounded(mode=Mode.ACT).resubmission))
    world.script("nightly-*", NO_CAPACITY)
    world.script("nightly-*-a*", STILL_THERE)
    world.create(
        "nightly-7", StoppingCondition={"MaxRuntimeInSeconds": 6000, "MaxWaitTimeInSeconds": 6000}
    )
    world.pass_time(60)
    world.sweep()
    found = view(world, deployed)
    assert (found.head.attempt.number, found.facts["lineage"]) == (2, "nightly-7")
    assert found.facts["finish_by"] == "2026-11-24T00:00:00.000Z"
    assert found.found.standing.asked == 1


def test_the_facts_have_the_assessment_and_null_where_there_is_none(new_world, deployed):
    world = started(new_world(DATED), WAITS)
    pass_minutes(world, 60)
    facts = view(world, deployed).facts
    assert facts["assessment"]["remaining_source"] == "needs"
    assert facts["assessment"]["durations"]["start on demand"] == {
        "seconds": 900.0,
        "measured": 0,
        "is_default": True,
    }
    assert facts["assessment"]["slack_seconds"] == timedelta(hours=3, minutes=43).total_seconds()
    assert facts["cost_from_here"]["currency"] == "USD"
    assert datetime.fromisoformat(facts["assessment"]["hand_over_at"]) == NOON + timedelta(
        minutes=183
    )
    plain = new_world(bounded(mode=Mode.OFF))
    plain.script("*", UNINTERRUPTED)
    plain.create("nightly-7")
    plain.pass_time(5)
    assert view(plain, deployed).facts["assessment"] is None


def test_jobs_show_when_a_lineage_hands_over(new_world, deployed):
    world = started(new_world(DATED), WAITS)
    pass_minutes(world, 60)
    spotter = deployed(world)
    for output, words in (("true", "would hand over at 15:03"), ("false", "waiting 1 h")):
        one = replace(spotter, outputs=spotter.outputs | {DEADLINES_OUTPUT: output})
        [(_, found)] = OutlookReader.of_stack(one, world.now).of([world.heads()["nightly-7"]])
        assert (
            found.text(world.now, UTC)
            .partition(", ")[2 if output == "true" else 0]
            .startswith(words)
        )
