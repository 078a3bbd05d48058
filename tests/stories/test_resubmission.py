"""Lineages are carried on where their owner allows it, exactly once, and every refusal says why."""

import itertools
import json
from dataclasses import replace
from datetime import timedelta

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
from spotter.core.model.endings import Ending
from spotter.core.policy.capacity_options import ON_DEMAND
from spotter.core.policy.model import Mode, Policy, ResubmissionPolicy, Rule
from tests.support.jobs import BUCKET, NOON, ROLE
from tests.support.nightly_lineage import IN_USE
from tests.support.spotter_in_one_process import Killed, SpotterInOneProcess

OUT_OF_WAIT_AT_12 = Script(steps=(*LAUNCH, Step("Training", 12), Step("Interrupted")))
BOUNDS = ResubmissionPolicy(mode=Mode.ACT, roles=(ROLE,))
NIGHTLY = Rule(
    name="nightly-*",
    on=(Ending.OUT_OF_WAIT, Ending.NEVER_LAUNCHED, Ending.CAPACITY),
    max_attempts=3,
)
ACT = Policy(checkpoint_locations=(f"{BUCKET}/*",), resubmission=BOUNDS, rules=(NIGHTLY,))
LIMITS = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}


def bounded(**bounds) -> Policy:
    return replace(ACT, resubmission=replace(BOUNDS, **bounds))


def ended(
    world: SpotterInOneProcess, *, first: Script = OUT_OF_WAIT_AT_12, **more
) -> SpotterInOneProcess:
    """nightly-7 has run out of MaxWaitTime; what comes after it meets no trouble."""
    world.script("nightly-7-a*", UNINTERRUPTED)
    world.script("nightly-7", first)
    world.create("nightly-7", StoppingCondition=LIMITS, **more)
    world.pass_time(65)
    return world


def result(world: SpotterInOneProcess, name: str) -> bytes:
    return world.s3.objects["ml-models", f"out/{name}/output/model.json"][0]


def test_a_lineage_that_ran_out_of_wait_is_resubmitted_from_its_checkpoint(new_world):
    world = ended(new_world(ACT))
    world.pass_time(40)
    first, second = world.attempts()
    assert world.statuses(first)[-1] == "MaxWaitTimeExceeded"
    assert world.statuses(second)[-1] == "Completed"
    assert world.heads()[second].attempt.number == 2
    assert world.heads()[second].trained == timedelta(seconds=10)
    assert world.ended(first)["reason"].endswith("on spot, from checkpoint-10/")
    assert world.alerts() == ["attempt_ended", "recovered"]
    assert world.outcomes("nightly-7") == ["started"]
    assert world.differences() == []


def test_a_resubmitted_job_ends_as_if_nothing_had_happened(new_world):
    world = ended(new_world(ACT))
    world.pass_time(40)
    undisturbed = new_world()
    undisturbed.script("*", UNINTERRUPTED)
    undisturbed.create("nightly-7", StoppingCondition=LIMITS)
    undisturbed.pass_time(40)
    assert result(world, world.attempts()[1]) == result(undisturbed, "nightly-7")


def test_a_never_launched_job_is_resubmitted_without_a_checkpoint(new_world):
    world = ended(new_world(ACT), first=NEVER_LAUNCHED)
    world.pass_time(40)
    assert world.statuses(world.attempts()[1])[-1] == "Completed"


def test_a_job_that_trained_and_left_no_checkpoint_is_not_carried_on(new_world):
    world = ended(new_world(ACT), HyperParameters={})
    assert world.attempts() == ["nightly-7"]
    assert "left no complete checkpoint" in world.ended("nightly-7")["reason"]
    assert world.alerts() == ["attempt_ended"]
    assert world.outcomes("nightly-7") == ["refused"]


def test_a_job_that_nobody_allowed_is_only_watched(new_world):
    world = ended(new_world(replace(ACT, rules=(replace(NIGHTLY, name="weekly-*"),))))
    assert world.attempts() == ["nightly-7"]
    assert "no policy rule matches this job" in world.ended("nightly-7")["reason"]


