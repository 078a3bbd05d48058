"""Whether the policy's owner and the job's owner allow a resubmission at all."""

from datetime import timedelta

from spotter.core.model.endings import Ending
from spotter.core.model.identity import SPOTTER_TAGS
from spotter.core.model.times import iso, words
from spotter.core.policy import tag_overrides
from spotter.core.policy.model import Mode, fits
from spotter.core.resubmit.case import Case, Decision, refuse, wait

TAG_LIMIT = 50
CLOCKS_DIFFER = timedelta(hours=2)


def nothing_is_carried_on_while_the_mode_is_off(case: Case) -> Decision | None:
    """Nothing is resubmitted while the mode is off. `resubmission.mode = "off"` is the default."""
    if case.policy.resubmission.mode is Mode.OFF:
        return refuse('the policy\'s mode is "off"')
    return None


def a_job_that_no_rule_names_is_only_watched(case: Case) -> Decision | None:
    """A job that no rule names is only watched. No policy rule matches the job."""
    return refuse("no policy rule matches this job") if not case.rule else None


def the_jobs_owner_may_say_no(case: Case) -> Decision | None:
    """The job's owner may say no. The tag `spotter:resubmit = off` excludes a job; tags can only restrict what the rule allows."""
    if tag_overrides.opts_out(case.tags):
        return refuse(f"its tag {tag_overrides.RESUBMIT} is {case.tags[tag_overrides.RESUBMIT]}")
    return None


def the_ending_must_be_on_the_rules_list(case: Case) -> Decision | None:
    """The ending must be on the rule's list. The rule lists the endings after which jobs are resubmitted (`on`); an attempt that Spotter stopped for a deadline needs no entry, nor one that got no capacity on demand after that."""
    rule = case.rule
    if case.ending is Ending.HANDED_OVER or case.refused_on_demand:
        return None
    if rule and case.ending not in rule.on:
        allowed = ", ".join(rule.on)
        return refuse(f"the rule for {rule} resubmits {allowed}, and not {case.ending}")
    return None


def an_ending_older_than_the_policy_is_history(case: Case) -> Decision | None:
    """An ending older than the policy is history. Switching the policy on, or changing it, resubmits nothing of the past, except what Spotter itself stopped for a deadline."""
    if case.ending is Ending.HANDED_OVER:
        return None
    if case.policy_since is None:
        return wait(case, "it is unknown since when this policy has been deployed")
    if case.job.ended is None or case.job.ended < case.policy_since:
        when = iso(case.job.ended) if case.job.ended else "at an unknown time"
        return refuse(
            f"it ended ({when}) before this policy was deployed ({iso(case.policy_since)})"
        )
    return None


def an_old_ending_is_history(case: Case) -> Decision | None:
    """An old ending is history. An attempt that ended longer ago than `max_age`, or in the future, is not resubmitted."""
    most = case.policy.resubmission.max_age
    age = case.now - case.ended if case.ended else None
    if age is not None and age < -CLOCKS_DIFFER:
        return refuse(
            f"it ended {words(-age)} in the future by its own clock, so its age is unknown"
        )
    if age is None or age > most:
        if case.waited_for and age is not None:
            return refuse(
                f"it waited until max_age ({words(most)}); the reason was: {case.waited_for}"
            )
        when = f"{words(age)} ago" if age else "at an unknown time"
        return refuse(f"it ended {when}, and max_age is {words(most)}")
    return None


def only_named_roles_are_passed(case: Case) -> Decision | None:
    """Only named roles are passed. The job's role must fit one of `resubmission.roles`."""
    roles, mode = case.policy.resubmission.roles, case.policy.resubmission.mode
    if mode is Mode.ADVISE and not roles:
        return None
    if not any(fits(case.job.role, pattern) for pattern in roles):
        return refuse(f"its role {case.job.role} is not among resubmission.roles")
    return None


def an_image_behind_a_tag_may_be_another_by_now(case: Case) -> Decision | None:
    """An image behind a tag may be another by now. With `require_image_digest`, a job is resubmitted only if its image is named by a digest."""
    if case.rule and case.rule.require_image_digest and not case.origin.one_image:
        return refuse("its image is not named by a digest, which require_image_digest demands")
    return None


def there_must_be_room_for_our_tags(case: Case) -> Decision | None:
    """There must be room for our tags. SageMaker takes 50 tags, and a next attempt needs two of them for Spotter."""
    kept = [t for t in case.tags if not t.startswith("aws:") and t not in SPOTTER_TAGS]
    if len(kept) + len(SPOTTER_TAGS) > TAG_LIMIT:
        return refuse(f"its {len(kept)} tags leave no room for Spotter's {len(SPOTTER_TAGS)}")
    return None
