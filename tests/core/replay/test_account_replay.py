"""A replay of a ledger finds what the truth would have cost, and has no figures where it cannot know."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bench.generated_accounts import BEGIN, SameLimits
from spotter.core.model.endings import Ending
from spotter.core.prices.table import PriceTable
from spotter.core.replay.account_replay import (
    HANDS_OVER,
    ON_DEMAND_ALONE,
    SPOT_ALONE,
    AccountReplay,
    SameForAll,
)
from spotter.core.replay.policies import SPOT_ONLY, Ladder
from spotter.core.replay.policy_interface import GIVE_UP, HAND_OVER, STAY
from spotter.core.replay.replay_case import ReplayTimes, account
from spotter.core.replay.replay_result import AS_IT_WAS, NotEnough, Replaying
from tests.support.generated_accounts import HOUR, JOB, generated_account
from tests.support.jobs import REGION

POLICIES = (HANDS_OVER, SPOT_ALONE, ON_DEMAND_ALONE, SameForAll(Ladder()))
DEADLINE = ReplayTimes(finish_by=1.5)
PRICES = PriceTable(REGION, "USD", BEGIN, None, {"ml.p3.2xlarge": Decimal("4.00")})


class OnDemandAtLimit:
    """A ladder of two: spot up to MaxWaitTimeInSeconds, then on demand."""

    name, begins_on_spot = "on demand at the limit", True

    def decide(self, seen, job):
        return HAND_OVER if seen.ended else STAY


def report(generated, times=DEADLINE, policies=POLICIES, prices=None, **chance):
    return Replaying(AccountReplay(account(generated.lineages, times), **chance), prices).report(
        policies, "1.5x"
    )


def truth(generated, policy) -> tuple[float, int]:
    """Cost as a share of on demand, and how many were late."""
    found = [job.truth(policy) for job in generated.jobs]
    late = sum(one.late(job.job) for one, job in zip(found, generated.jobs, strict=True))
    return sum(one.cost for one in found) / sum(one.job.on_demand for one in generated.jobs), late


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("limits", [None, SameLimits(4 * JOB.work)])
def test_what_was_seen_gives_the_true_cost_and_the_true_lateness(seed, limits):
    recorded_by = SPOT_ONLY if limits is None else OnDemandAtLimit()
    generated = generated_account(40, seed, policy=recorded_by, limits=limits)
    found = {one.name: one for one in report(generated, draws=40).policies}
    for policy in POLICIES:
        one, (cost, late) = found[policy.name], truth(generated, policy.policy)
        assert one.figures is not None, (policy.name, one.seen)
        share = one.figures.share
        assert share.mean == pytest.approx(cost, abs=0.008), (
            "of 40 jobs; bench/replayed_accounts.py has the bias"
        )
        assert share.band.least - 0.005 <= cost <= share.band.most + 0.005
        assert one.figures.late.mean == pytest.approx(late, abs=0.01 * len(generated.jobs))


def test_as_it_was_is_what_sagemaker_billed():
    generated = generated_account(25)
    was = report(generated, draws=20, prices=PRICES).policies[0]
    billed = sum(one.attempts[0].head.billable_seconds for one in generated.lineages)
    assert was.name == AS_IT_WAS
    assert was.figures.cost.mean == pytest.approx(4.0 * billed / HOUR)
    assert was.figures.share.mean == pytest.approx(truth(generated, SPOT_ONLY)[0], abs=0.001)
    assert was.figures.late.mean == truth(generated, SPOT_ONLY)[1]


def test_the_same_seed_gives_the_same_figures_and_the_order_of_lineages_none():
    generated = generated_account(25, policy=OnDemandAtLimit(), limits=SameLimits(2 * JOB.work))
    backwards = replace(generated, lineages=generated.lineages[::-1])
    facts = report(generated, draws=20).facts
    assert report(backwards, draws=20).facts == facts
    assert report(generated, draws=20, seed=2).facts != facts


def test_below_twenty_jobs_it_refuses_and_says_how_many_are_missing():
    with pytest.raises(NotEnough, match=r"there are 19 in this time: 1 more are needed"):
        report(generated_account(19), draws=20)
    report(generated_account(20), draws=20)


def test_a_policy_of_which_too_little_was_seen_has_no_figures():
    """Jobs that left spot after a sixth of what they needed show nothing of waiting for ever."""
    short = account_of_short_paths()
    found = {one.name: one for one in report(short, draws=20).policies}
    assert found["spot only"].seen < 0.8
    assert found["spot only"].figures is None
    assert found["on demand only"].figures is not None


def account_of_short_paths():
    return generated_account(40, policy=OnDemandAtLimit(), limits=SameLimits(JOB.work))


def test_limits_that_were_fixed_beforehand_are_no_such_stops():
    limited = generated_account(40, policy=OnDemandAtLimit(), limits=SameLimits(4 * JOB.work))
    assert {one.after_stops for one in report(limited, draws=20).policies} == {0.0}


def test_it_refuses_where_no_policy_on_spot_was_seen_enough():
    with pytest.raises(NotEnough, match=r"spot only has no figures: \d+ % of its hours"):
        report(account_of_short_paths(), draws=20, policies=(SPOT_ALONE, ON_DEMAND_ALONE))


def test_without_a_deadline_nobody_is_late():
    found = report(generated_account(25), ReplayTimes(), (SPOT_ALONE, ON_DEMAND_ALONE), draws=20)
    assert {one.figures.late for one in found.policies} == {None}


def test_work_of_lineages_that_did_not_complete_is_drawn_from_the_others():
    """All jobs need the same, so it is known exactly; without those jobs only the lucky ones would count."""
    stopped = generated_account(60, limits=SameLimits(2 * JOB.work), policy=GivesUp())
    cases = account(stopped.lineages, DEADLINE)
    unfinished = [case for case in cases.cases if not case.completed]
    assert unfinished
    replaying = AccountReplay(cases, draws=20)
    for case in unfinished:
        [drawn] = {round(replaying._work(case, n)) for n in range(20)}
        assert drawn == pytest.approx(JOB.work, rel=0.01)


class GivesUp(OnDemandAtLimit):
    name = "gives up"

    def decide(self, seen, job):
        return GIVE_UP if seen.ended else STAY


def test_a_forecast_needs_four_weeks():
    assert all(one.figures.next_week is None for one in report(generated_account(25)).policies)
    found = report(generated_account(60, days=30), draws=40)
    week = found.policies[1].figures.next_week
    assert week.jobs.least < week.jobs.most
    assert 0 <= week.cost.least < week.cost.most
    assert week.late.least <= week.late.most


def test_jobs_on_demand_and_jobs_that_failed_are_left_out_by_name():
    generated = generated_account(30)
    heads = [one.attempts[0] for one in generated.lineages]
    demand = replace(heads[0], head=replace(heads[0].head, spot=False))
    stopped = replace(
        heads[1], head=replace(heads[1].head, status="Stopped", ending=Ending.STOPPED)
    )
    changed = [type(generated.lineages[0])((one,)) for one in (demand, stopped, *heads[2:])]
    found = account(changed, DEADLINE)
    assert len(found.cases) == 28
    assert found.left_out == {"ended as Stopped": 1, "began on demand": 1}


def test_the_time_between_checkpoints_is_the_one_that_the_sweep_saw():
    assert account(generated_account(20).lineages, DEADLINE).cases[0].checkpoint == JOB.checkpoint
    unseen = [
        type(one)(tuple(replace(part, sightings=None) for part in one.attempts))
        for one in generated_account(20).lineages
    ]
    found = account(unseen, DEADLINE)
    assert found.cases[0].checkpoint == 1800
    assert any("--checkpoint" in sentence for sentence in found.assumptions)
    stated = replace(DEADLINE, checkpoint=timedelta(minutes=7))
    assert account(unseen, stated).cases[0].checkpoint == 420


def test_what_is_billed_of_a_launch_is_measured():
    [case, *_] = account(generated_account(20).lineages, DEADLINE).cases
    assert case.launch == pytest.approx(JOB.launch, abs=1)
    assert case.billed_launch == pytest.approx(JOB.launch, abs=3)
    assert case.price == pytest.approx(JOB.price, abs=0.001)
