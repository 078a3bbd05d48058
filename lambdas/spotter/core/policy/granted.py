"""What the policy grants to one lineage: the first rule that matches it, as the job's own tags change it."""

from collections.abc import Mapping

from spotter.core.model.identity import JobId
from spotter.core.model.job import Job
from spotter.core.policy.deadline_tags import with_deadline_tags
from spotter.core.policy.model import Policy, Rule
from spotter.core.policy.tag_overrides import with_tag_overrides


def granted_rule(
    policy: Policy, root: JobId, job: Job, tags: Mapping[str, str]
) -> tuple[Rule | None, tuple[str, ...]]:
    """The rule for a lineage, and a sentence for each tag that is ignored.

    `job` has the instances of the lineage's first attempt, `tags` are those of its newest one.
    """
    rule, ignored = with_tag_overrides(policy.rule_for(root.name, job, tags), tags)
    rule, more = with_deadline_tags(rule, tags, root.created)
    return rule, ignored + more