@pytest.mark.shows("old events", "an ending that is first seen a week later")
def test_an_ending_that_is_first_seen_a_week_later_is_not_resubmitted(new_world):
    world = new_world(ACT)
    world.weather = lambda entry: []
    ended(world)
    world.now += timedelta(days=7)
    world.policy_since = NOON - timedelta(days=30)
    world.sweep()
    assert world.attempts() == ["nightly-7"]
    assert "max_age" in world.ended("nightly-7")["reason"]


@pytest.mark.shows("old events", "the policy is switched on over an old account")
def test_switching_the_policy_on_over_an_old_account_resubmits_nothing(new_world):
    world = new_world()
    world.weather = lambda entry: []
    ended(world)
    world.under(ACT)
    world.policy_since = world.now
    world.sweep()
    world.sweep()
    assert world.attempts() == ["nightly-7"]
    assert "before this policy was deployed" in world.ended("nightly-7")["reason"]


@pytest.mark.shows("deployments", "the mode was off when the job ended")
def test_a_mode_that_was_off_when_a_job_ended_leaves_it_alone_for_ever(new_world):
    world = ended(new_world())
    world.under(ACT)
    world.sweep()
    assert world.attempts() == ["nightly-7"]
    assert not [row for row in world.rows() if row[row_keys.PK].startswith("LINEAGE#")]


def test_a_lineage_whose_attempts_never_launch_ends_on_demand_and_stops_there(new_world):
    world = new_world(ACT)
    world.script("*", Script(steps=(Step("Starting", 5),), failure="CapacityError: none left"))
    world.create("nightly-7", StoppingCondition=LIMITS)
    world.pass_time(60)
    names = world.attempts()
    assert len(names) == 3
    assert [world.heads()[name].spot for name in names] == [True, True, False]
    assert "attempt 3 of the 3 allowed" in world.ended(names[2])["reason"]


def test_advice_is_given_and_nothing_is_created(new_world):
    world = ended(new_world(bounded(mode=Mode.ADVISE)))
    answer = world.ended("nightly-7")
    assert world.attempts() == ["nightly-7"]
    assert (answer["settled"], answer["next"][:13]) == ("advise", "nightly-7-a2-")
    assert world.alerts() == ["attempt_ended"]
    assert world.outcomes("nightly-7") == ["advised"]


@pytest.mark.shows("deployments", "the switch is off, then on")
def test_while_the_switch_is_off_endings_wait(new_world):
    world = new_world(ACT)
    world.switch = "off"
    ended(world)
    assert 'switch is "off"' in world.ended("nightly-7")["held"]
    world.switch = "on"
    world.pass_time(120)
    world.sweep()
    assert len(world.attempts()) == 2


@pytest.mark.shows("deployments", "the switch cannot be read")
def test_a_switch_that_cannot_be_read_is_off(new_world):
    world = new_world(ACT)

    def broken(Name):  # noqa: N803 (SSM's word)
        raise ClientError({"Error": {"Code": "InternalServerError"}}, "GetParameter")

    world.get_parameter = broken
    ended(world)
    assert world.attempts() == ["nightly-7"]
    assert "settled" not in world.ended("nightly-7")


@pytest.mark.shows("loops", "more endings within an hour than creations are allowed")
def test_creations_an_hour_are_capped_and_the_rest_waits_for_the_next(new_world):
    world = new_world(bounded(max_creations_per_hour=2))
    world.script("*-a2-*", UNINTERRUPTED)
    world.script("*", NEVER_LAUNCHED)
    for n in range(4):
        world.create(f"nightly-{n}", StoppingCondition=LIMITS)
    world.pass_time(70)
    assert len(world.attempts()) == 6
    world.now = NOON + timedelta(hours=1, minutes=10)
    world.sweep()
    assert len(world.attempts()) == 8


