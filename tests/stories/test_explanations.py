"""A lineage explains itself: every attempt, every rule that was evaluated, what is left, what comes next."""

import json
from dataclasses import replace

import pytest

from spotter.aws.reports.lineages import JobNotFound, lineage, newest
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.hints import AccountRegion
from spotter.core.model.identity import Attempt, JobId
from spotter.core.policy.model import BackoffPolicy, Mode
from spotter.core.resubmit.explanation import explanation, nearest_limit
from spotter.core.resubmit.rules import RULES
from tests.support.jobs import ACCOUNT, NOON, REGION, minutes
from tests.support.nightly_lineage import (
    ACT,
    IN_USE,
    NIGHTLY,
    NO_CAPACITY,
    QUOTA,
    bounded,
    children,
    failing,
    out_of_wait,
)
from tests.support.spotter_in_one_process import SpotterInOneProcess

HERE = AccountRegion(ACCOUNT, REGION)


def explained(world: SpotterInOneProcess, name: str = "nightly-7"):
    attempts, following = lineage(world.ledger, newest(world.ledger, HERE, name))
    facts = explanation(attempts, following, world.policy, world.now)
    return json.loads(json.dumps(facts))


def test_a_lineage_is_explained_from_any_of_its_attempts(new_world):
    world = failing(new_world(ACT), "nightly-7", then=NO_CAPACITY)
    world.pass_time(60, step=5)
    facts = explained(world)
    assert facts == explained(world, world.attempts()[2])
    assert [one["job"] for one in facts["attempts"]] == world.attempts()
    assert [one["ending"] for one in facts["attempts"]] == ["CapacityError"] * 3
    assert [one["capacity"] for one in facts["attempts"]] == ["spot", "spot", "on-demand"]
    assert facts["attempts"][1]["instances"] == [{"type": "ml.g5.xlarge", "count": 1}]
    assert facts["attempts"][1]["claim"]["instance_hours"] == 3.33
    assert facts["attempts"][1]["claim"]["spend"] is None
    assert facts["next"] == {
        "summary": "Nothing more by itself: it was attempt 3 of the 3 allowed.",
        "due_at": None,
        "remedy": None,
        "blocked_by": None,
    }


def test_every_rule_that_was_asked_is_named_and_the_last_one_decided(new_world):
    world = out_of_wait(new_world(ACT))
    decision = explained(world)["attempts"][0]["decision"]
    assert [one["rule"] for one in decision["rules_evaluated"]] == [rule.__name__ for rule in RULES]
    assert [one["reason"] for one in decision["rules_evaluated"][:-1]] == [None] * (len(RULES) - 1)
    assert decision["rules_evaluated"][-1]["reason"] == decision["reason"]
    assert decision["checkpoint"].startswith("checkpoint-10/ of 2026-")
    assert decision["checkpoint_is_newer"] is True


def test_what_is_left_is_shown_for_every_bound_and_none_where_none_is_set(new_world):
    policy = replace(bounded(prices={"ml.g5.xlarge": 2.0}), rules=(replace(NIGHTLY, max_errors=2),))
    budget = explained(out_of_wait(new_world(policy)))["budget"]
    assert budget["attempts"] == {"used": 2, "allowed": 3, "left": 1}
    assert budget["errors"] == {"used": 0, "allowed": 2, "left": 2}
    assert budget["interruptions"] == {"used": 1, "allowed": None, "left": None}
    assert budget["instance_hours"]["allowed"] == 1000
    assert budget["spend"]["used"] == 0.07  # also that of the attempt that runs


def test_without_the_policy_that_is_deployed_the_budget_is_unknown(new_world):
    world = out_of_wait(new_world(ACT))
    attempts, following = lineage(world.ledger, newest(world.ledger, HERE, "nightly-7"))
    assert explanation(attempts, following, None, world.now)["budget"] is None


