"""The rules by which an ended attempt is carried on or not, in the order of their priority.

The names are the propositions, and the docstrings are what the owner of a policy is told of them.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from spotter.core.case import Case, Decision, Kind, refuse
from spotter.core.checkpoints import QUIET
from spotter.core.endings import MEANING, Ending
from spotter.core.identity import SPOTTER_TAGS
from spotter.core.instants import iso, words
from spotter.core.job import owner_by_tags
from spotter.core.policy import Mode, Rung, all_fit

TAG_LIMIT = 50
LOOK_AGAIN = timedelta(minutes=1)
SOON = timedelta(minutes=5)


def wait(case: Case, reason: str, until: datetime | None = None) -> Decision:
    return Decision(Kind.WAIT, reason, until=until or case.now + LOOK_AGAIN)


def a_living_attempt_is_left_alone(case: Case) -> Decision | None:
    """SageMaker restarts an interrupted attempt itself; only an ended one is ours."""
    if case.job.ending is None:
        return wait(case, f"{case.job.id.name} is {case.job.status}, so SageMaker still has it")
    return None


def an_attempt_is_followed_once(case: Case) -> Decision | None:
    """An attempt that already has a successor gets no second one."""
    if case.successor and not case.claimed:
        return refuse(f"{case.successor} already carries it on")
    return None


def a_completed_attempt_needs_nothing(case: Case) -> Decision | None:
    """The work is done."""
    return refuse("it completed") if case.job.ending is Ending.COMPLETED else None


def what_was_stopped_on_purpose_stays_stopped(case: Case) -> Decision | None:
    """A person or a program called StopTrainingJob, or deleted the job."""
    if case.job.ending in (Ending.STOPPED, Ending.DELETED):
        return refuse(f"it {MEANING[case.job.ending]}, which is respected")
    return None


def an_unknown_ending_is_not_carried_on(case: Case) -> Decision | None:
    """Unknown never means resubmit."""
    if case.job.ending is Ending.UNKNOWN:
        said = f"{case.job.status}/{case.job.secondary}"
        kind = f" with a {case.job.failure}" if case.job.failure else ""
        return refuse(f"it ended as {said}{kind}, which is no ending that can be carried on")
    return None


def another_service_looks_after_its_own_jobs(case: Case) -> Decision | None:
    """Tuning, Pipelines, Step Functions, Batch and their like retry, or know why they do not."""
    owner = case.job.owner or owner_by_tags(case.tags)
    return refuse(f"it belongs to {owner}, which looks after its own jobs") if owner else None


def a_job_that_never_asked_for_spot_is_only_watched(case: Case) -> Decision | None:
    """Only a lineage that began on spot is carried on."""
    if not case.job.spot and case.attempt.number == 1:
        return refuse("it did not ask for spot")
    return None


def nothing_is_carried_on_while_the_mode_is_off(case: Case) -> Decision | None:
    """`resubmission.mode = "off"` is how Spotter comes."""
    if case.policy.resubmission.mode is Mode.OFF:
        return refuse('the policy\'s mode is "off"')
    return None


def a_job_that_no_rule_names_is_only_watched(case: Case) -> Decision | None:
    """Nobody allowed it."""
    return (
        refuse("no rule of the policy matches it, so nobody allowed it") if not case.rule else None
    )


def the_ending_must_be_on_the_rules_list(case: Case) -> Decision | None:
    """The owner lists the endings that are carried on (`on`)."""
    rule = case.rule
    if rule and case.job.ending not in rule.on:
        allowed = ", ".join(rule.on)
        return refuse(f"the rule for {rule} carries on {allowed}, and not {case.job.ending}")
    return None


def an_ending_older_than_the_policy_is_history(case: Case) -> Decision | None:
    """Switching the policy on, or changing it, resubmits nothing of the past."""
    if case.policy_since is None:
        return wait(case, "it is not known since when this policy has been deployed")
    if case.job.ended is None or case.job.ended < case.policy_since:
        said = iso(case.job.ended) if case.job.ended else "at an unknown time"
        return refuse(
            f"it ended ({said}) before this policy was deployed ({iso(case.policy_since)})"
        )
    return None


def an_old_ending_is_history(case: Case) -> Decision | None:
    """An ending older than `max_age` is never carried on."""
    most = case.policy.resubmission.max_age
    age = case.now - case.job.ended if case.job.ended else None
    if age is None or age > most:
        said = f"{words(age)} ago" if age else "at an unknown time"
        return refuse(f"it ended {said}, and max_age is {words(most)}")
    return None


def a_lineage_has_so_many_attempts(case: Case) -> Decision | None:
    """`attempts` counts all attempts of the lineage, the first included."""
    rule = case.rule
    if rule and case.attempt.number >= rule.attempts:
        return refuse(f"it was attempt {case.attempt.number} of the {rule.attempts} allowed")
    return None


def only_named_roles_are_passed(case: Case) -> Decision | None:
    """The job's role must fit one of `resubmission.roles`."""
    roles, mode = case.policy.resubmission.roles, case.policy.resubmission.mode
    if mode is Mode.ADVISE and not roles:
        return None
    if not any(fnmatchcase(case.job.role or "", pattern) for pattern in roles):
        return refuse(f"its role {case.job.role} is not among resubmission.roles")
    return None


