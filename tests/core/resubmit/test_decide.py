"""Deciding is total, every refusal has its reason, and unknown never means resubmit."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.checkpoints import QUIET, Checkpoint, Findings
from spotter.core.checkpoints.found import Torn
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.deadline.hand_over import NextStep
from spotter.core.deadline.stop_order import OrderState, StoppedBy
from spotter.core.ledger.stop_order import StopOrder
from spotter.core.model.api_shapes import MISSING, ModelViolation
from spotter.core.model.endings import MEANING, RESUBMITTABLE, Ending
from spotter.core.model.identity import Attempt
from spotter.core.model.rule_text import meaning, title
from spotter.core.model.timeline import ORDER
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT, CapacityOption
from spotter.core.policy.model import BackoffPolicy, Mode, Policy, ResubmissionPolicy, Rule
from spotter.core.resubmit import claims
from spotter.core.resubmit.case import Case, Kind, Switch
from spotter.core.resubmit.decide import answers, decide, first_stage
from spotter.core.resubmit.past_attempts import PastAttempt, Spend
from spotter.core.resubmit.rules import RULES, TITLES, progress
from tests.support.jobs import (
    ACCOUNT,
    BUCKET,
    INTERRUPTED_ONCE,
    NEVER_LAUNCHED,
    NOON,
    OUT_OF_TIME,
    ROLE,
    UNINTERRUPTED,
    job,
    minutes,
)
from tests.support.ledger_rows import claim, ending

BOUNDS = ResubmissionPolicy(mode=Mode.ACT, roles=(ROLE,))
NIGHTLY = Rule(name="nightly-*", on=RESUBMITTABLE, max_attempts=4)
POLICY = Policy(checkpoint_locations=(f"{BUCKET}/*",), resubmission=BOUNDS, rules=(NIGHTLY,))
FOUND = Findings((Checkpoint("step-9.pt", NOON + minutes(60)),))
LATER = NOON + timedelta(hours=3)


def case(statuses=OUT_OF_TIME, *, members=None, **more) -> Case:
    """A case that is carried on, but for what a test changes."""
    ended = job(statuses, **(members or {}))
    given = {
        "job": ended,
        "attempt": Attempt(ended.id, 1),
        "policy": POLICY,
        "now": LATER,
        "policy_since": NOON,
        "switch": Switch(on=True),
        "found": FOUND,
    }
    return Case(**(given | more))


def bounded(**bounds) -> Policy:
    return replace(POLICY, resubmission=replace(BOUNDS, **bounds))


def ruled(**rule) -> Policy:
    return replace(POLICY, rules=(replace(NIGHTLY, **rule),))


def laddered(*options: str, **more) -> Policy:
    return ruled(capacity=tuple(map(CapacityOption.parse, options)), **more)


def past(**more) -> PastAttempt:
    """An earlier attempt that left a checkpoint behind."""
    known = {"number": 1, "ending": Ending.CAPACITY, "interruptions": 0, "progressed": True}
    return PastAttempt(**({"trained": minutes(30), "spend": Spend(1.0, 5.0)} | known | more))


def stuck(**more) -> PastAttempt:
    return past(progressed=False, **more)


def error(**more) -> Case:
    members = {"FailureReason": "InternalServerError: x"} | more.pop("members", {})
    return case(("Starting", "Training", "Failed"), members=members, **more)


TYPE, LARGER = "ml.g5.xlarge", "spot ml.g5.4xlarge"
PRICES = {TYPE: 5.0}
SECOND = Attempt(job().id, 2)
LONG_AGO = replace(job().id, created=NOON - timedelta(days=20))
GROUP = {"InstanceType": TYPE, "InstanceCount": 1, "InstanceGroupName": "a"}
GROUPS = {"ResourceConfig": {"InstanceGroups": [GROUP], "VolumeSizeInGB": 1}}
KMEANS = {
    "AlgorithmSpecification": {
        "TrainingImage": "382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1"
    }
}


def test_an_attempt_that_no_rule_refuses_is_resubmitted():
    decision = decide(case())
    assert (decision.kind, decision.plan.option) == (Kind.RESUBMIT, SPOT)
    assert decision.reason == (
        "it ran out of MaxWaitTimeInSeconds after it had trained, and the rule for nightly-* "
        "allows attempt 2 of 4, on spot, from step-9.pt"
    )


def test_neighbours_that_would_be_copied_too_are_named():
    found = replace(FOUND, neighbours=("nightly-70/", "nightly-71/"))
    assert "SageMaker copies nightly-70/ too" in decide(case(found=found)).reason


def test_a_never_launched_attempt_needs_no_checkpoint():
    decision = decide(case(NEVER_LAUNCHED, found=Findings(refused="not looked at")))
    assert decision.kind is Kind.RESUBMIT
    assert "with nothing lost" in decision.reason


def test_an_attempt_that_trained_and_left_nothing_is_not_carried_on():
    decision = decide(case(found=Findings()))
    assert decision.kind is Kind.REFUSE
    assert decision.rule == "a_trained_attempt_must_have_left_a_checkpoint"


def test_the_owner_may_need_no_checkpoint():
    decision = decide(case(found=Findings(), policy=ruled(require_checkpoint=False)))
    assert decision.kind is Kind.RESUBMIT
    assert "from its beginning" in decision.reason


def test_the_last_attempt_is_on_demand():
    root = job().id
    assert decide(case(attempt=Attempt(root, 3))).plan.option == ON_DEMAND


@pytest.mark.parametrize(("asks", "refused"), [(1, True), (2, False), (3, False)])
def test_as_many_attempts_as_asks_may_end_without_training(asks, refused):
    vain = (past(progressed=None, ending=Ending.HANDED_OVER),)
    timely = ruled(**TIMELY | {"asks": asks})
    decision = decide(case(NEVER_LAUNCHED, policy=timely, past=vain))
    assert (decision.rule == "waits_in_vain_have_a_budget") is refused


STOPPED = ("Starting", "Stopping", "Stopped")
TIMELY = {"finish_by": FinishBy(after=timedelta(hours=12)), "asks": 1}
REFUSALS = [
    (
        case(STOPPED, stopped_by=StoppedBy.UNKNOWN),
        "a_stop_of_unknown_origin_is_not_carried_on",
    ),
    (
        case(
            NEVER_LAUNCHED,
            policy=ruled(**TIMELY),
            past=(past(progressed=None, ending=Ending.HANDED_OVER),),
        ),
        "waits_in_vain_have_a_budget",
    ),
    (case(own_claim="abandoned"), "an_attempt_is_ours_by_proof"),
    (case(tags={"spotter:lineage": "x/1"}), "a_lineages_tags_are_on_no_first_attempt"),
    (case(successor="nightly-7-a2"), "an_attempt_is_followed_once"),
    (case(UNINTERRUPTED), "a_completed_attempt_needs_nothing"),
    (case(("Starting", "Stopping", "Stopped")), "what_was_stopped_on_purpose_stays_stopped"),
    (
        case(("Starting", "Failed"), members={"FailureReason": "ClientError: no such image"}),
        "an_unknown_ending_is_not_carried_on",
    ),
    (case(tags={"MANAGED_BY_AWS": "x"}), "another_service_looks_after_its_own_jobs"),
    (case(members={"TuningJobArn": "arn"}), "another_service_looks_after_its_own_jobs"),
    (
        case(members={"EnableManagedSpotTraining": False}),
        "a_job_that_never_asked_for_spot_is_only_watched",
    ),
    (case(policy=bounded(mode=Mode.OFF)), "nothing_is_carried_on_while_the_mode_is_off"),
    (case(policy=ruled(name="weekly-*")), "a_job_that_no_rule_names_is_only_watched"),
    (case(policy=ruled(tags={"team": "x"})), "a_job_that_no_rule_names_is_only_watched"),
    (case(policy=ruled(on=(Ending.CAPACITY,))), "the_ending_must_be_on_the_rules_list"),
    (case(policy_since=LATER), "an_ending_older_than_the_policy_is_history"),
    (case(now=LATER + timedelta(days=7)), "an_old_ending_is_history"),
    (case(now=NOON - minutes(60)), "an_old_ending_is_history"),
    (case(policy=ruled(max_attempts=1)), "a_lineage_has_so_many_attempts"),
    (case(members={"RoleArn": "arn:aws:iam::1:role/admin"}), "only_named_roles_are_passed"),
    (case(members={"RoleArn": f"{ROLE}-admin"}), "only_named_roles_are_passed"),
    (case(policy=bounded(roles=())), "only_named_roles_are_passed"),
    (case(policy=bounded(instance_types=("ml.p4*",))), "only_named_instance_types_are_started"),
    (case(policy=bounded(max_runtime=minutes(59))), "a_long_job_is_not_started_again"),
    (case(tags={f"k{n}": "v" for n in range(49)}), "there_must_be_room_for_our_tags"),
    (case(policy=ruled(require_image_digest=True)), "an_image_behind_a_tag_may_be_another_by_now"),
    (case(members={"CheckpointConfig": None}), "a_trained_attempt_needs_a_place_for_checkpoints"),
    (case(found=Findings(refused="AccessDenied"), denied=3), "the_checkpoint_must_be_seen"),
    (case(found=Findings(refused="S3 answers NoSuchBucket")), "the_checkpoint_must_be_seen"),
    (case(found=Findings(whole=False)), "the_checkpoint_must_be_seen"),
    (
        case(found=Findings((Checkpoint("old.pt", NOON - minutes(1)),))),
        "a_trained_attempt_must_have_left_a_checkpoint",
    ),
    (
        case(
            found=replace(FOUND, torn=(Torn(FOUND.complete[0], "step-10.pt: it is empty", False),))
        ),
        "a_torn_newest_checkpoint_is_not_resumed_from",
    ),
    (case(tags={"spotter:resubmit": "off"}), "the_jobs_owner_may_say_no"),
    (case(policy=bounded(max_lineage_age=minutes(60))), "an_old_lineage_is_not_carried_on"),
    (case(attempt=Attempt(LONG_AGO, 2)), "an_old_lineage_is_not_carried_on"),
    (case(policy=ruled(max_interruptions=1)), "interruptions_have_a_budget"),
    (
        case(policy=ruled(max_interruptions=3), past=(past(interruptions=2),)),
        "interruptions_have_a_budget",
    ),
    (
        error(past=(past(ending=Ending.INTERNAL),), policy=ruled(max_errors=1)),
        "errors_have_a_budget",
    ),
    (case(policy=ruled(max_total_runtime=minutes(30))), "a_total_of_runtime_is_used_up_once"),
    (case(members=KMEANS), "an_algorithm_that_saves_nothing_lost_its_work"),
    (
        case(found=Findings(), policy=ruled(require_checkpoint=False), past=(past(), stuck())),
        "no_progress_twice_ends_a_lineage",
    ),
    (
        case(members={"EnableManagedSpotTraining": False}, attempt=SECOND, policy=laddered("spot")),
        "there_must_be_a_capacity_option",
    ),
    (case(members=GROUPS, policy=laddered("spot ml.g5.xlarge")), "a_rung_must_fit_the_job"),
    (case(members=GROUPS, policy=laddered("spot instances=3")), "a_rung_must_fit_the_job"),
    (
        case(policy=replace(bounded(instance_types=("ml.g5.x*",)), rules=laddered(LARGER).rules)),
        "only_named_instance_types_are_started",
    ),
    (case(policy=bounded(max_instance_hours=1)), "the_worst_case_is_bounded"),
    (case(policy=bounded(max_spend=9.0, prices=PRICES)), "the_worst_case_is_bounded"),
    (
        case(policy=bounded(max_spend=9.0, prices={"ml.p4d.24xlarge": 1.0})),
        "the_worst_case_is_bounded",
    ),
    (
        case(members={"ResourceConfig": {"InstanceType": "ml.g5.xlarge"}}),
        "the_worst_case_is_bounded",
    ),
    (
        case(faults=(ModelViolation(("RoleArn",), None, MISSING),)),
        "the_request_must_fit_createtrainingjob",
    ),
]
WAITS = [
    (
        case(STOPPED, stopped_by=StoppedBy.NOT_YET_KNOWN),
        "a_stop_under_way_is_not_judged",
    ),
    (case(INTERRUPTED_ONCE[:4]), "a_living_attempt_is_left_alone"),
    (case(policy_since=None), "an_ending_older_than_the_policy_is_history"),
    (case(running_attempts=("nightly-7",)), "a_lineage_has_one_living_attempt"),
    (case(own_claim="creating"), "an_attempt_is_ours_by_proof"),
    (case(own_claim="waiting"), "an_attempt_is_ours_by_proof"),
    (case(switch=Switch(on=False, reason="x")), "the_switch_stops_everything"),
    (case(recent_creations=20), "creations_an_hour_are_capped"),
    (
        case(
            policy=replace(POLICY, rules=(replace(NIGHTLY, max_creations_per_hour=2),)),
            recent_creations_of_the_rule=2,
        ),
        "a_rules_creations_an_hour_are_capped",
    ),
    (
        error(members={"RetryStrategy": {"MaximumRetryAttempts": 2}}, now=NOON + minutes(29)),
        "what_sagemaker_retries_is_left_to_it",
    ),
    (
        case(policy=laddered("spot"), circuit_open_until={TYPE: LATER + minutes(9)}),
        "there_must_be_a_capacity_option",
    ),
    (
        case(policy=ruled(backoff=BackoffPolicy(minutes(180), minutes(180)))),
        "the_next_attempt_comes_after_a_pause",
    ),
    (case(pending=("other",)), "a_living_job_keeps_its_checkpoints"),
    (case(sharing=("other",)), "a_living_job_keeps_its_checkpoints"),
    (case(found=Findings(refused="AccessDenied")), "the_checkpoint_must_be_seen"),
    (
        case(found=Findings(settling=Checkpoint("ckpt/", LATER))),
        "a_trained_attempt_must_have_left_a_checkpoint",
    ),
]


@pytest.mark.parametrize(("refused", "rule"), REFUSALS, ids=[b for _, b in REFUSALS])
def test_a_refusal_names_its_rule_and_says_why(refused, rule):
    decision = decide(refused)
    assert (decision.kind, decision.rule) == (Kind.REFUSE, rule)
    assert decision.reason


@pytest.mark.parametrize(("waiting", "rule"), WAITS, ids=[b for _, b in WAITS])
def test_what_may_still_change_waits_for_another_look(waiting, rule):
    decision = decide(waiting)
    assert (decision.kind, decision.rule) == (Kind.WAIT, rule)
    assert decision.until is not None
    assert decision.until > waiting.now


@pytest.mark.parametrize(("faults", "more"), [(3, ""), (4, "; and 1 more"), (9, "; and 6 more")])
def test_of_many_faults_of_a_request_three_are_named_and_the_others_counted(faults, more):
    found = [ModelViolation((f"Member{n}",), None, MISSING) for n in range(1, faults + 1)]
    named = "; ".join(f"Member{n}: {MISSING}" for n in (1, 2, 3))
    reason = f"CreateTrainingJob would reject its request: {named}{more}"
    assert decide(case(faults=tuple(found))).reason == reason


def test_advice_says_what_it_would_have_done():
    decision = decide(case(policy=bounded(mode=Mode.ADVISE, roles=())))
    assert decision.kind is Kind.ADVISE
    assert "allows attempt 2 of 4" in decision.reason


def test_every_rule_but_the_last_is_shown_to_decide():
    shown = {name for _, name in [*REFUSALS, *WAITS]} | {"advice_creates_nothing"}
    assert shown == {rule.__name__ for rule in RULES[:-1]}


def test_every_rule_says_what_it_means():
    assert all(title(rule) and meaning(rule).endswith(".") for rule in RULES)


def test_each_rule_has_a_title_of_its_own():
    assert len(set(TITLES.values())) == len(RULES)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("started", "it is already resubmitted as nightly-7-a2"),
        ("creating", "its next attempt, nightly-7-a2, is already claimed"),
        ("waiting", "its next attempt, nightly-7-a2, is already claimed"),
        ("abandoned", "its next attempt, nightly-7-a2, was abandoned"),
    ],
)
def test_an_attempt_is_said_to_be_resubmitted_only_if_the_next_one_was_created(state, reason):
    decision = decide(case(successor="nightly-7-a2", successor_claim=state))
    assert (decision.kind, decision.reason) == (Kind.REFUSE, reason)


def test_a_claim_is_its_own_successor():
    assert decide(case(successor="a2", claimed=True)).kind is Kind.RESUBMIT


@pytest.mark.parametrize(
    ("bound", "rule"),
    [
        ({"policy_since": LATER}, "an_ending_older_than_the_policy_is_history"),
        ({"recent_creations": 20}, "creations_an_hour_are_capped"),
        ({"attempt": Attempt(LONG_AGO, 2)}, "an_old_lineage_is_not_carried_on"),
        ({"now": LATER + timedelta(days=7)}, "an_old_ending_is_history"),
        ({"sharing": ("other",)}, "a_living_job_keeps_its_checkpoints"),
        ({"policy": bounded(max_instance_hours=1)}, "the_worst_case_is_bounded"),
    ],
)
def test_a_claim_is_under_the_same_bounds_as_an_ending(bound, rule):
    assert decide(case(successor="a2", claimed=True, **bound)).rule == rule


def test_what_ran_out_of_runtime_needs_a_checkpoint_whatever_its_owner_says():
    ended = ("Starting", "Training", "MaxRuntimeExceeded")
    needless = ruled(require_checkpoint=False)
    assert decide(case(ended, policy=needless)).kind is Kind.RESUBMIT
    stood = decide(case(ended, policy=needless, found=Findings()))
    assert stood.rule == "a_trained_attempt_must_have_left_a_checkpoint"


def test_one_attempt_without_progress_is_resubmitted_where_no_checkpoint_is_needed():
    needless = ruled(require_checkpoint=False)
    assert decide(case(found=Findings(), policy=needless, past=(past(),))).kind is Kind.RESUBMIT
    never_trained = stuck(), past(progressed=None)
    decision = decide(case(found=Findings(), policy=needless, past=never_trained))
    assert decision.rule == "no_progress_twice_ends_a_lineage"


def test_an_attempt_that_never_launched_counts_against_attempts_only():
    tight = ruled(max_interruptions=0, max_errors=0)
    decision = decide(case(NEVER_LAUNCHED, policy=tight, past=(stuck(), stuck())))
    assert decision.kind is Kind.RESUBMIT


def test_the_first_error_is_within_a_budget_of_one():
    assert decide(error(policy=ruled(max_errors=1))).kind is Kind.RESUBMIT
    assert decide(error(policy=ruled(max_errors=0))).rule == "errors_have_a_budget"


def test_what_trained_gets_only_what_is_left_of_its_total():
    left = decide(case(policy=ruled(max_total_runtime=minutes(100)), past=(past(),)))
    assert left.plan.max_runtime == minutes(40)
    assert decide(case(policy=ruled(max_total_runtime=minutes(500)))).plan.max_runtime is None


def test_the_longest_runtime_is_that_of_the_next_attempt_and_of_no_earlier_one():
    short = {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 7200}}
    bound = bounded(max_runtime=minutes(59))
    second = case(members=short, first=job(), attempt=SECOND, policy=bound)
    assert decide(second).rule == "a_long_job_is_not_started_again"
    cut = replace(bound, rules=(replace(NIGHTLY, max_total_runtime=minutes(100)),))
    assert decide(case(policy=cut, past=(past(),))).plan.max_runtime == minutes(40)


def test_the_worst_case_of_the_lineage_is_known_before_a_creation():
    bounds = bounded(prices=PRICES)
    spend = decide(case(policy=bounds, past=(past(), past()))).plan.spend
    assert (spend.instance_hours, spend.money) == (4.0, 20.0)
    assert decide(case()).plan.spend.money is None


def test_a_capacity_option_of_another_type_keeps_the_count_of_instances():
    four = {"ResourceConfig": {"InstanceType": TYPE, "InstanceCount": 4, "VolumeSizeInGB": 9}}
    plan = decide(case(members=four, policy=laddered("spot ml.g5.4xlarge", max_attempts=2))).plan
    assert plan.instances == (("ml.g5.4xlarge", 4),)


def test_of_several_types_the_dearest_counts_and_one_without_a_price_has_none():
    option = "on-demand ml.g5.2xlarge ml.g5.4xlarge"
    prices = PRICES | {"ml.g5.2xlarge": 7.0, "ml.g5.4xlarge": 9.0}
    listed = replace(laddered(option, max_attempts=9), resubmission=replace(BOUNDS, prices=prices))
    assert decide(case(policy=listed)).plan.spend == Spend(2.0, 5.0 + 9.0)
    del prices["ml.g5.2xlarge"]
    bounds = replace(BOUNDS, prices=prices, max_spend=1000.0)
    lacking = decide(case(policy=replace(listed, resubmission=bounds)))
    assert (lacking.kind, lacking.rule) == (Kind.REFUSE, "the_worst_case_is_bounded")
    assert "one has none" in lacking.reason


def test_a_capacity_option_changes_what_it_names_and_nothing_else():
    option = "on-demand ml.g5.2xlarge ml.g5.4xlarge instances=2"
    plan = decide(case(policy=laddered("spot", option, max_attempts=9), attempt=SECOND)).plan
    assert plan.instances == (("ml.g5.2xlarge", 2), ("ml.g5.4xlarge", 2))
    assert plan.spend.instance_hours == 3.0


def test_spot_is_skipped_on_a_type_that_is_short():
    circuit_open_until = {TYPE: LATER + minutes(9)}
    ladder = laddered("spot", "spot ml.g5.4xlarge", "on-demand", max_attempts=4)
    decision = decide(case(policy=ladder, circuit_open_until=circuit_open_until))
    assert decision.plan.option == CapacityOption.parse("spot ml.g5.4xlarge")
    assert "spot is not used on" in decision.reason
    both = circuit_open_until | {"ml.g5.4xlarge": LATER + minutes(1)}
    assert decide(case(policy=ladder, circuit_open_until=both)).plan.option == ON_DEMAND
    wait = decide(case(policy=laddered("spot"), circuit_open_until=circuit_open_until))
    assert (wait.kind, wait.until) == (Kind.WAIT, LATER + minutes(9))


def test_an_ending_is_decided_at_once_once_its_pause_is_over():
    pausing = ruled(backoff=BackoffPolicy(minutes(5), minutes(60)))
    ended = job().ended
    early = decide(case(policy=pausing, now=ended + minutes(3)))
    assert (early.kind, ended < early.until <= ended + minutes(5)) == (Kind.WAIT, True)
    assert decide(case(policy=pausing, now=early.until)).kind is Kind.RESUBMIT


def test_tags_that_ask_for_more_are_named_with_the_decision():
    decision = decide(case(tags={"spotter:max-attempts": "99"}))
    assert decision.kind is Kind.RESUBMIT
    assert "99 asks for more" in decision.ignored[0]


def test_what_sagemaker_may_retry_is_not_waited_for_until_another_century():
    retried = {"RetryStrategy": {"MaximumRetryAttempts": 2}}
    far = {"TrainingEndTime": NOON + timedelta(days=9999)}
    decision = decide(error(members=retried | far, now=LATER))
    assert (decision.kind, decision.rule) == (Kind.REFUSE, "an_old_ending_is_history")


def test_an_ending_that_is_no_error_is_not_held_against_the_budget_of_errors():
    behind = (past(ending=Ending.INTERNAL), past(ending=Ending.ALGORITHM))
    assert decide(case(policy=ruled(max_errors=1), past=behind)).kind is Kind.RESUBMIT


def test_the_next_attempt_is_planned_from_the_first_one():
    larger = {"InstanceType": "ml.g5.4xlarge", "InstanceCount": 3, "VolumeSizeInGB": 9}
    second = case(members={"ResourceConfig": larger}, attempt=SECOND, first=job())
    assert decide(second).plan.instances == ((TYPE, 1),)


def test_a_rule_for_a_name_holds_for_the_attempts_that_bear_another():
    members = {"TrainingJobName": SECOND.name}
    assert decide(case(members=members, attempt=SECOND, policy=ruled(name="nightly-7"))).plan


def test_a_capacity_option_of_another_type_takes_no_lineage_to_another_rule():
    larger = {"InstanceType": "ml.g5.4xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
    own = replace(
        NIGHTLY,
        name=None,
        instance_types=(TYPE,),
        capacity=(CapacityOption.parse("spot ml.g5.4xlarge"),),
    )
    second = case(
        members={"ResourceConfig": larger},
        attempt=SECOND,
        first=job(),
        policy=replace(
            POLICY, rules=(replace(own, max_attempts=2), replace(NIGHTLY, max_attempts=20))
        ),
    )
    assert decide(second).rule == "a_lineage_has_so_many_attempts"
    deleted = replace(second, first=None, past=(replace(past(), instances=((TYPE, 1),)),))
    assert decide(deleted).rule == "a_lineage_has_so_many_attempts"


def test_an_attempt_that_never_trained_made_neither_progress_nor_none():
    assert decide(case(NEVER_LAUNCHED)).progressed is None


def test_what_lies_at_the_checkpoints_of_an_algorithm_that_saves_none_is_no_progress():
    decision = decide(case(members=KMEANS, policy=ruled(require_checkpoint=False)))
    assert (decision.progressed, "from its beginning" in decision.reason) == (False, True)


def test_the_wait_of_a_capacity_option_is_longer_than_the_run_and_short_where_nothing_is_saved():
    hour = {"StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 3600}}
    second = laddered("spot max_wait=1s", require_checkpoint=False)
    assert decide(case(members=hour, policy=second)).plan.max_wait == timedelta(seconds=601)
    long = laddered("spot max_wait=12h", require_checkpoint=False)
    assert decide(case(members=hour, policy=long)).plan.max_wait == timedelta(hours=12)
    assert decide(case(members=KMEANS | hour, policy=long)).plan.max_wait == timedelta(hours=1)


def test_only_the_last_one_before_it_counts_as_running():
    needless = ruled(require_checkpoint=False)
    decision = decide(case(found=Findings(), policy=needless, past=(stuck(), past())))
    assert decision.kind is Kind.RESUBMIT


def test_what_may_still_be_uploading_ends_no_lineage():
    found = Findings(settling=Checkpoint("step-9/", NOON + minutes(60)))
    needless = ruled(require_checkpoint=False)
    assert decide(case(found=found, policy=needless, past=(stuck(),))).kind is Kind.RESUBMIT


@pytest.mark.parametrize("account", [ACCOUNT, "444455556666", "000000000000"])
def test_an_image_of_no_registry_of_awss_is_no_built_in_whatever_its_name(account):
    own = {"TrainingImage": f"{account}.dkr.ecr.us-east-1.amazonaws.com/kmeans:1"}
    assert job(AlgorithmSpecification=own).built_in is None
    assert not job(AlgorithmSpecification=own).never_checkpoints
    assert job(**KMEANS).built_in == "kmeans"


def test_of_preferences_the_selected_type_counts_and_before_it_all_of_them():
    kinds = [{"InstanceType": TYPE}, {"InstanceType": "ml.g5.4xlarge"}]
    resources = {"InstancePreferences": kinds, "InstanceCount": 2}
    assert job(ResourceConfig=resources).instances == ((TYPE, 2), ("ml.g5.4xlarge", 2))
    selected = resources | {"SelectedInstanceType": TYPE, "SelectedInstanceCount": 2}
    assert job(ResourceConfig=selected).instances == ((TYPE, 2),)


@pytest.mark.shows("images", "images by tag where the owner requires a digest")
@pytest.mark.parametrize(
    ("image", "same"),
    [
        (f"1.dkr.ecr.us-east-1.amazonaws.com/train@sha256:{'0' * 64}", True),
        (f"1.dkr.ecr.us-east-1.amazonaws.com/train:1@sha256:{'a' * 64}", True),
        ("1.dkr.ecr.us-east-1.amazonaws.com/train:sha256", False),
        ("1.dkr.ecr.us-east-1.amazonaws.com/train@sha256:00", False),
        ("1.dkr.ecr.us-east-1.amazonaws.com/train", False),
        (None, False),
    ],
)
def test_only_a_digest_names_one_image_for_ever(image, same):
    members = {"AlgorithmSpecification": {"TrainingImage": image, "AlgorithmName": "arn"}}
    decision = decide(case(members=members, policy=ruled(require_image_digest=True)))
    assert (decision.kind is Kind.RESUBMIT) is same
    assert decide(case(members=members)).kind is Kind.RESUBMIT


def test_a_claim_that_is_tried_again_says_nothing_of_an_earlier_plan():
    before = claim(money="9", max_wait=9, reason="quota")
    again = claims.tried_again(before, decide(case()), "hash", LATER).row()
    assert not {"money", "max_wait", "reason"} & set(again)
    assert again["instance_hours"] == "2.00"


def test_every_rule_that_was_asked_is_told():
    members = list(answers(case(sharing=("other",))))
    assert [name for name, _ in members] == [
        rule.__name__
        for rule in RULES[: RULES.index(progress.a_living_job_keeps_its_checkpoints) + 1]
    ]
    assert [answer for _, answer in members[:-1]] == [None] * (len(members) - 1)


def test_an_ending_may_be_as_old_as_max_age():
    age = LATER - case().ended
    assert decide(case(policy=bounded(max_age=age))).kind is Kind.RESUBMIT
    younger = bounded(max_age=age - timedelta(milliseconds=1))
    assert decide(case(policy=younger)).rule == "an_old_ending_is_history"


@pytest.mark.parametrize(("count", "fits"), [(48, True), (49, False)])
def test_fifty_tags_fit_and_two_of_them_are_spotters(count, fits):
    tags = {f"key-{n}": "value" for n in range(count)} | {"aws:of-aws": "does not count"}
    decision = decide(case(tags=tags))
    assert (decision.kind is Kind.RESUBMIT) is fits
    if not fits:
        assert decision.rule == "there_must_be_room_for_our_tags"


def test_no_instance_type_is_named_where_a_request_shows_none():
    unknown = case(members={"ResourceConfig": {}}, policy=bounded(instance_types=("ml.g5.*",)))
    assert "it would run on no instance type, which resubmission" in decide(unknown).reason


def test_a_wait_for_another_reason_is_news_and_the_same_again_is_none():
    found = decide(case(sharing=("nightly-6",)))
    first = claims.held(ending(), found, LATER)
    assert (first.news, claims.held(first, found, LATER).news) == ("held", None)


def test_what_is_as_old_as_the_attempt_is_not_waited_for():
    for late, rule in ((0, "refuse"), (1, "wait")):
        written = case().job.id.created + timedelta(milliseconds=late)
        found = Findings(settling=Checkpoint("step-9/", written))
        assert decide(case(found=found)).kind == rule


def test_files_in_which_no_trained_state_was_recognised_are_named():
    refused = decide(case(found=Findings(beside=("log.txt", "own.bin"))))
    assert "found there: log.txt, own.bin, in which Spotter recognises no trained" in refused.reason


def test_what_is_used_up_of_a_total_runtime_is_named():
    found = decide(case(policy=ruled(max_total_runtime=minutes(31)), past=(past(),)))
    assert "it has trained 1 h of the max_total_runtime of 31 min" in found.reason


def test_what_may_be_uploading_since_long_is_looked_at_again_a_second_later():
    settling = Findings(settling=Checkpoint("step-9/", LATER - QUIET))
    assert decide(case(found=settling)).until == LATER + timedelta(seconds=1)


def test_a_created_attempt_holds_nothing_of_what_it_waited_for():
    made = claims.started(claim(denied=2, blocked_by="nightly-6", refusal={"code": "X"}))
    assert (made.state, made.denied, made.blocked_by, made.refusal) == ("started", 0, None, None)


def test_a_lineage_may_be_as_old_as_max_lineage_age():
    created = case().attempt.root.created
    bound = bounded(max_lineage_age=LATER - created)
    assert decide(case(policy=bound)).kind is Kind.RESUBMIT
    later = case(policy=bound, now=LATER + timedelta(milliseconds=1))
    assert decide(later).rule == "an_old_lineage_is_not_carried_on"


def test_checkpoints_that_may_not_be_listed_are_asked_for_a_few_times():
    refused = Findings(refused="AccessDenied")
    answers = [decide(case(found=refused, denied=n)) for n in range(claims.DENIALS)]
    assert [one.denied for one in answers[:-1]] == list(range(1, claims.DENIALS))
    assert {one.kind for one in answers[:-1]} == {Kind.WAIT}
    assert answers[-1].kind is Kind.REFUSE


@pytest.mark.parametrize(
    ("reason", "shown"), [("its slack is used up", " (its slack is used up)"), (None, "")]
)
def test_a_hand_over_has_the_reason_of_its_order(reason, shown):
    ended = job(STOPPED).id
    order = StopOrder(
        Attempt(ended, 1), ended, OrderState.CALLED, step=NextStep.HAND_OVER, reason=reason
    )
    policy = laddered("spot", "on-demand", **TIMELY)
    found = decide(case(STOPPED, order=order, stopped_by=StoppedBy.SPOTTER, policy=policy))
    assert found.kind is Kind.RESUBMIT
    assert f"it {MEANING[Ending.HANDED_OVER]}{shown}, and the rule" in found.reason


def test_a_lineage_on_demand_stays_there():
    members = {"EnableManagedSpotTraining": False}
    later = case(members=members, attempt=Attempt(job().id, 2), policy=ruled(max_attempts=9))
    assert decide(later).plan.option == ON_DEMAND


def test_no_transitions_say_nothing_of_training():
    members = {"SecondaryStatusTransitions": []}
    assert decide(case(members=members, found=Findings())).kind is Kind.REFUSE


def test_training_that_the_ledger_saw_counts_although_describe_forgot_it():
    forgotten = case(NEVER_LAUNCHED, found=Findings(), recorded_training=True)
    assert decide(forgotten).rule == "a_trained_attempt_must_have_left_a_checkpoint"


def test_what_describe_decides_is_not_asked_of_anybody_else():
    assert not first_stage(case(policy=ruled(name="weekly-*"))).passed_first_stage
    assert first_stage(case(found=Findings(), switch=Switch(on=False))).passed_first_stage


def test_a_claim_is_abandoned_when_the_mode_has_become_advise():
    decision = decide(case(policy=bounded(mode=Mode.ADVISE), successor="a2", claimed=True))
    assert (decision.kind, decision.rule) == (Kind.REFUSE, "advice_creates_nothing")


findings = st.builds(
    Findings,
    complete=st.sampled_from([(), FOUND.complete, (Checkpoint("x", NOON - minutes(60)),)]),
    whole=st.booleans(),
    refused=st.sampled_from([None, "AccessDenied"]),
)


@pytest.mark.shows(
    "other endings",
    "every combination of statuses, endings and evidence that is not known well",
)
@given(
    lived=st.lists(st.sampled_from(ORDER), min_size=1, max_size=6),
    status=st.sampled_from(["InProgress", "Stopping", "Stopped", "Failed", "Completed", "New"]),
    found=findings,
    on=st.booleans(),
    since=st.sampled_from([None, NOON, LATER]),
    sharing=st.sampled_from([(), ("other",)]),
    attempt=st.integers(1, 6),
)
def test_unknown_never_means_resubmit(lived, status, found, on, since, sharing, attempt):
    """Whatever the case, it is carried on only when all that promise 3 asks for is known."""
    root = job().id
    one = case(
        lived,
        members={"TrainingJobStatus": status},
        attempt=Attempt(root, attempt),
        found=found,
        switch=Switch(on=on),
        policy_since=since,
        sharing=sharing,
    )
    decision = decide(one)
    assert decision.reason
    if decision.kind is Kind.RESUBMIT:
        assert one.job.ending in NIGHTLY.on
        assert (on, sharing, since, attempt < 4) == (True, (), NOON, True)
        newest = found.newest and found.newest.written > one.job.id.created
        assert newest or "Training" not in lived
