"""An ending and what becomes of it are one message, and one more where its outcome changes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.alerts import email, outbox, payload, sns_message
from spotter.core.alerts.evidence import JobEvidence
from spotter.core.alerts.rules import alerts
from spotter.core.alerts.stages import FINAL, OF_BEFORE, Stage
from spotter.core.alerts.timers import undecided
from spotter.core.ledger import row_keys
from spotter.core.ledger.alert import Alert, AlertRecord, AlertReference, Severity
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.model.times import ms
from spotter.core.policy.model import AlertsPolicy, Mode, Policy, ResubmissionPolicy
from spotter.core.resubmit.outcome import STOP_UNDER_WAY
from tests.support.jobs import (
    INTERRUPTED_ONCE,
    NEVER_LAUNCHED,
    NOON,
    OUT_OF_TIME,
    described,
    minutes,
)
from tests.support.ledger_rows import claim, ending

ACT = Policy(resubmission=ResubmissionPolicy(mode=Mode.ACT))
ONCE = INTERRUPTED_ONCE[:4]
CHILD = "nightly-7-a2-0123456789ab"
REASON = "the reason that was recorded"
LATER = NOON + minutes(60)


def job(statuses=OUT_OF_TIME, failure: str | None = None, **more) -> Job:
    found = {"FailureReason": f"{failure}: none"} if failure else {}
    return Job.described(described(statuses, **found | more))


def evidence(one: Job | None = None, *, policy=ACT, **more) -> JobEvidence:
    one = one or job()
    head = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    return JobEvidence(head=head, timeline=one.timeline, policy=policy, now=LATER, **more)


def decided(settled: str, rule: str = "a_rule", policy_rule: str | None = "nightly-*", **more):
    found = {"settled": settled, "because": rule, "reason": REASON, "next": CHILD, **more}
    return ending(**found | ({"rule": policy_rule} if policy_rule else {}))


def held(rule: str):
    return ending(held=REASON, because=rule, open_sk="2026-11-23T13:05:00.000Z")


def claimed(state: str):
    following = claim(state=state, name=CHILD, reason=REASON)
    return {"ended": decided("resubmit"), "following": following}


def pending(one: Job | None = None, **more) -> JobEvidence:
    found = evidence(one, ended=ending(), **more)
    notice = undecided(found.head, timedelta(seconds=30), LATER)
    return replace(found, noticed=(notice,))


def only(found: JobEvidence) -> Alert:
    (alert,) = alerts(found)
    return alert


def record(alert: Alert) -> AlertRecord:
    return outbox.pending(alert, alert.raised_at)


def after(found: JobEvidence, *raised: Alert, **more) -> JobEvidence:
    """The same job once these alerts were raised about its ending."""
    return replace(
        found,
        incident=tuple(record(alert) for alert in raised),
        raised=frozenset((alert.kind, alert.key) for alert in raised),
        **more,
    )


STORIES = {
    Stage.PENDING: pending(),
    Stage.HELD: evidence(ended=held("the_next_attempt_comes_after_a_pause")),
    Stage.BLOCKED: evidence(ended=held("a_living_job_keeps_its_checkpoints")),
    Stage.WAITING: evidence(**claimed("waiting")),
    Stage.NOT_CONSIDERED: evidence(policy=Policy()),
    Stage.ADVISED: evidence(ended=decided("advise")),
    Stage.REFUSED: evidence(ended=decided("refuse")),
    Stage.STARTED: evidence(**claimed("started")),
    Stage.ABANDONED: evidence(**claimed("abandoned")),
}
stages = pytest.mark.parametrize("stage", STORIES)


def test_every_stage_has_its_story():
    assert set(STORIES) == set(Stage) - {Stage.ENDED}


@stages
def test_an_ending_and_its_outcome_are_one_alert_keyed_by_the_job(stage):
    alert = only(STORIES[stage])
    assert (alert.kind, alert.key) == ("attempt_ended", STORIES[stage].key)
    assert (alert.ending, alert.outcome, alert.follows) == ("MaxWaitTimeExceeded", stage, None)


def test_while_a_decision_is_pending_nothing_is_raised():
    assert alerts(evidence(ended=ending())) == ()
    assert alerts(evidence(**claimed("creating"))) == ()


SEVERITIES = [
    (job(OUT_OF_TIME), "critical"),
    (job(NEVER_LAUNCHED), "critical"),
    (job(("Starting", "Failed"), "CapacityError"), "warning"),
    (job(("Starting", "Training", "Failed"), "InternalServerError"), "warning"),
    (job(("Starting", "Training", "MaxRuntimeExceeded")), "warning"),
    (job(("Starting", "Training", "Failed"), "AlgorithmError"), "info"),
    (job(("Starting", "Training", "Failed"), "ClientError"), "warning"),
    (job((*ONCE, "Failed"), "CapacityError"), "critical"),
    (job((*ONCE, "Failed"), "AlgorithmError"), "critical"),
    (job((*ONCE, "Training", "MaxRuntimeExceeded")), "critical"),
]


@pytest.mark.parametrize(("one", "expected"), SEVERITIES)
def test_with_the_shipped_policy_every_bad_ending_raises_an_alert(one, expected):
    assert only(evidence(one, policy=Policy())).severity == expected


@pytest.mark.parametrize("one", [one for one, _ in SEVERITIES])
def test_what_was_resubmitted_or_waits_for_a_time_is_info(one):
    assert only(evidence(one, **claimed("started"))).severity == "info"
    assert only(evidence(one, ended=held("there_must_be_a_capacity_option"))).severity == "info"


@pytest.mark.parametrize("one", [one for one, _ in SEVERITIES])
def test_what_waits_for_somebody_is_a_warning(one):
    assert only(evidence(one, **claimed("waiting"))).severity == "warning"
    assert only(evidence(one, ended=held("the_switch_stops_everything"))).severity == "warning"


@pytest.mark.parametrize(("one", "expected"), SEVERITIES)
def test_what_is_undecided_has_the_severity_of_its_ending(one, expected):
    assert only(pending(one)).severity == expected
    assert only(pending(one, policy=Policy())).severity == expected


@pytest.mark.parametrize(("one", "expected"), SEVERITIES)
def test_what_a_rule_was_meant_for_and_is_not_resubmitted_is_at_least_a_warning(one, expected):
    wanted = "warning" if expected == "info" else expected
    for more in ({"ended": decided("refuse")}, {"ended": decided("advise")}, claimed("abandoned")):
        assert only(evidence(one, **more)).severity == wanted


def test_an_error_of_the_algorithm_that_no_rule_was_meant_for_stays_info():
    one = job(("Starting", "Training", "Failed"), "AlgorithmError")
    unlisted = decided("refuse", "the_ending_must_be_on_the_rules_list")
    unmatched = decided("refuse", "a_job_that_no_rule_names_is_only_watched", policy_rule=None)
    assert only(evidence(one, ended=unlisted)).severity == "info"
    assert only(evidence(one, ended=unmatched)).severity == "info"


@pytest.mark.parametrize("one", [one for one, _ in SEVERITIES])
def test_a_job_whose_own_owner_opted_out_is_no_warning(one):
    assert (
        only(evidence(one, ended=decided("refuse", "the_jobs_owner_may_say_no"))).severity == "info"
    )


@pytest.mark.parametrize("statuses", [("Starting", "Stopping", "Stopped"), INTERRUPTED_ONCE])
def test_success_and_a_wish_raise_nothing(statuses):
    assert alerts(evidence(job(statuses), policy=Policy())) == ()


# Changes.


def next_alerts(first: Stage, then: Stage) -> list[Alert]:
    return list(alerts(after(STORIES[then], only(STORIES[first]))))


@stages
def test_an_outcome_that_was_raised_is_not_raised_again(stage):
    assert next_alerts(stage, stage) == []


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (first, then)
        for first in (Stage.PENDING, Stage.HELD, Stage.BLOCKED, Stage.WAITING)
        for then in (Stage.ADVISED, Stage.REFUSED, Stage.STARTED, Stage.ABANDONED)
    ],
)
def test_a_final_outcome_follows_the_alert_before_it_and_names_it(first, then):
    (alert,) = next_alerts(first, then)
    before = only(STORIES[first])
    assert (alert.kind, alert.key) == ("outcome_changed", f"{before.key}.{then}")
    raised = "2026-11-23T13:00:00.000Z"
    assert alert.follows == AlertReference("attempt_ended", before.key, raised, before.job)
    assert alert.follows.id == f"111122223333/us-east-1/nightly-7/attempt_ended/{before.key}"


@pytest.mark.parametrize("first", sorted(FINAL))
@stages
def test_nothing_follows_a_final_outcome(first, stage):
    assert next_alerts(first, stage) == []


@pytest.mark.parametrize(
    ("first", "then", "follows"),
    [
        (Stage.PENDING, Stage.HELD, True),
        (Stage.PENDING, Stage.BLOCKED, True),
        (Stage.HELD, Stage.BLOCKED, True),
        (Stage.HELD, Stage.WAITING, True),
        (Stage.BLOCKED, Stage.HELD, False),
        (Stage.WAITING, Stage.HELD, False),
        (Stage.HELD, Stage.PENDING, False),
        (Stage.WAITING, Stage.PENDING, False),
    ],
)
def test_of_what_is_not_final_only_what_wants_more_attention_follows(first, then, follows):
    assert bool(next_alerts(first, then)) is follows


def test_a_job_that_waits_is_news_after_all_that_was_said_before_a_decision():
    held = after(STORIES[Stage.HELD], only(STORIES[Stage.PENDING]))
    both = replace(held, incident=(*held.incident, old("failed_after_interruptions")))
    assert only(both).outcome == Stage.HELD


def test_a_change_follows_the_latest_alert():
    first = only(STORIES[Stage.HELD])
    (second,) = alerts(replace(after(STORIES[Stage.WAITING], first), now=LATER + minutes(5)))
    both = after(STORIES[Stage.STARTED], first, second)
    (third,) = alerts(replace(both, now=LATER + minutes(9)))
    assert third.follows.id == second.id


# What an older Spotter raised.


def old(kind: str) -> AlertRecord:
    head = STORIES[Stage.STARTED].head
    return AlertRecord.read(
        {
            "pk": row_keys.job_pk(head.id),
            "sk": row_keys.alert_sk(kind, STORIES[Stage.STARTED].key),
            "kind": kind,
            "key": STORIES[Stage.STARTED].key,
            "created": ms(head.id.created),
            "severity": "critical",
            "published": "2026-11-23T12:50:00.000Z",
        }
    )


@pytest.mark.parametrize("kind", OF_BEFORE)
def test_what_an_older_spotter_raised_about_an_ending_is_not_raised_again(kind):
    same = STORIES[{Stage.ENDED: Stage.NOT_CONSIDERED}.get(OF_BEFORE[kind], OF_BEFORE[kind])]
    assert alerts(replace(same, incident=(old(kind),))) == ()


def test_the_outcome_of_an_ending_that_an_older_spotter_raised_follows():
    for kind in (
        "max_wait_time_exceeded",
        "failed_after_interruptions",
        "waiting_to_be_carried_on",
    ):
        alert = only(replace(STORIES[Stage.STARTED], incident=(old(kind),)))
        assert alert.follows.kind == kind


# Jobs of other services.


def test_a_job_of_another_service_raises_nothing_unless_the_policy_asks():
    trial = job(NEVER_LAUNCHED, TuningJobArn="arn:aws:sagemaker:us-east-1:1:tuning-job/t")
    including = Policy(alerts=AlertsPolicy(include_service_jobs=True))
    assert alerts(evidence(trial, policy=Policy())) == ()
    assert only(evidence(trial, policy=including)).severity == "critical"


def test_a_job_that_a_decision_found_to_be_another_services_raises_nothing():
    ended = decided("refuse", "another_service_looks_after_its_own_jobs")
    assert alerts(evidence(ended=ended)) == ()


@pytest.mark.parametrize(
    ("refusal", "step"),
    [
        (None, "Raise the quota that the reason names, or stop another job."),
        (
            {
                "code": "ResourceLimitExceeded",
                "kind": "quota in use",
                "quota": "ml.g5.xlarge for spot",
            },
            (
                "Wait until instances are free, or request an increase of the quota 'ml.g5.xlarge for spot' "
                "in Service Quotas."
            ),
        ),
    ],
)
def test_the_step_about_a_creation_that_waits_is_that_of_sagemakers_answer(refusal, step):
    row = claim(state="waiting", name=CHILD, reason=REASON, refusal=refusal)
    found = only(evidence(ended=decided("resubmit"), following=row))
    assert found.next_steps == (step,)


@pytest.mark.parametrize(("early", "expected"), [(True, Severity.WARNING), (False, Severity.INFO)])
def test_an_attempt_on_demand_before_its_turn_is_a_warning(early, expected):
    row = claim(state="started", name=CHILD, reason=REASON, rung="on-demand", early=early)
    assert only(evidence(ended=decided("resubmit"), following=row)).severity is expected


LOADED, EARLY = "It resumes from s3://ml-checkpoints/nightly-7/.", "It runs on demand earlier than"


@pytest.mark.parametrize(
    ("known", "sentences"),
    [
        ({}, ()),
        ({"checkpoint": "s3://ml-checkpoints/nightly-7/"}, (LOADED,)),
        ({"rung": "on-demand", "early": True}, (EARLY,)),
    ],
)
def test_an_attempt_that_was_created_states_where_it_resumes_and_that_it_runs_on_demand_early(
    known, sentences
):
    following = claim(state="started", name=CHILD, reason=REASON, **known)
    found = text(evidence(ended=decided("resubmit"), following=following))
    shown = [one for one in (LOADED, EARLY, "It resumes from None") if one in found]
    assert shown == list(sentences)
    assert f"Spotter created attempt 2, because {REASON}." in found


@pytest.mark.parametrize(
    ("rung", "kinds"), [("spot", []), ("on-demand", ["handed_over"])], ids=["spot", "on demand"]
)
def test_a_vain_wait_that_spotter_ended_raises_nothing_unless_on_demand_follows(rung, kinds):
    ended = decided("resubmit", ending="HandedOver")
    following = claim(state="started", name=CHILD, reason=REASON, rung=rung)
    found = evidence(job(("Starting", "Stopping", "Stopped")), ended=ended, following=following)
    assert [alert.kind for alert in alerts(found)] == kinds


# The words.


@stages
def test_a_headline_gives_the_state_and_then_the_cause(stage):
    alert = only(STORIES[stage])
    state, _, cause = alert.headline.partition(": ")
    assert state.startswith("nightly-7")
    assert cause == REASON or cause.startswith("it ran out of MaxWaitTimeInSeconds (2 h)")


CAUSE = "it ran out of MaxWaitTimeInSeconds (2 h) after it had trained"
HEADLINES = {
    Stage.PENDING: f"nightly-7 stopped, without a decision yet: {CAUSE}",
    Stage.HELD: f"nightly-7 stopped and waits to be resubmitted: {REASON}",
    Stage.BLOCKED: f"nightly-7 stopped and waits to be resubmitted: {REASON}",
    Stage.WAITING: f"nightly-7 stopped and waits to be resubmitted: {REASON}",
    Stage.NOT_CONSIDERED: f"nightly-7 stopped: {CAUSE}",
    Stage.ADVISED: f"nightly-7 stopped, and would be resubmitted in mode act: {CAUSE}",
    Stage.REFUSED: f"nightly-7 stopped and is not resubmitted: {REASON}",
    Stage.STARTED: f"nightly-7 was resubmitted as {CHILD}: {CAUSE}",
    Stage.ABANDONED: f"nightly-7 stopped and is not resubmitted: {REASON}",
}


@stages
def test_a_headline_is_one_sentence_for_its_stage(stage):
    assert only(STORIES[stage]).headline == HEADLINES[stage]


@stages
def test_every_alert_about_an_ending_fits_an_e_mail_and_its_subject(stage):
    publish = sns_message.notice(only(STORIES[stage]), "Spotter")
    assert len(publish["Subject"]) < 100
    assert publish["MessageAttributes"]["outcome"]["StringValue"] == stage
    assert publish["Message"].isprintable()


def text(found: JobEvidence) -> str:
    return email.alert(payload.alert_payload(only(found), "Spotter"))


def test_it_states_what_was_lost_and_what_to_do():
    launched, never = (
        text(evidence(policy=Policy())),
        text(evidence(job(NEVER_LAUNCHED), policy=Policy())),
    )
    assert "at most 20 min" in launched
    assert "resumes from its checkpoints" in launched
    assert "no work was lost" in never
    assert "will not resubmit it" in never


def test_where_a_next_attempt_may_still_come_no_step_starts_one():
    for stage in (Stage.PENDING, Stage.HELD, Stage.BLOCKED, Stage.WAITING, Stage.STARTED):
        assert "A new job" not in text(STORIES[stage]), stage
    assert "A new job" in text(pending(policy=Policy()))


@pytest.mark.parametrize(
    "ending", sorted(set(Ending) - {Ending.COMPLETED, Ending.STOPPED, Ending.DELETED})
)
def test_every_ending_has_a_cause_in_words(ending):
    found = evidence(policy=Policy())
    alert = only(replace(found, head=replace(found.head, ending=ending)))
    assert alert.ending == ending
    assert "{" not in alert.headline


def test_while_a_stop_may_be_under_way_nothing_is_raised():
    assert alerts(evidence(ended=held(STOP_UNDER_WAY))) == ()
    assert only(evidence(ended=held("another_rule"))).outcome == Stage.BLOCKED


def test_the_next_attempt_has_the_name_of_its_claim():
    following = claim(state="waiting", name="nightly-7-a2-claimed", reason=REASON)
    found = only(evidence(ended=decided("resubmit"), following=following))
    assert any(one.startswith("nightly-7-a2-claimed is not created yet") for one in found.details)


@pytest.mark.parametrize(
    ("recorded", "kept", "tags"),
    [((), None, ()), (("team",), None, None), ((), (("team", "x"),), (("team", "x"),))],
)
def test_tags_that_were_not_read_are_not_known_unless_the_policy_keeps_none(recorded, kept, tags):
    found = evidence(policy=replace(ACT, recorded_tags=recorded))
    assert replace(found, head=replace(found.head, tags=kept)).tags == tags
