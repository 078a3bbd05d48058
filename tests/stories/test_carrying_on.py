"""Lineages are carried on where their owner allows it, exactly once, and every refusal says why."""

import itertools
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from laptop.market.spot import LAUNCH, NEVER_LAUNCHED, UNINTERRUPTED, Script, Step
from spotter.core import rows
from spotter.core.endings import Ending
from spotter.core.policy import Mode, Policy, Resubmission, Rule
from spotter.core.rungs import ON_DEMAND
from tests.nightly import IN_USE
from tests.telling import BUCKET, NOON, ROLE
from tests.world import Killed, World

OUT_OF_WAIT_AT_12 = Script(steps=(*LAUNCH, Step("Training", 12), Step("Interrupted")))
BOUNDS = Resubmission(mode=Mode.ACT, roles=(ROLE,))
NIGHTLY = Rule(
    name="nightly-*", on=(Ending.OUT_OF_WAIT, Ending.NEVER_LAUNCHED, Ending.CAPACITY), attempts=3
)
ACT = Policy(checkpoints=(f"{BUCKET}/*",), resubmission=BOUNDS, rules=(NIGHTLY,))
LIMITS = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}


def bounded(**bounds) -> Policy:
    return replace(ACT, resubmission=replace(BOUNDS, **bounds))


def ended(world: World, *, first: Script = OUT_OF_WAIT_AT_12, **more) -> World:
    """nightly-7 has run out of MaxWaitTime; what comes after it meets no trouble."""
    world.script("nightly-7-a*", UNINTERRUPTED)
    world.script("nightly-7", first)
    world.create("nightly-7", StoppingCondition=LIMITS, **more)
    world.pass_time(65)
    return world


def result(world: World, name: str) -> bytes:
    return world.s3.objects["ml-models", f"out/{name}/output/model.json"][0]


def test_a_lineage_that_ran_out_of_wait_is_carried_on_from_its_checkpoint(world):
    told = ended(world(ACT))
    told.pass_time(40)
    first, second = told.attempts()
    assert told.statuses(first)[-1] == "MaxWaitTimeExceeded"
    assert told.statuses(second)[-1] == "Completed"
    assert told.heads()[second].attempt.number == 2
    assert told.heads()[second].trained == timedelta(seconds=10)
    assert told.ended(first)["reason"].endswith("on spot, from checkpoint-10/")
    assert told.alerts() == ["attempt_ended", "recovered"]
    assert told.outcomes("nightly-7") == ["started"]
    assert told.differences() == []


def test_what_was_carried_on_ends_as_if_nothing_had_happened(world):
    told = ended(world(ACT))
    told.pass_time(40)
    undisturbed = world()
    undisturbed.script("*", UNINTERRUPTED)
    undisturbed.create("nightly-7", StoppingCondition=LIMITS)
    undisturbed.pass_time(40)
    assert result(told, told.attempts()[1]) == result(undisturbed, "nightly-7")


def test_a_never_launched_job_is_carried_on_without_a_checkpoint(world):
    told = ended(world(ACT), first=NEVER_LAUNCHED)
    told.pass_time(40)
    assert told.statuses(told.attempts()[1])[-1] == "Completed"


def test_a_job_that_trained_and_left_no_checkpoint_is_not_carried_on(world):
    told = ended(world(ACT), HyperParameters={})
    assert told.attempts() == ["nightly-7"]
    assert "left no complete checkpoint" in told.ended("nightly-7")["reason"]
    assert told.alerts() == ["attempt_ended"]
    assert told.outcomes("nightly-7") == ["refused"]


def test_a_job_that_nobody_allowed_is_only_watched(world):
    told = ended(world(replace(ACT, rules=(replace(NIGHTLY, name="weekly-*"),))))
    assert told.attempts() == ["nightly-7"]
    assert "nobody allowed it" in told.ended("nightly-7")["reason"]


def test_a_first_look_a_week_later_carries_nothing_on(world):
    told = world(ACT)
    told.weather = lambda entry: []
    ended(told)
    told.now += timedelta(days=7)
    told.policy_since = NOON - timedelta(days=30)
    told.sweep()
    assert told.attempts() == ["nightly-7"]
    assert "max_age" in told.ended("nightly-7")["reason"]


def test_switching_the_policy_on_over_an_old_account_carries_nothing_on(world):
    told = world()
    told.weather = lambda entry: []
    ended(told)
    told.under(ACT)
    told.policy_since = told.now
    told.sweep()
    told.sweep()
    assert told.attempts() == ["nightly-7"]
    assert "before this policy was deployed" in told.ended("nightly-7")["reason"]


def test_a_mode_that_was_off_when_a_job_ended_leaves_it_alone_for_ever(world):
    told = ended(world())
    told.under(ACT)
    told.sweep()
    assert told.attempts() == ["nightly-7"]
    assert not [row for row in told.rows() if row[rows.PK].startswith("LINEAGE#")]


