"""Every bad ending is one message, whatever the policy's mode, and its outcome is published as it comes."""

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laptop.simulated_sagemaker.spot_market import (
    LAUNCH,
    NEVER_LAUNCHED,
    UNINTERRUPTED,
    Script,
    Step,
)
from spotter.core.ledger import row_keys
from spotter.core.policy.model import AlertsPolicy, BackoffPolicy, Mode, Policy
from tests.support.jobs import BUCKET, minutes
from tests.support.nightly_lineage import (
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
from tests.support.spotter_in_one_process import SpotterInOneProcess

OFF = Policy()
TRAINED_5 = (*LAUNCH, Step("Training", 5))


def ending(world: SpotterInOneProcess, script: Script, **more: Any) -> SpotterInOneProcess:
    world.script("nightly-7-a*", UNINTERRUPTED)
    world.script("nightly-7", script)
    world.create("nightly-7", **{"StoppingCondition": PATIENT, "HyperParameters": {}, **more})
    world.pass_time(70, step=5)
    return world


def published(world: SpotterInOneProcess) -> list[dict[str, Any]]:
    return [json.loads(json.loads(p["Message"])["sqs"]) for p in world.published]


def swept(world: SpotterInOneProcess, count: int = 1) -> SpotterInOneProcess:
    for _ in range(count):
        world.now += minutes(5)
        world.sweep()
    return world


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
    new_world, word, script, runtime, severity
):
    limits = {"MaxRuntimeInSeconds": runtime, "MaxWaitTimeInSeconds": max(runtime, 50)}
    world = swept(ending(new_world(OFF), script, StoppingCondition=limits), 2)
    (alert,) = published(world)
    assert (alert["kind"], alert["ending"], alert["outcome"]) == (
        "attempt_ended",
        word,
        "not_considered",
    )
    assert alert["severity"] == severity


@pytest.mark.shows("other endings", "jobs that complete, and that their users stop")
@pytest.mark.parametrize("script", [UNINTERRUPTED, Script(steps=(*LAUNCH, Step("Training", 500)))])
def test_success_and_a_stop_by_its_user_are_no_message(new_world, script):
    world = ending(new_world(OFF), script)
    if world.heads()["nightly-7"].running:
        world.sagemaker.stop_training_job(TrainingJobName="nightly-7")
        world.pass_time(200, step=5)
    assert not world.heads()["nightly-7"].running
    assert swept(world).alerts() == []


# Jobs that other services started.

PIPELINE = [{"Key": "sagemaker:pipeline-execution-arn", "Value": "arn:aws:sagemaker:::p"}]


def trials(world: SpotterInOneProcess, count: int) -> SpotterInOneProcess:
    world.distort("describe_training_job", lambda a: a | {"TuningJobArn": "arn:aws:sagemaker:::t"})
    world.script("*", NO_CAPACITY)
    for n in range(count):
        world.create(f"trial-{n}", StoppingCondition=PATIENT)
    world.pass_time(30, step=5)
    return swept(world)


@pytest.mark.parametrize("mode", Mode)
def test_trials_of_tuning_page_nobody(new_world, mode):
    assert trials(new_world(bounded(mode=mode)), 5).alerts() == []


@pytest.mark.parametrize("mode", Mode)
def test_a_job_of_a_pipeline_is_known_by_its_tags_in_every_mode(new_world, mode):
    world = ending(new_world(bounded(mode=mode)), NO_CAPACITY, Tags=PIPELINE)
    assert swept(world).alerts() == []
    assert world.heads()["nightly-7"].owner == "SageMaker Pipelines"


def test_a_policy_can_ask_for_the_jobs_of_other_services(new_world):
    request = Policy(alerts=AlertsPolicy(include_service_jobs=True))
    assert trials(new_world(request), 2).alerts() == ["attempt_ended"] * 2


