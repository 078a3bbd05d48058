"""A lineage with a deadline: its terms are recorded once, and each sweep records how it stands."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from laptop.simulated_sagemaker.spot_market import LAUNCH, Script, Step
from spotter.aws.deadline.assessing import DeadlineAssessor
from spotter.core.deadline.assessment import Assessment
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.deadline.hand_over import NextStep, Phase
from spotter.core.deadline.remaining import RemainingSource
from spotter.core.ledger.deadline import DeadlineRecord, deadline_key
from spotter.core.policy.model import AlertsPolicy, Mode
from tests.support.jobs import NOON, minutes
from tests.support.nightly_lineage import NIGHTLY, NO_CAPACITY, bounded
from tests.support.spotter_in_one_process import SpotterInOneProcess

HOURS = timedelta(hours=1)
BY = replace(NIGHTLY, finish_by=FinishBy.parse("12h"), needs=6 * HOURS)
DATED = replace(bounded(mode=Mode.OFF), rules=(BY,))
TAGGED = replace(bounded(mode=Mode.OFF), rules=(replace(NIGHTLY, finish_by_tag=True),))
LIMITS = {"MaxRuntimeInSeconds": 24 * 3600, "MaxWaitTimeInSeconds": 48 * 3600}
SIX_HOURS = {"steps": "720", "step_seconds": "30", "checkpoint_every": "20"}
WAITS = Script(steps=(Step("Starting"),))
TRAINS = Script(steps=(*LAUNCH, Step("Training")))
INTERRUPTED = Script(
    steps=(*LAUNCH, Step("Training", 65 * 60), Step("Interrupted", 5), Step("Starting"))
)


def started(world: SpotterInOneProcess, script: Script, **more: object) -> SpotterInOneProcess:
    world.script("*", script)
    stated = {"StoppingCondition": LIMITS, "HyperParameters": SIX_HOURS} | more
    world.create("nightly-7", **stated)
    return world


def pass_minutes(world: SpotterInOneProcess, count: int) -> None:
    """Minute by minute, with a sweep every five."""
    for _ in range(count // 5):
        world.pass_time(300, step=30)
        world.sweep()


def recorded(world: SpotterInOneProcess, name: str = "nightly-7") -> DeadlineRecord | None:
    return world.ledger.get(DeadlineRecord, deadline_key(world.heads()[name].id))


def assessed(world: SpotterInOneProcess) -> Assessment:
    found = recorded(world)
    return DeadlineAssessor(world.ledger).assess(world.heads()["nightly-7"], found.terms, world.now)


def tag(**values: str) -> list[dict[str, str]]:
    return [{"Key": f"spotter:{k.replace('_', '-')}", "Value": v} for k, v in values.items()]


def test_the_terms_are_recorded_with_the_first_description(new_world):
    world = started(new_world(DATED), WAITS)
    world.pass_time(5)
    found = recorded(world)
    assert found.terms.finish_by == world.heads()["nightly-7"].id.created + 12 * HOURS
    assert (found.terms.needs, found.terms.rule, found.figures) == (6 * HOURS, "nightly-*", None)
    assert found.terms.capacity == ("spot", "on-demand")


def test_a_policy_without_deadlines_reads_and_writes_nothing_for_them(new_world):
    world = started(new_world(bounded(mode=Mode.OFF)), TRAINS)
    pass_minutes(world, 10)
    assert recorded(world) is None


def test_the_tags_of_a_job_are_not_read_again_at_each_sweep(new_world):
    world = new_world(TAGGED)
    calls = []
    world.distort("list_tags", lambda answer: calls.append(1))
    started(world, TRAINS, Tags=tag(finish_by="9h", needs="5h", steps="720"))
    pass_minutes(world, 5)
    before = len(calls)
    pass_minutes(world, 60)
    found = recorded(world)
    assert (found.terms.finish_by - NOON, found.terms.steps) == (9 * HOURS, 720)
    assert len(calls) == before == 1


def test_a_job_of_a_rule_without_a_deadline_costs_no_row_and_no_call_but_its_tags_once(new_world):
    beside = replace(DATED, rules=(replace(BY, name="weekly-*"), NIGHTLY))
    calls, kinds = [], []
    for policy in (bounded(mode=Mode.OFF), beside):
        world = new_world(policy)
        counted = []
        for call in ("list_tags", "describe_training_job"):
            world.distort(call, lambda answer, call=call, counted=counted: counted.append(call))
        started(world, TRAINS)
        pass_minutes(world, 60)
        calls.append(counted)
        kinds.append({row["sk"].split("#")[0] for row in world.rows()})
    assert recorded(world) is None
    assert world.heads()["nightly-7"].no_deadline == beside.fingerprint
    assert sorted(calls[1]) == sorted(["list_tags", *calls[0]])
    assert kinds[0] == kinds[1]


def test_a_policy_that_comes_back_has_its_own_deadlines_again(new_world):
    """The head of a job without a deadline names the policy; under another one the job has a deadline for a while."""
    without = replace(DATED, rules=(replace(BY, name="weekly-*"), NIGHTLY))
    world = started(new_world(without), TRAINS)
    pass_minutes(world, 10)
    world.under(DATED)
    pass_minutes(world, 10)
    assert (recorded(world).terms.needs, world.heads()["nightly-7"].no_deadline) == (6 * HOURS, "")
    world.under(without)
    pass_minutes(world, 10)
    assert (recorded(world).terms, recorded(world).policy) == (None, without.fingerprint)


def test_a_job_of_no_such_rule_has_a_row_without_terms_and_its_tag_is_reported(new_world):
    world = new_world(replace(bounded(mode=Mode.OFF), rules=(replace(BY, name="weekly-*"),)))
    started(world, WAITS, Tags=tag(finish_by="9h"))
    pass_minutes(world, 10)
    found = recorded(world)
    assert (found.terms, found.figures) == (None, None)
    assert "no rule that sets a deadline" in found.ignored[0]


def test_a_new_policy_gives_a_running_job_its_new_deadline(new_world):
    world = started(new_world(bounded(mode=Mode.OFF)), TRAINS)
    pass_minutes(world, 10)
    world.under(DATED)
    pass_minutes(world, 10)
    assert recorded(world).terms.finish_by == NOON + 12 * HOURS
    assert recorded(world).figures is not None
    world.under(replace(DATED, rules=(replace(BY, finish_by=FinishBy.parse("10h")),)))
    pass_minutes(world, 10)
    assert recorded(world).terms.finish_by == NOON + 10 * HOURS


def test_tags_that_cannot_be_read_are_read_with_the_next_delivery(new_world):
    world = new_world(DATED)
    refusal = ClientError({"Error": {"Code": "ThrottlingException"}}, "ListTags")
    world.refuse("list_tags", refusal)
    started(world, WAITS)
    world.pass_time(60)
    assert recorded(world).terms is not None


def test_a_job_whose_tags_cannot_be_read_is_recorded_all_the_same(new_world):
    world = new_world(DATED)
    refusal = ClientError({"Error": {"Code": "AccessDeniedException"}}, "ListTags")
    for _ in range(50):
        world.refuse("list_tags", refusal)
    started(world, TRAINS)
    world.pass_time(60)
    assert world.heads()["nightly-7"].secondary == "Training"
    assert recorded(world) is None


def test_while_it_waits_slack_falls_minute_by_minute(new_world):
    world = started(new_world(DATED), WAITS)
    pass_minutes(world, 60)
    first = recorded(world).figures
    pass_minutes(world, 60)
    second = recorded(world).figures
    assert (first.phase, first.source) == ("waiting for spot capacity", "needs")
    assert first.slack - second.slack == minutes(60)
    assert first.hand_over_at == second.hand_over_at
    # 12 h, less 6 h times 1.2, less 5 min of upload; H is 34 min, a launch 6 min, a gap 60 min
    assert first.hand_over_at - NOON == minutes(720 - 432 - 5 - 100)


def test_at_the_hand_over_instant_the_next_step_is_to_hand_over(new_world):
    world = started(new_world(DATED), WAITS)
    pass_minutes(world, 180)
    assert assessed(world).step is NextStep.STAY
    pass_minutes(world, 10)
    assert (assessed(world).step, assessed(world).feasible) == (NextStep.HAND_OVER, True)


def test_checkpoints_lower_what_remains_and_the_steps_in_their_names_give_the_pace(new_world):
    world = new_world(TAGGED)
    started(world, TRAINS, Tags=tag(finish_by="12h", needs="5h", steps="720"))
    pass_minutes(world, 65)
    found = assessed(world)
    assert found.remaining.source is RemainingSource.STEPS
    assert found.standing.progress.step == 120
    assert found.remaining.length == 600 * timedelta(seconds=30) * 1.03
    assert found.standing.phase is Phase.TRAINING
    assert minutes(4) <= found.standing.unsaved <= minutes(6)
    gap = found.durations.checkpoint_gap
    assert (gap.count, gap.is_default, gap.value < minutes(11)) == (6, False, True)


def test_only_what_is_in_a_complete_checkpoint_counts_as_done(new_world):
    world = started(new_world(DATED), INTERRUPTED)
    pass_minutes(world, 65)
    before = assessed(world).remaining
    pass_minutes(world, 30)
    after = assessed(world)
    assert before.length == after.remaining.length
    assert minutes(0) <= 6 * HOURS * 1.2 - minutes(60) - before.length < minutes(1)
    assert (after.standing.phase, after.standing.unsaved) == (Phase.WAITING, timedelta())


def test_a_checkpoint_that_was_just_completed_is_seen(new_world):
    world = started(new_world(DATED), TRAINS)
    pass_minutes(world, 65)
    left = assessed(world).remaining
    assert assessed(world).standing.saved
    world.s3.put_object = lambda **_: None
    pass_minutes(world, 20)
    assert not assessed(world).standing.saved
    assert assessed(world).remaining == left


def test_a_job_that_completed_keeps_its_row_and_is_assessed_no_more(new_world):
    world = started(new_world(DATED), TRAINS)
    pass_minutes(world, 365)
    seen = recorded(world).figures.seen
    pass_minutes(world, 30)
    assert recorded(world).figures.seen == seen < world.now - minutes(29)


def test_without_permission_to_list_checkpoints_nothing_counts_as_done(new_world):
    world = started(new_world(replace(DATED, checkpoint_locations=())), TRAINS)
    world.pass_time(60)
    listed = world.s3.listed
    pass_minutes(world, 60)
    assert world.s3.listed == listed
    assert assessed(world).remaining.length == 6 * HOURS * 1.2


@pytest.mark.parametrize("needs", [None, 6 * HOURS])
def test_completed_lineages_of_the_rule_are_measured_once_a_day(new_world, needs):
    world = new_world(replace(DATED, rules=(replace(BY, needs=needs),)))
    world.script("*", TRAINS)
    for n in range(5):
        world.create(f"nightly-{n}", StoppingCondition=LIMITS, HyperParameters=SIX_HOURS)
    pass_minutes(world, 375)
    world.pass_time(24 * 3600, step=3600)
    world.create("nightly-7", StoppingCondition=LIMITS, HyperParameters=SIX_HOURS)
    pass_minutes(world, 10)
    found = assessed(world)
    expected = RemainingSource.NEEDS if needs else RemainingSource.LINEAGES
    assert found.remaining.source is expected
    assert found.durations.launch.count >= 5
    if needs is None:
        assert "p90 of 5 completed lineages" in found.remaining.words


def test_measuring_is_not_repeated_within_a_day(new_world):
    world = started(new_world(DATED), TRAINS)
    pass_minutes(world, 10)
    first = [row for row in world.rows() if row["pk"] == "DURATIONS"]
    pass_minutes(world, 30)
    assert [row for row in world.rows() if row["pk"] == "DURATIONS"] == first
    assert {row["sk"][:5] for row in first} == {"TYPE#", "RULE#"}


SOON = replace(BY, finish_by=FinishBy.parse("7h"))
"""Six hours times 1.2 and a start on demand do not fit."""


def messages(world: SpotterInOneProcess) -> list[dict[str, object]]:
    return [json.loads(json.loads(p["Message"])["sqs"]) for p in world.published]


def test_a_deadline_that_cannot_be_met_raises_one_alert_at_the_first_sweep(new_world):
    world = started(new_world(replace(DATED, rules=(SOON,))), WAITS)
    pass_minutes(world, 5)
    assert world.alerts() == ["cannot_finish"]
    [one] = messages(world)
    assert one["severity"] == "critical"
    assert one["headline"] == (
        "nightly-7 cannot finish by 2026-11-23T19:00:00.000Z: at the soonest 40 min later"
    )
    assert "6 h are stated, times 1.2" in one["details"][0]
    assert "Spotter hands nothing over to on demand" in one["details"][2]
    pass_minutes(world, 60)
    assert world.alerts() == ["cannot_finish"]


def test_a_later_attempt_does_not_repeat_what_was_said_of_its_lineage(new_world):
    acting = replace(bounded(mode=Mode.ACT), rules=(SOON,))
    world = new_world(acting)
    world.script("nightly-*", NO_CAPACITY)
    world.script("nightly-*-a*", WAITS)
    world.create("nightly-7", StoppingCondition=LIMITS, HyperParameters=SIX_HOURS)
    world.pass_time(2)
    world.sweep()
    pass_minutes(world, 60)
    assert world.attempts()[1:]
    assert world.alerts().count("cannot_finish") == 1


def test_a_job_that_its_owner_has_just_stopped_raises_no_alert_about_its_deadline(new_world):
    """It has trained for almost two hours without a complete checkpoint: a next attempt would begin anew."""
    eight = replace(DATED, rules=(replace(BY, finish_by=FinishBy.parse("8h")),))
    world = started(
        new_world(eight), TRAINS, HyperParameters=SIX_HOURS | {"checkpoint_every": "700"}
    )
    pass_minutes(world, 120)
    world.sagemaker.stop_training_job(TrainingJobName="nightly-7")
    world.pass_time(0.2, step=0.1)
    assert world.heads()["nightly-7"].secondary == "Stopping"
    world.sweep()
    world.settle()
    assert world.heads()["nightly-7"].running
    assert "cannot_finish" not in world.alerts()
    assert (recorded(world).figures.phase, recorded(world).figures.step) == ("stopping", "stay")


def test_without_the_policy_s_switch_there_is_no_such_alert(new_world):
    quiet = replace(DATED, rules=(SOON,), alerts=AlertsPolicy(deadlines=False))
    world = started(new_world(quiet), WAITS)
    pass_minutes(world, 10)
    assert world.alerts() == []
    assert recorded(world).late
