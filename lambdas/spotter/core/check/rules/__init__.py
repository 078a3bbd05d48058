"""The rules with the severity of their findings, in the order of the output."""

from spotter.core.check.findings import FindingLevel, Rules
from spotter.core.check.rules import checkpoints, deadlines, limits, requests, resubmission

_REFUSED = (
    requests.its_members_are_as_the_api_describes_them,
    requests.its_name_is_one_that_sagemaker_takes,
    requests.its_name_is_free,
    requests.its_tags_are_ones_that_sagemaker_takes,
    requests.it_names_one_algorithm,
    requests.its_instances_are_named,
    requests.instance_preferences_stand_alone,
    requests.instance_groups_stand_alone,
    requests.no_rule_profiles_without_a_profiler,
    requests.what_sagemaker_selects_is_left_out,
    requests.no_warm_pool_is_kept_for_spot,
    limits.a_spot_job_says_how_long_it_may_wait,
    limits.a_wait_is_no_shorter_than_the_run,
    limits.only_a_spot_job_waits,
    limits.a_run_takes_at_most_28_days,
    limits.an_algorithm_that_saves_nothing_waits_an_hour_at_most,
)
_UNWISE = (
    checkpoints.a_spot_job_has_a_place_for_checkpoints,
    checkpoints.a_place_for_checkpoints_ends_in_a_slash,
    checkpoints.a_place_for_checkpoints_is_not_a_whole_bucket,
    checkpoints.its_checkpoints_are_its_own,
    checkpoints.its_bucket_is_there,
    checkpoints.its_bucket_is_in_the_region_of_the_job,
    checkpoints.checkpoints_and_output_are_apart,
    checkpoints.checkpoints_have_a_folder_of_their_own,
    checkpoints.what_the_script_saves_is_copied,
    limits.a_wait_is_longer_than_the_run,
    limits.a_wait_leaves_room_for_interruptions,
    requests.its_values_are_ones_that_botocore_knows,
    resubmission.its_role_may_be_passed,
    resubmission.its_instance_types_may_be_started,
    resubmission.its_checkpoints_may_be_listed,
    resubmission.its_run_is_within_the_policys,
    resubmission.two_attempts_are_within_the_policys_budget,
    resubmission.its_tags_leave_room_for_those_of_spotter,
    deadlines.its_wait_reaches_the_safety_point_of_its_deadline,
    deadlines.its_run_holds_what_its_lineage_needs,
    deadlines.its_deadline_leaves_time_for_spot,
)
_NOTES = (
    limits.it_asks_for_spot,
    limits.an_algorithm_that_saves_nothing_starts_over,
    limits.an_algorithm_from_the_marketplace_may_wait_an_hour,
    limits.a_retrystrategy_is_for_internal_errors,
    checkpoints.jobs_of_a_script_keep_checkpoints_apart,
    requests.it_may_start_in_several_availability_zones,
    requests.its_session_tags_are_not_kept,
    requests.no_other_service_manages_it,
    resubmission.the_policy_resubmits_something,
    resubmission.a_rule_of_the_policy_names_it,
    resubmission.its_tags_allow_resubmission,
)
RULES: Rules = (
    *((FindingLevel.REFUSED, rule) for rule in _REFUSED),
    *((FindingLevel.UNWISE, rule) for rule in _UNWISE),
    *((FindingLevel.NOTE, rule) for rule in _NOTES),
)
