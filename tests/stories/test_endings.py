"""Every bad ending is one message, whatever the policy's mode, and its outcome is told as it comes."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laptop.market.spot import LAUNCH, NEVER_LAUNCHED, UNINTERRUPTED, Script, Step
from spotter.core import rows
from spotter.core.policy import Alerts, Backoff, Mode, Policy
from tests.nightly import (
    ACT,
    LIMITS,
    NIGHTLY,
    NO_CAPACITY,
    OUT_OF_WAIT_AT_12,
    PATIENT,
    QUOTA,
    STILL_THERE,
    bounded,
    failing,
    out_of_wait,
)
from tests.telling import BUCKET, minutes
from tests.world import World

OFF = Policy()
TRAINED_5 = (*LAUNCH, Step("Training", 5))


def ending(told: World, script: Script, **more: Any) -> World:
    told.script("nightly-7-a*", UNINTERRUPTED)
    told.script("nightly-7", script)
    told.create("nightly-7", **{"StoppingCondition": PATIENT, "HyperParameters": {}, **more})
    told.pass_time(70, step=5)
    return told


def published(told: World) -> list[dict[str, Any]]:
    return [json.loads(json.loads(p["Message"])["sqs"]) for p in told.published]


def swept(told: World, count: int = 1) -> World:
    for _ in range(count):
        told.now += minutes(5)
        told.sweep()
    return told


def failure(kind: str) -> Script:
    return Script(steps=TRAINED_5, failure=f"{kind}: none")


ENDINGS = [
    ("MaxRuntimeExceeded", Script(steps=(*LAUNCH, Step("Training"))), 30, "warning"),
    ("CapacityError", NO_CAPACITY, 600, "warning"),
    ("InternalServerError", failure("InternalServerError"), 600, "warning"),
    ("AlgorithmError", failure("AlgorithmError"), 600, "info"),
    ("Unknown", failure("ClientError"), 600, "warning"),
    ("NeverLaunched", NEVER_LAUNCHED, 50, "critical"),
]


@pytest.mark.parametrize(("word", "script", "runtime", "severity"), ENDINGS)
def test_with_the_policy_as_it_comes_a_bad_ending_is_one_message(
    world, word, script, runtime, severity
):
    limits = {"MaxRuntimeInSeconds": runtime, "MaxWaitTimeInSeconds": max(runtime, 50)}
    told = swept(ending(world(OFF), script, StoppingCondition=limits), 2)
    (alert,) = published(told)
    assert (alert["kind"], alert["ending"], alert["outcome"]) == (
        "attempt_ended",
        word,
        "not_considered",
    )
    assert alert["severity"] == severity


@pytest.mark.parametrize("script", [UNINTERRUPTED, Script(steps=(*LAUNCH, Step("Training", 500)))])
def test_success_and_a_stop_by_its_user_are_no_message(world, script):
    told = ending(world(OFF), script)
    if told.heads()["nightly-7"].living:
        told.sagemaker.stop_training_job(TrainingJobName="nightly-7")
        told.pass_time(200, step=5)
    assert not told.heads()["nightly-7"].living
    assert swept(told).alerts() == []


# Jobs that other services started.

PIPELINE = [{"Key": "sagemaker:pipeline-execution-arn", "Value": "arn:aws:sagemaker:::p"}]


def trials(told: World, count: int) -> World:
    told.distort("describe_training_job", lambda a: a | {"TuningJobArn": "arn:aws:sagemaker:::t"})
    told.script("*", NO_CAPACITY)
    for n in range(count):
        told.create(f"trial-{n}", StoppingCondition=PATIENT)
    told.pass_time(30, step=5)
    return swept(told)


@pytest.mark.parametrize("mode", Mode)
def test_trials_of_tuning_page_nobody(world, mode):
    assert trials(world(bounded(mode=mode)), 5).alerts() == []


@pytest.mark.parametrize("mode", Mode)
def test_a_job_of_a_pipeline_is_known_by_its_tags_in_every_mode(world, mode):
    told = ending(world(bounded(mode=mode)), NO_CAPACITY, Tags=PIPELINE)
    assert swept(told).alerts() == []
    assert told.heads()["nightly-7"].owner == "SageMaker Pipelines"


def test_a_policy_can_ask_for_the_jobs_of_other_services(world):
    asked = Policy(alerts=Alerts(owned_by_services=True))
    assert trials(world(asked), 2).alerts() == ["attempt_ended"] * 2


def test_the_tags_of_a_job_are_read_once_and_only_where_there_may_be_an_alert(world):
    told, calls = world(OFF), []
    told.distort("list_tags", lambda answer: calls.append(1))
    told.script("well-*", UNINTERRUPTED)
    told.create("well-1", StoppingCondition=PATIENT, HyperParameters={})
    ending(told, NO_CAPACITY)
    swept(told)
    assert len(calls) == 1
    assert told.heads()["nightly-7"].owner == ""
    assert told.heads()["well-1"].owner is None


def test_tags_that_cannot_be_read_hold_up_neither_the_ending_nor_its_alert(world):
    told = world(OFF)

    def denied(answer):
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "ListTags")

    told.distort("list_tags", denied)
    assert ending(told, NO_CAPACITY).alerts() == ["attempt_ended"]
    assert told.dead_letters == []


# What waits, and what comes of it.


def refusing(told: World, code: str, times: int = 10**6) -> World:
    """CreateTrainingJob is refused so many times, but to the owner of nightly-7."""
    told.script("nightly-7-a*", UNINTERRUPTED)
    told.script("nightly-7", OUT_OF_WAIT_AT_12)
    told.create("nightly-7", StoppingCondition=LIMITS)
    real, left = told.sagemaker.create_training_job, [times]

    def create(**asked: Any) -> Any:
        left[0] -= 1
        if left[0] >= 0:
            raise ClientError({"Error": {"Code": code, "Message": "as AWS says"}}, "Create")
        return real(**asked)

    told.sagemaker.create_training_job = create
    told.pass_time(65)
    return told


def severities(told: World) -> list[tuple[str, str]]:
    return [(alert["outcome"], alert["severity"]) for alert in published(told) if alert["outcome"]]


def test_throttling_that_heals_is_a_warning_and_then_info_and_never_critical(world):
    told = swept(refusing(world(ACT), "ThrottlingException", times=1), 3)
    assert len(told.attempts()) == 2
    assert severities(told) == [("waiting", "warning"), ("started", "info")]
    first, second = (alert for alert in published(told) if alert["outcome"])
    assert second["follows"] == {name: first[name] for name in ("kind", "key", "raised")}


def test_what_is_resubmitted_at_once_is_one_message_and_info(world):
    told = swept(out_of_wait(world(ACT)), 2)
    assert severities(told) == [("started", "info")]


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException"])
def test_a_create_that_is_refused_is_critical_once_the_lineage_ends_by_it(world, code):
    told = refusing(world(ACT), code)
    for _ in range(90):
        swept(told)
    assert len(told.attempts()) == 1
    assert severities(told)[-1] == ("abandoned", "critical")
    assert code in published(told)[-1]["headline"]


def test_a_quota_that_never_heals_is_a_warning_and_then_critical(world):
    told = refusing(world(ACT), "ResourceLimitExceeded")
    for _ in range(90):
        swept(told)
    assert severities(told)[0][1] == "warning"
    assert severities(told)[-1] == ("abandoned", "critical")


def test_a_pause_between_attempts_is_told_with_its_end(world):
    rule = replace(NIGHTLY, backoff=Backoff(minutes(10), minutes(10)))
    told = failing(world(replace(ACT, rules=(rule,))), "nightly-7")
    told.pass_time(10, step=5)
    (first,) = published(told)
    assert (first["outcome"], first["severity"]) == ("held", "info")
    assert f"waits until {told.ended('nightly-7')[rows.OPEN_SK]}" in " ".join(first["said"])
    swept(told, 4)
    assert severities(told) == [("held", "info"), ("started", "info")]


def test_the_switch_is_told_as_what_blocks_it_and_waking_it_again_tells_nothing_new(world):
    told = world(ACT)
    told.switch = "off"
    failing(told, "nightly-7").pass_time(10, step=5)
    swept(told, 5)
    assert severities(told) == [("blocked", "warning")]
    told.switch = "on"
    swept(told, 2)
    assert severities(told) == [("blocked", "warning"), ("started", "info")]


def test_a_job_that_is_about_to_use_the_checkpoints_is_named(world):
    told = failing(
        world(ACT), "nightly-7", then=STILL_THERE, CheckpointConfig={"S3Uri": f"{BUCKET}/s/"}
    )
    told.sagemaker.quotas[QUOTA] = 0
    told.pass_time(10, step=5)
    told.sagemaker.quotas[QUOTA] = 10
    told.script("nightly-8", NO_CAPACITY)
    told.create("nightly-8", StoppingCondition=PATIENT, CheckpointConfig={"S3Uri": f"{BUCKET}/s/"})
    told.pass_time(10, step=5)
    alert = next(a for a in published(told) if a["job"] == "nightly-8")
    assert alert["severity"] == "warning"
    assert "nightly-7" in alert["headline"]


def test_a_job_whose_owner_opted_out_is_info(world):
    tags = [{"Key": "spotter:resubmit", "Value": "off"}]
    told = out_of_wait(world(ACT), Tags=tags)
    assert severities(told) == [("refused", "info")]


# What nobody decides.


def undecided(told: World) -> World:
    """nightly-7 has run out of MaxWaitTime, and resubmit does not work."""
    told.held = []
    return out_of_wait(told)


def test_an_ending_that_is_pending_for_half_a_minute_is_told_and_its_outcome_follows(world):
    told = undecided(world(ACT))
    assert told.alerts() == []
    swept(told, 3)
    assert severities(told) == [("pending", "critical")]
    keys, told.held = told.held, None
    told.carry_on(*dict.fromkeys(keys))
    told.settle()
    assert severities(told) == [("pending", "critical"), ("started", "info")]
    assert published(told)[1]["follows"]["kind"] == "attempt_ended"


def test_an_ending_that_is_being_decided_is_not_told(world):
    told = undecided(world(ACT))
    told.now -= minutes(0.5)
    told.sweep()
    assert told.alerts() == []


def test_act_then_off_loses_no_undecided_ending(world):
    told = undecided(world(ACT))
    told.under(OFF)
    told.held = None
    swept(told, 3)
    assert severities(told) == [("pending", "critical")]
    (alert,) = published(told)
    assert "switched off (mode off) before there was a decision" in " ".join(alert["said"])
    told.under(ACT)
    swept(told, 2)
    assert severities(told) == [("pending", "critical"), ("started", "info")]
    assert list(told.ledger.evaluations(told.now)) == []


def test_what_waits_is_evaluated_by_a_sweep_and_wakes_alert_only_for_news(world):
    told = undecided(world(ACT))
    swept(told, 2)
    woken: list[Any] = []
    speak = told.speak
    told.speak = lambda keys: (woken.extend(keys), speak(keys))[1]
    assert told.sweeper().run(told.now + minutes(5), lambda: True).nudged == 1, "the ending itself"
    swept(told)
    assert woken == []


# Rows in any order, and more than one alert function.


def test_two_functions_that_evaluate_different_rows_tell_the_outcome_in_the_end(world):
    """The second comes in, with the decision made, before each call of the first."""
    for calls in range(30):
        told = undecided(world(ACT))
        told.now += minutes(5)
        told.tries = 1
        told.sweeper().run(told.now, lambda: True)
        keys = list(dict.fromkeys(told.held))
        told.stream.changes.clear()
        job = (rows.job_pk(told.heads()["nightly-7"].id), "EVALUATION#")

        def decided(told=told, keys=keys, job=job):
            told.held = None
            told.carry_on(*keys)
            told.speak([job])

        told.stream.intruder = (calls, decided)
        told.speak([job])
        swept(told, 2)
        outcomes = told.outcomes("nightly-7")
        assert outcomes[-1] == "started", (calls, outcomes)
        assert len(outcomes) == len(set(outcomes)), (calls, outcomes)
        assert list(told.ledger.evaluations(told.now)) == [], calls
