"""What the policy's owner, and the job's own, allow to be carried on at all."""

from datetime import timedelta

from spotter.core.model.identity import SPOTTER_TAGS
from spotter.core.model.times import iso, words
from spotter.core.policy import tag_overrides
from spotter.core.policy.model import Mode, fits
from spotter.core.resubmit.case import Case, Decision, refuse, wait

TAG_LIMIT = 50
CLOCKS_DIFFER = timedelta(hours=2)


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


def the_jobs_owner_may_say_no(case: Case) -> Decision | None:
    """The tag `spotter:resubmit = off` leaves a job alone; tags only ask for less than the rule."""
    if tag_overrides.opts_out(case.tags):
        return refuse(f"its tag {tag_overrides.RESUBMIT} is {case.tags[tag_overrides.RESUBMIT]}")
    return None


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
    """An ending older than `max_age` is never carried on, nor one that the clock has not reached."""
    most = case.policy.resubmission.max_age
    age = case.now - case.job.ended if case.job.ended else None
    if age is not None and age < -CLOCKS_DIFFER:
        return refuse(f"it ended {words(-age)} from now, which cannot be known")
    if age is None or age > most:
        if case.waited_for and age is not None:
            return refuse(
                f"it waited until max_age ({words(most)}); the reason was: {case.waited_for}"
            )
        said = f"{words(age)} ago" if age else "at an unknown time"
        return refuse(f"it ended {said}, and max_age is {words(most)}")
    return None


def only_named_roles_are_passed(case: Case) -> Decision | None:
    """The job's role must fit one of `resubmission.roles`."""
    roles, mode = case.policy.resubmission.roles, case.policy.resubmission.mode
    if mode is Mode.ADVISE and not roles:
        return None
    if not any(fits(case.job.role, pattern) for pattern in roles):
        return refuse(f"its role {case.job.role} is not among resubmission.roles")
    return None


def an_image_behind_a_tag_may_be_another_by_now(case: Case) -> Decision | None:
    """With `require_image_digest`, a job is carried on only where its image is named by its digest."""
    if case.rule and case.rule.require_image_digest and not case.origin.one_image:
        return refuse("its image is named by no digest, and require_image_digest asks for one")
    return None


def there_must_be_room_for_our_tags(case: Case) -> Decision | None:
    """SageMaker takes 50 tags, and a next attempt needs two of them to be known as ours."""
    kept = [t for t in case.tags if not t.startswith("aws:") and t not in SPOTTER_TAGS]
    if len(kept) + len(SPOTTER_TAGS) > TAG_LIMIT:
        return refuse(f"its {len(kept)} tags leave no room for Spotter's {len(SPOTTER_TAGS)}")
    return None