def only_named_instance_types_are_started(case: Case) -> Decision | None:
    """Every instance type must fit one of `resubmission.instance_types`, where that is given."""
    types = case.policy.resubmission.instance_types
    if types and not all_fit(case.job, types):
        kinds = ", ".join(kind for kind, _ in case.job.instances) or "no instance type"
        return refuse(f"it runs on {kinds}, and resubmission.instance_types does not allow that")
    return None


def a_long_job_is_not_started_again(case: Case) -> Decision | None:
    """MaxRuntimeInSeconds must not be above `resubmission.max_runtime`."""
    most, asked = case.policy.resubmission.max_runtime, case.job.max_runtime
    if asked is None or asked > most:
        said = words(asked) if asked else "unknown"
        return refuse(f"its MaxRuntimeInSeconds is {said}, and max_runtime allows {words(most)}")
    return None


def there_must_be_room_for_our_tags(case: Case) -> Decision | None:
    """SageMaker takes 50 tags, and a next attempt needs two of them to be known as ours."""
    kept = [t for t in case.tags if not t.startswith("aws:") and t not in SPOTTER_TAGS]
    if len(kept) + len(SPOTTER_TAGS) > TAG_LIMIT:
        return refuse(f"its {len(kept)} tags leave no room for Spotter's {len(SPOTTER_TAGS)}")
    return None


def a_trained_attempt_needs_a_place_for_checkpoints(case: Case) -> Decision | None:
    """Without CheckpointConfig, what it had learned is lost, unless the owner needs none."""
    if case.needs_checkpoint and not case.job.checkpoint:
        return refuse("it had trained, and has no CheckpointConfig to continue from")
    return None


def the_checkpoint_must_be_seen(case: Case) -> Decision | None:
    """A prefix that Spotter may not look at, or cannot see whole, shows nothing."""
    if not case.needs_checkpoint:
        return None
    if case.found.refused:
        return refuse(
            f"its checkpoints at {case.job.checkpoint} were not seen: {case.found.refused}"
        )
    if not case.found.whole and not _progress(case):
        return refuse(f"{case.job.checkpoint} holds more objects than Spotter looks through")
    return None


def a_trained_attempt_must_have_left_a_checkpoint(case: Case) -> Decision | None:
    """A complete checkpoint newer than the attempt's own start, unless the owner needs none."""
    if not case.needs_checkpoint or _progress(case):
        return None
    settling, newest = case.found.settling, case.found.newest
    if settling and settling.written > case.job.id.created:
        until = max(settling.written + QUIET, case.now + timedelta(seconds=1))
        return wait(case, f"{settling.name} may still be half uploaded", until)
    if newest:
        return refuse(f"its newest checkpoint, {newest.name}, is older than the attempt itself")
    return refuse(f"it had trained, and left no complete checkpoint at {case.job.checkpoint}")