@pytest.mark.shows("quotas", "CreateTrainingJob answers ResourceLimitExceeded, then takes the job")
def test_a_quota_costs_no_attempt_and_one_alert(new_world):
    quota = "ml.g5.xlarge for spot training job usage"
    world = new_world(ACT, quotas={quota: 1})
    world.script("nightly-7", Script(steps=(Step("Starting", 5),), failure="CapacityError: none"))
    world.create("nightly-7", StoppingCondition=LIMITS)
    world.pass_time(2)
    world.sagemaker.quotas[quota] = IN_USE
    for _ in range(2):
        world.pass_time(400, step=10)
        world.sweep()
    assert world.attempts() == ["nightly-7"]
    world.sagemaker.quotas[quota] = 1
    world.pass_time(400, step=10)
    world.sweep()
    world.pass_time(60)
    assert world.statuses(world.attempts()[1])[-1] == "Completed"
    assert world.alerts("nightly-7") == ["attempt_ended", "outcome_changed"]
    assert world.outcomes("nightly-7") == ["waiting", "started"]


def test_a_claim_that_waited_is_counted_when_it_is_tried(new_world):
    quota = "ml.g5.xlarge for spot training job usage"
    world = new_world(bounded(max_creations_per_hour=2), quotas={quota: IN_USE})
    world.script("*-a2-*", UNINTERRUPTED)
    world.script("*", Script(steps=(Step("Starting", 5),), failure="CapacityError: none"))
    for n in range(2):
        world.sagemaker.quotas.clear()
        world.create(f"nightly-{n}", StoppingCondition=LIMITS)
        world.sagemaker.quotas[quota] = IN_USE
    world.pass_time(10)
    world.now = NOON + timedelta(hours=1, minutes=1)
    world.sagemaker.quotas.clear()
    for n in range(2, 4):
        world.create(f"nightly-{n}", StoppingCondition=LIMITS)
    world.pass_time(10)
    world.sweep()
    world.sweep()
    created = [name for name in world.attempts() if "-a2-" in name]
    assert len(created) == 2
    slots = [row for row in world.rows() if row[row_keys.SK].startswith("SLOT#")]
    assert sum("returned" not in row for row in slots) == 2


@pytest.mark.shows("squatters", "another user's job has the derived name")
def test_a_job_of_somebody_elses_under_our_name_is_not_adopted(new_world):
    world = new_world(ACT)
    squatter = "nightly-7-a2-" + "0" * 12
    world.script("nightly-7", OUT_OF_WAIT_AT_12)
    world.create("nightly-7", StoppingCondition=LIMITS)
    world.pass_time(5)
    squatter = next(iter(world.heads().values())).attempt.next.name
    world.create(squatter, CheckpointConfig=None)
    world.pass_time(70)
    row = next(r for r in world.rows() if r[row_keys.SK] == "ATTEMPT#002")
    assert (row["state"], world.heads()[squatter].attempt.number) == ("abandoned", 1)
    assert "Spotter did not create it" in row["reason"]
    assert world.alerts("nightly-7") == ["attempt_ended"]
    assert world.outcomes("nightly-7") == ["abandoned"]


@pytest.mark.shows("checkpoints", "another running job uses the checkpoints")
def test_a_living_job_on_the_same_checkpoints_stops_it(new_world):
    world = new_world(ACT)
    world.script("taken-over", Script(steps=(Step("Starting", 500),)))
    place = {"S3Uri": f"{BUCKET}/nightly-7"}
    world.create("taken-over", CheckpointConfig=place)
    ended(world)
    assert world.attempts() == ["taken-over", "nightly-7"]
    assert "taken-over is running" in world.ended("nightly-7")["held"]