def test_the_tags_of_a_job_are_read_once_and_only_where_there_may_be_an_alert(new_world):
    world, calls = new_world(OFF), []
    world.distort("list_tags", lambda answer: calls.append(1))
    world.script("well-*", UNINTERRUPTED)
    world.create("well-1", StoppingCondition=PATIENT, HyperParameters={})
    ending(world, NO_CAPACITY)
    swept(world)
    assert len(calls) == 1
    assert world.heads()["nightly-7"].owner == ""
    assert world.heads()["well-1"].owner is None


def test_tags_that_cannot_be_read_hold_up_neither_the_ending_nor_its_alert(new_world):
    world = new_world(OFF)

    def denied(answer):
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "ListTags")

    world.distort("list_tags", denied)
    assert ending(world, NO_CAPACITY).alerts() == ["attempt_ended"]
    assert world.dead_letters == []


# What waits, and what comes of it.


def refusing(world: SpotterInOneProcess, code: str, times: int = 10**6) -> SpotterInOneProcess:
    """CreateTrainingJob is refused so many times, but to the owner of nightly-7."""
    world.script("nightly-7-a*", UNINTERRUPTED)
    world.script("nightly-7", OUT_OF_WAIT_AT_12)
    world.create("nightly-7", StoppingCondition=LIMITS)
    real, left = world.sagemaker.create_training_job, [times]

    def create(**request: Any) -> Any:
        left[0] -= 1
        if left[0] >= 0:
            raise ClientError({"Error": {"Code": code, "Message": "as AWS says"}}, "Create")
        return real(**request)

    world.sagemaker.create_training_job = create
    world.pass_time(65)
    return world


def severities(world: SpotterInOneProcess) -> list[tuple[str, str]]:
    return [(alert["outcome"], alert["severity"]) for alert in published(world) if alert["outcome"]]


def test_throttling_that_heals_is_a_warning_and_then_info_and_never_critical(new_world):
    world = swept(refusing(new_world(ACT), "ThrottlingException", times=1), 3)
    assert len(world.attempts()) == 2
    assert severities(world) == [("waiting", "warning"), ("started", "info")]
    first, second = (alert for alert in published(world) if alert["outcome"])
    assert second["follows"] == {
        name: first[name] for name in ("id", "kind", "key", "job", "raised_at")
    }


def test_what_is_resubmitted_at_once_is_one_message_and_info(new_world):
    world = swept(out_of_wait(new_world(ACT)), 2)
    assert severities(world) == [("started", "info")]


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException"])
def test_a_create_that_is_refused_is_critical_once_the_lineage_ends_by_it(new_world, code):
    world = refusing(new_world(ACT), code)
    for _ in range(90):
        swept(world)
    assert len(world.attempts()) == 1
    assert severities(world)[-1] == ("abandoned", "critical")
    assert code in published(world)[-1]["headline"]


def test_a_quota_that_never_heals_is_a_warning_and_then_critical(new_world):
    world = refusing(new_world(ACT), "ResourceLimitExceeded")
    for _ in range(90):
        swept(world)
    assert severities(world)[0][1] == "warning"
    assert severities(world)[-1] == ("abandoned", "critical")


def test_a_pause_between_attempts_is_published_with_its_end(new_world):
    rule = replace(NIGHTLY, backoff=BackoffPolicy(minutes(10), minutes(10)))
    world = failing(new_world(replace(ACT, rules=(rule,))), "nightly-7")
    world.pass_time(10, step=5)
    (first,) = published(world)
    assert (first["outcome"], first["severity"]) == ("held", "info")
    assert f"waits until {world.ended('nightly-7')[row_keys.OPEN_SK]}" in " ".join(first["details"])
    swept(world, 4)
    assert severities(world) == [("held", "info"), ("started", "info")]


def test_the_switch_is_published_as_what_blocks_it_and_only_once(new_world):
    world = new_world(ACT)
    world.switch = "off"
    failing(world, "nightly-7").pass_time(10, step=5)
    swept(world, 5)
    assert severities(world) == [("blocked", "warning")]
    world.switch = "on"
    swept(world, 2)
    assert severities(world) == [("blocked", "warning"), ("started", "info")]


