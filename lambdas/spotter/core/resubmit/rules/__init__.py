"""The rules by which a finished attempt is resubmitted or not, in the order of their priority.

A rule's name is for code, rows, logs and metrics. Its docstring is for people: the first sentence is the
rule, the others say what it means (core/model/rule_text.py). docs/rules.md is made from the docstrings.
"""

from collections.abc import Callable

from spotter.core.model.rule_text import title
from spotter.core.resubmit.case import Case, Decision
from spotter.core.resubmit.rules import (
    acting,
    budgets,
    capacity,
    endings,
    permission,
    progress,
    requests,
)

KNOWN_FROM_DESCRIBE: tuple[Callable[[Case], Decision | None], ...] = (
    endings.a_living_attempt_is_left_alone,
    endings.a_stop_under_way_is_not_judged,
    endings.what_sagemaker_retries_is_left_to_it,
    endings.an_attempt_is_ours_by_proof,
    endings.a_lineages_tags_are_on_no_first_attempt,
    endings.an_attempt_is_followed_once,
    endings.a_completed_attempt_needs_nothing,
    endings.a_stop_of_unknown_origin_is_not_carried_on,
    endings.what_was_stopped_on_purpose_stays_stopped,
    endings.an_unknown_ending_is_not_carried_on,
    endings.another_service_looks_after_its_own_jobs,
    endings.a_job_that_never_asked_for_spot_is_only_watched,
    permission.nothing_is_carried_on_while_the_mode_is_off,
    permission.a_job_that_no_rule_names_is_only_watched,
    permission.the_jobs_owner_may_say_no,
    permission.the_ending_must_be_on_the_rules_list,
    permission.an_old_ending_is_history,
    budgets.an_old_lineage_is_not_carried_on,
    budgets.a_lineage_has_so_many_attempts,
    budgets.waits_in_vain_have_a_budget,
    budgets.interruptions_have_a_budget,
    budgets.errors_have_a_budget,
    budgets.a_total_of_runtime_is_used_up_once,
    permission.only_named_roles_are_passed,
    permission.an_image_behind_a_tag_may_be_another_by_now,
    permission.there_must_be_room_for_our_tags,
    progress.an_algorithm_that_saves_nothing_lost_its_work,
    progress.a_trained_attempt_needs_a_place_for_checkpoints,
)
"""Rules that need only DescribeTrainingJob, the lineage's rows, the policy and the present instant."""

RULES = (
    *KNOWN_FROM_DESCRIBE,
    permission.an_ending_older_than_the_policy_is_history,
    progress.a_lineage_has_one_living_attempt,
    progress.the_checkpoint_must_be_seen,
    progress.a_torn_newest_checkpoint_is_not_resumed_from,
    progress.a_trained_attempt_must_have_left_a_checkpoint,
    progress.no_progress_twice_ends_a_lineage,
    progress.a_living_job_keeps_its_checkpoints,
    capacity.there_must_be_a_capacity_option,
    capacity.a_rung_must_fit_the_job,
    capacity.only_named_instance_types_are_started,
    budgets.a_long_job_is_not_started_again,
    budgets.the_worst_case_is_bounded,
    requests.the_request_must_fit_createtrainingjob,
    acting.advice_creates_nothing,
    acting.the_next_attempt_comes_after_a_pause,
    acting.the_switch_stops_everything,
    acting.creations_an_hour_are_capped,
    acting.a_rules_creations_an_hour_are_capped,
    acting.whatever_is_left_is_carried_on,
)


TITLES = {rule.__name__: title(rule) for rule in RULES}
"""Each rule as people read it, by the name that the ledger, logs and metrics hold."""
