"""A replay of jobs that had a deadline: what Spotter decided stands, and what its stops hid has no figures."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bench.generated_accounts import KIND, recorded
from spotter.core.deadline.durations import TypeObservations
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.model.endings import Ending
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT
from spotter.core.policy.model import Policy, Rule
from spotter.core.replay.account_replay import (
    HANDS_OVER,
    ON_DEMAND_ALONE,
    SPOT_ALONE,
    AccountReplay,
    SameForAll,
)
from spotter.core.replay.policies import HandOver
from spotter.core.replay.policy_of_rules import PolicyOfRules
from spotter.core.replay.replay_case import ReplayTimes, account
from spotter.core.replay.replay_result import AS_IT_WAS, NotEnough, Replaying
from tests.core.replay.test_simulation import AskedAtEveryLook
from tests.support.generated_accounts import HOUR, JOB, PROVISIONING, generated_account

DEADLINE = ReplayTimes(finish_by=1.5)
NEEDS = timedelta(seconds=JOB.work / 1.2)


@dataclass(frozen=True)
class HandsOverLater(HandOver):
    """As if the deadline were half an hour later."""

    name: str = "hand over later"

    def decide(self, seen, job):
        return super().decide(seen, replace(job, deadline=job.deadline + HOUR / 2))


LATER = SameForAll(HandsOverLater())


def replayed(lineages, *policies, draws=20):
    report = Replaying(AccountReplay(account(lineages, DEADLINE), draws=draws)).report(
        policies, "1.5x"
    )
    return {one.name: one for one in report.policies}


def rule_of(finish_by: timedelta, **settings) -> Policy:
    return Policy(rules=(Rule(
        on=(Ending.OUT_OF_WAIT,), max_attempts=3, name="*", capacity=(SPOT, ON_DEMAND),
        finish_by=FinishBy(after=finish_by), needs=NEEDS, **settings,
    ),))  # fmt: skip


SLOW = {KIND: TypeObservations(start_on_demand=(timedelta(hours=1),) * 20)}
RULE = rule_of(timedelta(seconds=JOB.deadline))


@pytest.fixture(scope="module")
def under_the_rule():
    """Forty lineages recorded under RULE when on demand took an hour to start; none of them shows that any more."""
    generated = generated_account(40)
    cases = {case.lineage.root: case for case in account(generated.lineages, DEADLINE).cases}
    found = []
    for job in generated.jobs:
        how = PolicyOfRules("", RULE, observed=SLOW).on(cases[job.root])
        terms = how.policy.deadline.terms
        found.append(recorded(job, how.policy, None, PROVISIONING, 1e9, deadline=terms))
    return found


def test_the_deployed_deadline_is_answered_on_an_account_that_was_recorded_under_it(under_the_rule):
    """Even if the durations that are measured by now are others: what Spotter decided is not decided anew."""
    observed = account(under_the_rule, DEADLINE).observed
    deployed = PolicyOfRules("deployed policy", RULE, observed=observed)
    found = replayed(under_the_rule, deployed, SPOT_ALONE, ON_DEMAND_ALONE)
    one, was = found["deployed policy"], found[AS_IT_WAS]
    assert one.seen > 0.97
    assert one.figures is not None
    assert one.figures.share.mean == pytest.approx(was.figures.share.mean, abs=0.002)
    assert one.figures.creations.mean == pytest.approx(was.figures.creations.mean, abs=0.5)
    assert found["on demand only"].figures is not None
    assert found["spot only"].figures is None


@pytest.mark.parametrize("hours", [7, 9, 12, 30])
def test_looks_that_a_rule_needs_not_change_nothing(hours):
    generated = generated_account(20)
    cases = {case.lineage.root: case for case in account(generated.lineages, DEADLINE).cases}
    rule = PolicyOfRules("", rule_of(timedelta(hours=hours)))
    for job in generated.jobs:
        policy = rule.on(cases[job.root]).policy
        always = job.truth(AskedAtEveryLook(policy))
        assert job.truth(policy).cost == pytest.approx(always.cost)


def test_an_earlier_deadline_is_answered_and_a_later_one_is_not(under_the_rule):
    earlier, later = (
        PolicyOfRules(f"{hours} h", rule_of(timedelta(hours=hours))) for hours in (8, 10)
    )
    found = replayed(under_the_rule, earlier, later, ON_DEMAND_ALONE)
    assert found["8 h"].figures is not None
    assert found["10 h"].figures is None


def test_jobs_that_were_handed_over_tell_nothing_of_policies_that_stay_on_spot_for_longer():
    """Much of such a policy was seen, but a job that is stopped because it waits shows no long shortage."""
    handed_over = generated_account(40, policy=HandOver(), enforced=RULE.rules[0])
    found = replayed(handed_over.lineages, HANDS_OVER, LATER, SPOT_ALONE, draws=100)
    same, longer = found["hand over in time"], found["hand over later"]
    cost = sum(job.truth(HandOver()).cost / job.job.on_demand for job in handed_over.jobs) / 40
    assert same.after_stops < 0.05 < longer.after_stops
    assert same.figures.share.mean == pytest.approx(cost, abs=0.005)
    assert longer.seen > 0.8
    assert longer.figures is None
    assert found["spot only"].refusal is not None


def test_the_refusal_says_what_is_missing_and_what_to_do():
    handed_over = generated_account(40, policy=HandOver(), enforced=RULE.rules[0])
    with pytest.raises(NotEnough) as refused:
        replayed(handed_over.lineages, LATER, ON_DEMAND_ALONE)
    assert "Spotter stopped jobs for a deadline or for patience" in str(refused.value)
    assert "20 lineages on the same instance type without a deadline" in str(refused.value)
    assert "--until" in str(refused.value)


@pytest.mark.parametrize(("free", "answered"), [(19, False), (20, True)])
def test_twenty_lineages_without_a_deadline_show_what_stops_hid(free, answered):
    """They would be enough by themselves; fewer are not, whatever their share."""
    stopped = generated_account(40, policy=HandOver(), enforced=RULE.rules[0]).lineages[:20]
    unstopped = generated_account(60).lineages[-free:]
    found = replayed([*stopped, *unstopped], LATER, ON_DEMAND_ALONE) if answered else None
    if answered:
        assert found["hand over later"].figures is not None
        return
    with pytest.raises(NotEnough, match="without a deadline"):
        replayed([*stopped, *unstopped], LATER, ON_DEMAND_ALONE)