def test_a_job_that_is_about_to_use_the_checkpoints_is_named(new_world):
    world = failing(
        new_world(ACT), "nightly-7", then=STILL_THERE, CheckpointConfig={"S3Uri": f"{BUCKET}/s/"}
    )
    world.sagemaker.quotas[QUOTA] = 0
    world.pass_time(10, step=5)
    world.sagemaker.quotas[QUOTA] = 10
    world.script("nightly-8", NO_CAPACITY)
    world.create("nightly-8", StoppingCondition=PATIENT, CheckpointConfig={"S3Uri": f"{BUCKET}/s/"})
    world.pass_time(10, step=5)
    alert = next(a for a in published(world) if a["job"] == "nightly-8")
    assert alert["severity"] == "warning"
    assert "nightly-7" in alert["headline"]


def test_a_job_whose_owner_opted_out_is_info(new_world):
    tags = [{"Key": "spotter:resubmit", "Value": "off"}]
    world = out_of_wait(new_world(ACT), Tags=tags)
    assert severities(world) == [("refused", "info")]


# What nobody decides.


def undecided(world: SpotterInOneProcess) -> SpotterInOneProcess:
    """nightly-7 has run out of MaxWaitTime, and resubmit does not work."""
    world.held = []
    return out_of_wait(world)


def test_an_ending_that_is_pending_for_half_a_minute_is_published_and_its_outcome_follows(
    new_world,
):
    world = undecided(new_world(ACT))
    assert world.alerts() == []
    swept(world, 3)
    assert severities(world) == [("pending", "critical")]
    keys, world.held = world.held, None
    world.run_resubmit(*dict.fromkeys(keys))
    world.settle()
    assert severities(world) == [("pending", "critical"), ("started", "info")]
    assert published(world)[1]["follows"]["kind"] == "attempt_ended"


def test_an_ending_that_is_being_decided_is_not_published(new_world):
    world = undecided(new_world(ACT))
    world.now -= minutes(0.5)
    world.sweep()
    assert world.alerts() == []


def test_act_then_off_loses_no_undecided_ending(new_world):
    world = undecided(new_world(ACT))
    world.under(OFF)
    world.held = None
    swept(world, 3)
    assert severities(world) == [("pending", "critical")]
    (alert,) = published(world)
    assert "switched off (mode off) before there was a decision" in " ".join(alert["details"])
    world.under(ACT)
    swept(world, 2)
    assert severities(world) == [("pending", "critical"), ("started", "info")]
    assert list(world.ledger.evaluations(world.now)) == []


def test_what_waits_is_evaluated_by_a_sweep_and_wakes_alert_only_for_news(new_world):
    world = undecided(new_world(ACT))
    swept(world, 2)
    woken: list[Any] = []
    run_alert = world.run_alert
    world.run_alert = lambda keys: (woken.extend(keys), run_alert(keys))[1]
    assert world.sweeper().run(world.now + minutes(5), lambda: True).retriggered == 1, (
        "the ending itself"
    )
    swept(world)
    assert woken == []


# Rows in any order, and more than one alert function.


def test_two_functions_that_evaluate_different_rows_publish_the_outcome_in_the_end(new_world):
    """The second comes in, with the decision made, before each call of the first."""
    for calls in range(30):
        world = undecided(new_world(ACT))
        world.now += minutes(5)
        world.tries = 1
        world.sweeper().run(world.now, lambda: True)
        keys = list(dict.fromkeys(world.held))
        world.stream.changes.clear()
        job = (row_keys.job_pk(world.heads()["nightly-7"].id), "EVALUATION#")

        def decided(world=world, keys=keys, job=job):
            world.held = None
            world.run_resubmit(*keys)
            world.run_alert([job])

        world.stream.intruder = (calls, decided)
        world.run_alert([job])
        swept(world, 2)
        outcomes = world.outcomes("nightly-7")
        assert outcomes[-1] == "started", (calls, outcomes)
        assert len(outcomes) == len(set(outcomes)), (calls, outcomes)
        assert list(world.ledger.evaluations(world.now)) == [], calls