def test_a_living_job_is_sagemakers(new_world):
    world = failing(new_world(ACT), "nightly-7")
    world.pass_time(10, step=5)
    what = explained(world)["next"]["summary"]
    assert what.startswith("SageMaker runs it: Starting since 2026-11-23T12:00:05.000Z.")


def test_sagemaker_stops_a_job_by_the_nearer_of_its_limits():
    head = JobRecord(
        JobId(ACCOUNT, REGION, "x", NOON), "arn", Attempt(JobId(ACCOUNT, REGION, "x", NOON), 1),
        in_scope=True, status="InProgress", secondary="Training", modified=NOON, spot=True,
        max_wait=minutes(100), max_runtime=minutes(30), since=NOON + minutes(10), trained=minutes(5),
    )  # fmt: skip
    now = NOON + minutes(15)
    assert nearest_limit(head, now) == (NOON + minutes(35), "MaxRuntimeInSeconds")
    waiting = replace(head, secondary="Interrupted")
    assert nearest_limit(waiting, now) == (NOON + minutes(100), "MaxWaitTimeInSeconds")
    late = replace(head, max_wait=minutes(20))
    assert nearest_limit(late, now) == (NOON + minutes(20), "MaxWaitTimeInSeconds")
    assert nearest_limit(replace(head, max_wait=None, max_runtime=None), now) is None


def test_the_present_stay_counts_up_to_now():
    story = "InProgress"
    head = JobRecord(
        JobId(ACCOUNT, REGION, "x", NOON), "arn", Attempt(JobId(ACCOUNT, REGION, "x", NOON), 1),
        in_scope=True, status=story, secondary="Training", modified=NOON, spot=True,
        since=NOON, trained=minutes(5), waited=minutes(1),
    )  # fmt: skip
    counted = head.until(NOON + minutes(10))
    assert (counted.trained, counted.waited) == (minutes(15), minutes(1))
    waiting = replace(head, secondary="Starting").until(NOON + minutes(10))
    assert (waiting.trained, waiting.waited) == (minutes(5), minutes(11))
    for unchanged in (
        replace(head, status="Stopped"),
        replace(head, since=None),
        replace(head, gone=True),
    ):
        assert unchanged.until(NOON + minutes(10)) == unchanged
    assert head.until(NOON - minutes(1)) == head


def test_what_waits_says_why_and_until_when(new_world):
    pausing = replace(NIGHTLY, backoff=BackoffPolicy(minutes(10), minutes(60)))
    world = failing(new_world(replace(ACT, rules=(pausing,))), "nightly-7")
    world.pass_time(10, step=5)
    following = explained(world)["next"]
    assert "the pause of" in following["summary"]
    assert following["due_at"] > (NOON + minutes(7)).isoformat()


def test_a_claim_that_waits_for_a_quota_says_so(new_world):
    world = failing(new_world(ACT), "nightly-7")
    world.sagemaker.quotas[QUOTA] = IN_USE
    world.pass_time(10, step=5)
    following = explained(world)["next"]
    assert "is to be created: SageMaker answered ResourceLimitExceeded" in following["summary"]
    assert children(world) == []


@pytest.mark.parametrize(
    ("policy", "summary"),
    [
        (bounded(mode=Mode.OFF), "Nothing: no policy decides about it."),
        (replace(ACT, rules=()), "no policy rule matches this job"),
        (bounded(mode=Mode.ADVISE), 'in mode "advise", nightly-7-a2-'),
    ],
)
def test_what_is_not_resubmitted_has_a_reason(new_world, policy, summary):
    world = failing(new_world(policy), "nightly-7")
    world.pass_time(10, step=5)
    assert summary in explained(world)["next"]["summary"]


def test_a_job_that_the_ledger_does_not_know_is_one_sentence(new_world):
    with pytest.raises(JobNotFound, match="Job other not found in us-east-1"):
        newest(new_world().ledger, HERE, "other")
