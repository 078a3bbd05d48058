"""What several alerts say is true, says no more than is known, and is harmless where it is shown."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.alerts import sns_message
from spotter.core.alerts.evidence import JobEvidence
from spotter.core.alerts.phrases import NOT_THERE, at_risk, continue_by_hand, deadline, lost, so_far
from spotter.core.alerts.stages import Stage
from spotter.core.alerts.wording import headline
from spotter.core.ledger.alert import Severity
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt
from spotter.core.model.times import iso
from spotter.core.policy.model import Policy, ResubmissionPolicy
from tests.support.jobs import INTERRUPTED_ONCE, NEVER_LAUNCHED, NOON, OUT_OF_TIME, job
from tests.support.ledger_rows import ending

STOPPED_AT_WORK = ("Starting", "Training", "Stopping", "MaxWaitTimeExceeded")
PRICES = {"ml.g5.xlarge": 1.408}
EVIL = "s3://b/<!channel> [sign in](https://evil.example) *now* `x` @here ~~"


def evidence(statuses=OUT_OF_TIME, policy=None, **described) -> JobEvidence:
    one = job(statuses, **described)
    head = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    return JobEvidence(head=head, timeline=one.timeline, policy=policy or Policy())


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (STOPPED_AT_WORK, "It had trained 10 min without interruption when it was stopped."),
        (INTERRUPTED_ONCE, "trained 20 min; interruptions put at most 10 min of that at risk"),
        (OUT_OF_TIME, "trained 30 min; interruptions put at most 20 min of that at risk"),
    ],
)
def test_what_was_lost_is_a_bound_unless_nothing_interrupted_it(statuses, expected):
    assert expected in lost(evidence(statuses))


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (NEVER_LAUNCHED, "So far: 0 interruptions, trained 0 s, waited 10 min."),
        (INTERRUPTED_ONCE, "So far: 1 interruption, trained 20 min, waited 30 min."),
        (OUT_OF_TIME, "So far: 2 interruptions, trained 30 min, waited 40 min."),
    ],
)
def test_so_far_counts_what_is_over(statuses, expected):
    assert so_far(evidence(statuses)) == expected


def test_training_at_risk_is_on_the_job_s_instances_with_what_they_cost_at_the_most():
    head, priced = evidence().head, Policy(resubmission=ResubmissionPolicy(prices=PRICES))
    hour = timedelta(hours=1)
    assert at_risk(head, hour, priced) == (
        "1 h on 1 x ml.g5.xlarge, 1.0 instance-hours, at most 1.41 USD"
    )
    nothing = replace(head, instances=())
    assert at_risk(nothing, hour, Policy()) == "1 h on its instances, 0.0 instance-hours"


def test_a_job_without_checkpoints_starts_from_the_beginning():
    assert "from the beginning" in continue_by_hand(evidence(CheckpointConfig=None))[0]
    assert "s3://ml-checkpoints/nightly-7/ resumes" in continue_by_hand(evidence())[0]


@pytest.mark.parametrize("rule", NOT_THERE)
def test_no_new_job_is_proposed_where_another_one_runs_already(rule):
    assert continue_by_hand(replace(evidence(), ended=ending(because=rule, reason="r"))) == ()


def test_a_deadline_counts_from_the_creation_and_is_stated_only_where_there_is_one():
    created = NOON - timedelta(seconds=5)
    assert iso(created + timedelta(hours=2)) in deadline(evidence().head)
    assert deadline(evidence(StoppingCondition={"MaxRuntimeInSeconds": 3600}).head) == ""


def test_a_chat_acts_on_no_text_of_a_job():
    one = evidence(CheckpointConfig={"S3Uri": EVIL})
    alert = one.alert("x", Severity.INFO, EVIL, EVIL, next_steps=continue_by_hand(one))
    for request in (sns_message.notice(alert, "S"), sns_message.digest([alert] * 6, "S")):
        chat = json.loads(json.loads(request["Message"])["https"])
        shown = json.dumps([chat["content"], chat["metadata"]["summary"]])
        shown = shown.replace("](https://us-east-1.console.aws.amazon.com/", "")  # our own links
        text = shown.replace(json.dumps(chat["content"]["nextSteps"]), "")
        for sign in ("<!", "](", "*now*", "`x`", "@here", "~~"):
            assert sign not in shown, sign
        assert "channel" in text


def test_a_job_that_was_stopped_for_its_deadline_was_handed_over():
    handed = replace(
        evidence(OUT_OF_TIME), head=replace(evidence().head, ending=Ending.HANDED_OVER)
    )
    assert " was handed over to on demand as " in headline(Stage.STARTED, handed)
    assert " was resubmitted as " in headline(Stage.STARTED, evidence(OUT_OF_TIME))
