"""A lineage explains itself: every attempt, every rule that was asked, what is left, what comes next."""

import json
from dataclasses import replace

import pytest

from spotter.core.explanation import explanation, nearest_limit
from spotter.core.head import Head
from spotter.core.hints import Place
from spotter.core.identity import Attempt, JobId
from spotter.core.policy import Backoff, Mode
from spotter.core.rules import RULES
from spotter.shell.lineages import NotInTheLedger, lineage, newest
from tests.nightly import (
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
from tests.telling import ACCOUNT, NOON, REGION, minutes
from tests.world import World

HERE = Place(ACCOUNT, REGION)


def explained(told: World, name: str = "nightly-7"):
    attempts, following = lineage(told.ledger, newest(told.ledger, HERE, name))
    facts = explanation(attempts, following, told.policy, told.now)
    return json.loads(json.dumps(facts))


def test_a_lineage_is_told_from_any_of_its_attempts(world):
    told = failing(world(ACT), "nightly-7", then=NO_CAPACITY)
    told.pass_time(60, step=5)
    facts = explained(told)
    assert facts == explained(told, told.attempts()[2])
    assert [one["job"] for one in facts["attempts"]] == told.attempts()
    assert [one["ending"] for one in facts["attempts"]] == ["CapacityError"] * 3
    assert [one["capacity"] for one in facts["attempts"]] == ["spot", "spot", "on-demand"]
    assert facts["attempts"][1]["claim"]["instance_hours"] == "3.33"
    assert facts["next"] == {
        "what": "Nothing more by itself: it was attempt 3 of the 3 allowed.",
        "when": None,
    }


def test_every_rule_that_was_asked_is_named_and_the_last_one_decided(world):
    told = out_of_wait(world(ACT))
    decision = explained(told)["attempts"][0]["decision"]
    assert [one["rule"] for one in decision["asked"]] == [rule.__name__ for rule in RULES]
    assert [one["said"] for one in decision["asked"][:-1]] == [None] * (len(RULES) - 1)
    assert decision["asked"][-1]["said"] == decision["reason"]
    assert decision["checkpoint"].startswith("checkpoint-10/ of 2026-")
    assert decision["progressed"] is True


def test_what_is_left_is_told_for_every_bound_and_none_where_none_is_set(world):
    policy = replace(bounded(prices={"ml.g5.xlarge": 2.0}), rules=(replace(NIGHTLY, errors=2),))
    budget = explained(out_of_wait(world(policy)))["budget"]
    assert budget["attempts"] == {"used": 2, "allowed": 3, "left": 1}
    assert budget["errors"] == {"used": 0, "allowed": 2, "left": 2}
    assert budget["interruptions"] == {"used": 1, "allowed": None, "left": None}
    assert budget["instance_hours"]["allowed"] == 1000
    assert budget["money"]["used"] == 0.03


def test_without_the_policy_that_is_deployed_the_budget_is_unknown(world):
    told = out_of_wait(world(ACT))
    attempts, following = lineage(told.ledger, newest(told.ledger, HERE, "nightly-7"))
    assert explanation(attempts, following, None, told.now)["budget"] is None


def test_a_living_job_is_sagemakers(world):
    told = failing(world(ACT), "nightly-7")
    told.pass_time(10, step=5)
    what = explained(told)["next"]["what"]
    assert what.startswith("SageMaker runs it: Starting since 2026-11-23T12:00:05.000Z.")


def test_sagemaker_stops_a_job_by_the_nearer_of_its_limits():
    head = Head(
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
    head = Head(
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


def test_what_waits_says_why_and_until_when(world):
    pausing = replace(NIGHTLY, backoff=Backoff(minutes(10), minutes(60)))
    told = failing(world(replace(ACT, rules=(pausing,))), "nightly-7")
    told.pass_time(10, step=5)
    following = explained(told)["next"]
    assert "pauses" in following["what"]
    assert following["when"] > (NOON + minutes(7)).isoformat()


def test_a_claim_that_waits_for_a_quota_says_so(world):
    told = failing(world(ACT), "nightly-7")
    told.sagemaker.quotas[QUOTA] = IN_USE
    told.pass_time(10, step=5)
    following = explained(told)["next"]
    assert "is to be created: SageMaker answers ResourceLimitExceeded" in following["what"]
    assert children(told) == []


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (bounded(mode=Mode.OFF), "Nothing: no policy decides about it."),
        (replace(ACT, rules=()), "nobody allowed it"),
        (bounded(mode=Mode.ADVISE), 'in mode "advise", nightly-7-a2-'),
    ],
)
def test_what_nobody_carries_on_says_why(world, policy, said):
    told = failing(world(policy), "nightly-7")
    told.pass_time(10, step=5)
    assert said in explained(told)["next"]["what"]


def test_a_job_that_the_ledger_does_not_know_is_one_sentence(world):
    with pytest.raises(NotInTheLedger, match="The ledger knows no job named other in us-east-1"):
        newest(world().ledger, HERE, "other")