@pytest.mark.shows("lost answers", "CreateTrainingJob is cut off, before or after it was done")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_creation_that_was_cut_off_is_made_good_once(new_world, when):
    world, create = new_world(ACT), SpotterInOneProcess.create
    real = world.sagemaker.create_training_job

    def dying(**request):
        if when == "after":
            real(**request)
        world.sagemaker.create_training_job = real
        raise Killed

    world.sagemaker.__dict__.pop("create_training_job", None)
    create(world, "nightly-7", StoppingCondition=LIMITS)
    world.script("*", UNINTERRUPTED)
    world.sagemaker.stop_training_job(TrainingJobName="nightly-7")
    world.pass_time(5)
    world.script("nightly-7", OUT_OF_WAIT_AT_12)
    world.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    world.create("nightly-7", StoppingCondition=LIMITS)
    world.pass_time(50)
    world.sagemaker.create_training_job = dying
    with pytest.raises(Killed):
        world.pass_time(30)
    world.settle()
    world.pass_time(150)
    world.sweep()
    world.pass_time(30)
    world.sweep()
    assert [name[:12] for name in world.attempts()[1:]] == ["nightly-7", "nightly-7-a2"]
    row = next(r for r in world.rows() if r[row_keys.SK] == "ATTEMPT#002")
    assert row["state"] == "started"
    assert row_keys.OPEN_PK not in row


@pytest.mark.shows("lost answers", "resubmit dies after any of its puts")
def test_a_resubmitter_that_dies_after_any_put_creates_once(new_world, proof):
    for after in itertools.count():
        world = new_world(ACT)
        world.script("nightly-7-a*", UNINTERRUPTED)
        world.script("nightly-7", Script(steps=(Step("Starting", 5),), failure="CapacityError: x"))
        world.create("nightly-7", StoppingCondition=LIMITS)
        world.pass_time(3)
        world.stream.die_after = world.stream.puts + after
        try:
            world.pass_time(30)
        except Killed:
            world.settle()
        survived, world.stream.die_after = world.stream.die_after is not None, None
        for _ in range(2):
            world.pass_time(150, step=10)
            world.sweep()
        assert len(world.attempts()) == 2, f"after put {after}"
        assert world.heads()[world.attempts()[1]].status == "Completed"
        if survived:
            assert after > 8
            return
        proof.count(tries=1, fired=1)


@pytest.mark.shows("old events", "every event is replayed weeks later")
def test_replaying_every_event_weeks_later_creates_nothing(new_world):
    world, seen = new_world(ACT), []
    world.weather = lambda entry: seen.append(entry) or [entry]
    ended(world)
    world.pass_time(40)
    before = world.attempts()
    world.now += timedelta(days=15)
    world.weather = lambda entry: [entry]
    for entry in seen:
        world._emit(entry)
    world.settle()
    assert world.attempts() == before


@pytest.mark.shows("forged events", "an event about an ending that never was")
def test_a_forged_event_makes_us_look_and_nothing_else(new_world):
    world = ended(new_world(ACT))
    puts = world.stream.puts
    detail = {"TrainingJobName": "nightly-7", "TrainingJobStatus": "Failed", "RoleArn": "admin"}
    forged = {"Source": "aws.sagemaker", "DetailType": "SageMaker Training Job State Change"}
    world._emit(forged | {"Time": NOON, "Resources": [], "Detail": json.dumps(detail)})
    world.settle()
    assert world.stream.puts == puts


def test_a_ladder_chooses_the_capacity_of_each_attempt(new_world):
    rule = replace(NIGHTLY, capacity=(ON_DEMAND,))
    world = ended(new_world(replace(ACT, rules=(rule,))), first=NEVER_LAUNCHED)
    assert world.heads()[world.attempts()[1]].spot is False


@pytest.mark.shows(
    "secrets",
    "hyperparameters, environment, tags and FailureReason, looked for in rows, logs, messages",
)
def test_what_a_user_hides_in_a_request_is_found_nowhere(new_world, capsys):
    canary = "hunter2"
    world = new_world(ACT)
    world.script(
        "*", Script(steps=(*LAUNCH, Step("Training", 2)), failure=f"CapacityError: {canary}")
    )
    world.create(
        "nightly-7",
        HyperParameters={"secret": canary},
        Environment={"SECRET": canary},
        Tags=[{"Key": "secret", "Value": canary}],
        StoppingCondition=LIMITS,
    )
    world.pass_time(30)
    assert world.alerts()
    printed = capsys.readouterr()
    for seen in (str(world.rows()), str(world.published), printed.out, printed.err):
        assert canary not in seen