def test_a_lineage_whose_attempts_never_launch_ends_on_demand_and_stops_there(world):
    told = world(ACT)
    told.script("*", Script(steps=(Step("Starting", 5),), failure="CapacityError: none left"))
    told.create("nightly-7", StoppingCondition=LIMITS)
    told.pass_time(60)
    names = told.attempts()
    assert len(names) == 3
    assert [told.heads()[name].spot for name in names] == [True, True, False]
    assert "attempt 3 of the 3 allowed" in told.ended(names[2])["reason"]


def test_advice_is_given_and_nothing_is_created(world):
    told = ended(world(bounded(mode=Mode.ADVISE)))
    answer = told.ended("nightly-7")
    assert told.attempts() == ["nightly-7"]
    assert (answer["settled"], answer["next"][:13]) == ("advise", "nightly-7-a2-")
    assert told.alerts() == ["attempt_ended"]
    assert told.outcomes("nightly-7") == ["advised"]


def test_while_the_switch_is_off_endings_wait(world):
    told = world(ACT)
    told.switch = "off"
    ended(told)
    assert 'switch is "off"' in told.ended("nightly-7")["held"]
    told.switch = "on"
    told.pass_time(120)
    told.sweep()
    assert len(told.attempts()) == 2


def test_a_switch_that_cannot_be_read_is_off(world):
    told = world(ACT)

    def broken(Name):  # noqa: N803 (SSM's word)
        raise ClientError({"Error": {"Code": "InternalServerError"}}, "GetParameter")

    told.get_parameter = broken
    ended(told)
    assert told.attempts() == ["nightly-7"]
    assert "settled" not in told.ended("nightly-7")


def test_creations_an_hour_are_capped_and_the_rest_waits_for_the_next(world):
    told = world(bounded(creations_per_hour=2))
    told.script("*-a2-*", UNINTERRUPTED)
    told.script("*", NEVER_LAUNCHED)
    for n in range(4):
        told.create(f"nightly-{n}", StoppingCondition=LIMITS)
    told.pass_time(70)
    assert len(told.attempts()) == 6
    told.now = NOON + timedelta(hours=1, minutes=10)
    told.sweep()
    assert len(told.attempts()) == 8


def test_a_quota_costs_no_attempt_and_one_alert(world):
    quota = "ml.g5.xlarge for spot training job usage"
    told = world(ACT, quotas={quota: 1})
    told.script("nightly-7", Script(steps=(Step("Starting", 5),), failure="CapacityError: none"))
    told.create("nightly-7", StoppingCondition=LIMITS)
    told.pass_time(2)
    told.sagemaker.quotas[quota] = IN_USE
    for _ in range(2):
        told.pass_time(400, step=10)
        told.sweep()
    assert told.attempts() == ["nightly-7"]
    told.sagemaker.quotas[quota] = 1
    told.pass_time(400, step=10)
    told.sweep()
    told.pass_time(60)
    assert told.statuses(told.attempts()[1])[-1] == "Completed"
    assert told.alerts("nightly-7") == ["attempt_ended", "outcome_changed"]
    assert told.outcomes("nightly-7") == ["waiting", "started"]


def test_a_claim_that_waited_is_counted_when_it_is_tried(world):
    quota = "ml.g5.xlarge for spot training job usage"
    told = world(bounded(creations_per_hour=2), quotas={quota: IN_USE})
    told.script("*-a2-*", UNINTERRUPTED)
    told.script("*", Script(steps=(Step("Starting", 5),), failure="CapacityError: none"))
    for n in range(2):
        told.sagemaker.quotas.clear()
        told.create(f"nightly-{n}", StoppingCondition=LIMITS)
        told.sagemaker.quotas[quota] = IN_USE
    told.pass_time(10)
    told.now = NOON + timedelta(hours=1, minutes=1)
    told.sagemaker.quotas.clear()
    for n in range(2, 4):
        told.create(f"nightly-{n}", StoppingCondition=LIMITS)
    told.pass_time(10)
    told.sweep()
    told.sweep()
    created = [name for name in told.attempts() if "-a2-" in name]
    assert len(created) == 2
    slots = [row for row in told.rows() if row[rows.SK].startswith("SLOT#")]
    assert sum("returned" not in row for row in slots) == 2


def test_a_job_of_somebody_elses_under_our_name_is_not_adopted(world):
    told = world(ACT)
    squatter = "nightly-7-a2-" + "0" * 12
    told.script("nightly-7", OUT_OF_WAIT_AT_12)
    told.create("nightly-7", StoppingCondition=LIMITS)
    told.pass_time(5)
    squatter = next(iter(told.heads().values())).attempt.next.name
    told.create(squatter, CheckpointConfig=None)
    told.pass_time(70)
    row = next(r for r in told.rows() if r[rows.SK] == "ATTEMPT#002")
    assert (row["state"], told.heads()[squatter].attempt.number) == ("abandoned", 1)
    assert "is not ours" in row["reason"]
    assert told.alerts("nightly-7") == ["attempt_ended"]
    assert told.outcomes("nightly-7") == ["abandoned"]


