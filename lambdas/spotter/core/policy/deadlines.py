"""What can be wrong with a rule's deadline: keys that have no effect, and deadlines that no job could meet."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from spotter.core.model.times import words
from spotter.core.policy.keys import OF_DEADLINES
from spotter.core.policy.model import Mode, ResubmissionPolicy, Rule

Raw = Mapping[str, Any]


def has_any(rule: Raw) -> bool:
    """True if a rule, as the file has it, sets a deadline or lets a tag set one."""
    return "finish_by" in rule or rule.get("finish_by_tag") is True


def rule_mistakes(where: str, raw: Raw, valid: Raw) -> Iterator[str]:
    """What is wrong with the deadline of one rule by itself."""
    if not has_any(raw):
        for key in OF_DEADLINES:
            if key in raw:
                yield (
                    f"{where}.{key}: has no effect without a deadline; add finish_by, or finish_by_tag "
                    "= true if jobs state theirs in a tag"
                )
        return
    options = valid.get("capacity", ())
    if options and all(option.spot for option in options):
        yield (
            f'{where}.capacity: needs an "on-demand" option at its end; without it a lineage with a '
            "deadline has nothing to hand over to"
        )
    after = getattr(valid.get("finish_by"), "after", None)
    needs = valid.get("needs")
    if after is not None and needs is not None and needs >= after:
        yield (
            f"{where}.needs: is {words(needs)}, and finish_by is {words(after)} after the creation; no job "
            "could finish in time"
        )


def mistakes_beside(bounds: Raw, rules: Iterable[Rule]) -> Iterator[str]:
    """Where a rule's deadline and the bounds of [resubmission] exclude each other."""
    oldest: timedelta = bounds.get("max_lineage_age", ResubmissionPolicy.max_lineage_age)
    for rule in rules:
        yield from _without_tags(bounds, rule)
        after = rule.finish_by.after if rule.finish_by else None
        if after is not None and after > oldest:
            yield (
                f"resubmission.max_lineage_age: is {words(oldest)}, and finish_by of the rule for {rule} is "
                f"{words(after)}; no attempt is created after {words(oldest)}"
            )


def _without_tags(bounds: Raw, rule: Rule) -> Iterator[str]:
    """What Spotter may stop is bounded by tags in its permission, so a rule that lets it stop jobs names some."""
    if not rule.has_deadlines or bounds.get("mode", Mode.OFF) is Mode.OFF:
        return
    if not rule.tags:
        yield (
            f"tags of the rule for {rule}: are missing; a rule with a deadline lets Spotter stop jobs, and its "
            'permission covers only jobs that bear the rule\'s tags, such as tags = { team = "vision" }'
        )
    for key, value in rule.tags.items():
        if "${" in key + value:
            yield f'tags of the rule for {rule}: must not hold "${{", which IAM reads as a variable'