def a_living_job_keeps_its_checkpoints(case: Case) -> Decision | None:
    """No attempt is started on a prefix that another living job in the ledger uses."""
    if case.sharing:
        return refuse(f"{case.sharing[0]} is alive and uses {case.job.checkpoint}")
    if case.pending:
        return wait(case, f"{case.pending[0]} is about to use {case.job.checkpoint}")
    return None


def advice_creates_nothing(case: Case) -> Decision | None:
    """`mode = "advise"` decides, says so, and creates nothing."""
    if case.policy.resubmission.mode is not Mode.ADVISE:
        return None
    if case.claimed:
        return refuse('the policy\'s mode is "advise" by now')
    return replace(_carry_on(case), kind=Kind.ADVISE)


def the_switch_stops_everything(case: Case) -> Decision | None:
    """Off, or unreadable: nothing is created until it is on again."""
    if not case.switch.on:
        return wait(case, f"resubmission is switched off: {case.switch.said}")
    return None


def creations_an_hour_are_capped(case: Case) -> Decision | None:
    """`creations_per_hour` holds for any sixty minutes in the account's Region, whatever a rule says."""
    most = case.policy.resubmission.creations_per_hour
    if case.recent_creations >= most:
        return wait(case, f"the {most} creations of the last hour are used up", case.now + SOON)
    return None


def whatever_is_left_is_carried_on(case: Case) -> Decision:
    """SageMaker says that it ended, the owner allows it, and there is something to continue from."""
    return _carry_on(case)


def _progress(case: Case) -> bool:
    """True if the attempt left a complete checkpoint newer than its own start."""
    newest = case.found.newest
    return newest is not None and newest.written > case.job.id.created


def _carry_on(case: Case) -> Decision:
    rule = case.rule
    assert rule is not None  # earlier rules have seen to both
    assert case.job.ending is not None
    rung = rule.rung(case.attempt.next.number) if case.job.spot else Rung.ON_DEMAND
    newest = case.found.newest
    place = f"from {newest.name}" if newest and case.needs_checkpoint else "from its beginning"
    if not case.trained:
        place = "with nothing lost" if case.attempt.number == 1 else "where the last one left off"
    reason = (
        f"it {MEANING[case.job.ending]}, and the rule for {rule} allows attempt "
        f"{case.attempt.next.number} of {rule.attempts}, {_on(rung)}, {place}"
    )
    return Decision(Kind.CARRY_ON, reason, rung=rung)


def _on(rung: Rung) -> str:
    return "on spot" if rung is Rung.SPOT else "on demand"


KNOWN_FROM_DESCRIBE: tuple[Callable[[Case], Decision | None], ...] = (
    a_living_attempt_is_left_alone,
    an_attempt_is_followed_once,
    a_completed_attempt_needs_nothing,
    what_was_stopped_on_purpose_stays_stopped,
    an_unknown_ending_is_not_carried_on,
    another_service_looks_after_its_own_jobs,
    a_job_that_never_asked_for_spot_is_only_watched,
    nothing_is_carried_on_while_the_mode_is_off,
    a_job_that_no_rule_names_is_only_watched,
    the_ending_must_be_on_the_rules_list,
    an_old_ending_is_history,
    a_lineage_has_so_many_attempts,
    only_named_roles_are_passed,
    only_named_instance_types_are_started,
    a_long_job_is_not_started_again,
    there_must_be_room_for_our_tags,
    a_trained_attempt_needs_a_place_for_checkpoints,
)
"""Rules that need nothing but what SageMaker, the policy and the clock say."""

RULES = (
    *KNOWN_FROM_DESCRIBE,
    an_ending_older_than_the_policy_is_history,
    the_checkpoint_must_be_seen,
    a_trained_attempt_must_have_left_a_checkpoint,
    a_living_job_keeps_its_checkpoints,
    advice_creates_nothing,
    the_switch_stops_everything,
    creations_an_hour_are_capped,
    whatever_is_left_is_carried_on,
)