def test_a_living_job_on_the_same_checkpoints_stops_it(world):
    told = world(ACT)
    told.script("taken-over", Script(steps=(Step("Starting", 500),)))
    place = {"S3Uri": f"{BUCKET}/nightly-7"}
    told.create("taken-over", CheckpointConfig=place)
    ended(told)
    assert told.attempts() == ["taken-over", "nightly-7"]
    assert "taken-over is alive" in told.ended("nightly-7")["held"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_creation_that_was_cut_off_is_made_good_once(world, when):
    told, create = world(ACT), World.create
    real = told.sagemaker.create_training_job

    def dying(**asked):
        if when == "after":
            real(**asked)
        told.sagemaker.create_training_job = real
        raise Killed

    told.sagemaker.__dict__.pop("create_training_job", None)
    create(told, "nightly-7", StoppingCondition=LIMITS)
    told.script("*", UNINTERRUPTED)
    told.sagemaker.stop_training_job(TrainingJobName="nightly-7")
    told.pass_time(5)
    told.script("nightly-7", OUT_OF_WAIT_AT_12)
    told.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    told.create("nightly-7", StoppingCondition=LIMITS)
    told.pass_time(50)
    told.sagemaker.create_training_job = dying
    with pytest.raises(Killed):
        told.pass_time(30)
    told.settle()
    told.pass_time(150)
    told.sweep()
    told.pass_time(30)
    told.sweep()
    assert [name[:12] for name in told.attempts()[1:]] == ["nightly-7", "nightly-7-a2"]
    row = next(r for r in told.rows() if r[rows.SK] == "ATTEMPT#002")
    assert row["state"] == "started"
    assert rows.OPEN_PK not in row


def test_a_resubmitter_that_dies_after_any_put_creates_once(world):
    for after in itertools.count():
        told = world(ACT)
        told.script("nightly-7-a*", UNINTERRUPTED)
        told.script("nightly-7", Script(steps=(Step("Starting", 5),), failure="CapacityError: x"))
        told.create("nightly-7", StoppingCondition=LIMITS)
        told.pass_time(3)
        told.stream.die_after = told.stream.puts + after
        try:
            told.pass_time(30)
        except Killed:
            told.settle()
        survived, told.stream.die_after = told.stream.die_after is not None, None
        for _ in range(2):
            told.pass_time(150, step=10)
            told.sweep()
        assert len(told.attempts()) == 2, f"after put {after}"
        assert told.heads()[told.attempts()[1]].status == "Completed"
        if survived:
            assert after > 8
            return


def test_replaying_every_event_weeks_later_creates_nothing(world):
    told, seen = world(ACT), []
    told.weather = lambda entry: seen.append(entry) or [entry]
    ended(told)
    told.pass_time(40)
    before = told.attempts()
    told.now += timedelta(days=15)
    told.weather = lambda entry: [entry]
    for entry in seen:
        told._emit(entry)
    told.settle()
    assert told.attempts() == before


def test_a_forged_event_makes_us_look_and_nothing_else(world):
    told = ended(world(ACT))
    puts = told.stream.puts
    detail = {"TrainingJobName": "nightly-7", "TrainingJobStatus": "Failed", "RoleArn": "admin"}
    forged = {"Source": "aws.sagemaker", "DetailType": "SageMaker Training Job State Change"}
    told._emit(forged | {"Time": NOON, "Resources": [], "Detail": json.dumps(detail)})
    told.settle()
    assert told.stream.puts == puts


def test_a_ladder_chooses_the_capacity_of_each_attempt(world):
    rule = replace(NIGHTLY, ladder=(ON_DEMAND,))
    told = ended(world(replace(ACT, rules=(rule,))), first=NEVER_LAUNCHED)
    assert told.heads()[told.attempts()[1]].spot is False


def test_what_a_user_hides_in_a_request_is_found_nowhere(world, capsys):
    canary = "hunter2"
    told = world(ACT)
    told.script(
        "*", Script(steps=(*LAUNCH, Step("Training", 2)), failure=f"CapacityError: {canary}")
    )
    told.create(
        "nightly-7",
        HyperParameters={"secret": canary},
        Environment={"SECRET": canary},
        Tags=[{"Key": "secret", "Value": canary}],
        StoppingCondition=LIMITS,
    )
    told.pass_time(30)
    assert told.alerts()
    printed = capsys.readouterr()
    for seen in (str(told.rows()), str(told.published), printed.out, printed.err):
        assert canary not in seen
