"""Tag overrides: a job's own tags may restrict what the policy's rule allows, never extend it.

| tag | effect |
|---|---|
| `spotter:resubmit` | `off`: never resubmit this job; `on` changes nothing and needs a rule that matches |
| `spotter:max-attempts` | at most this many attempts, the first included: 1 to 999 |
| `spotter:capacity` | only the first options of the rule's `capacity`, or spot in place of on demand: `spot / spot`; an option's count, volume and wait stay the rule's |
| `spotter:require-checkpoint` | `true`: resubmit only from a checkpoint |

Tags are read from the attempt that finished, and the next attempt inherits them. A tag that asks for
more, or has no valid value, changes nothing and is reported. An option in a tag must be one that the
rule gives to the same attempt or to an earlier one: leaving options out would bring later ones forward.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Rule

PREFIX = "spotter:"
RESUBMIT, MAX_ATTEMPTS, CAPACITY, REQUIRE_CHECKPOINT = (
    PREFIX + name for name in ("resubmit", "max-attempts", "capacity", "require-checkpoint")
)
OLD_TAGS = {
    PREFIX + "attempts": MAX_ATTEMPTS,
    PREFIX + "ladder": CAPACITY,
    PREFIX + "needs-checkpoint": REQUIRE_CHECKPOINT,
}
OFF = ("off", "false", "no", "never")
ON = ("on", "true", "yes")
Override = tuple[Rule | None, str | None]
"""The rule with a tag applied, and what is wrong with the tag (None if nothing is)."""


def opts_out(tags: Mapping[str, str]) -> bool:
    """True if the tag `spotter:resubmit` switches resubmission off, whether or not a rule matches."""
    return tags.get(RESUBMIT, "").strip().lower() in OFF


def with_tag_overrides(
    rule: Rule | None, tags: Mapping[str, str]
) -> tuple[Rule | None, tuple[str, ...]]:
    """The rule as the tags restrict it, and a sentence for each tag that is ignored."""
    ignored = []
    for tag, override in _OVERRIDES.items():
        if tag in tags:
            rule, mistake = override(rule, tags[tag].strip())
            ignored += [f"the tag {tag} = {_shown(tags[tag])} {mistake}"] if mistake else []
    ignored += [
        f"the tag {old} = {_shown(tags[old])} has no effect: it is now named {new}"
        for old, new in OLD_TAGS.items()
        if old in tags
    ]
    return rule, tuple(ignored)


def _resubmit(rule: Rule | None, value: str) -> Override:
    if value.lower() in OFF or (value.lower() in ON and rule):
        return rule, None
    if value.lower() in ON:
        return rule, "asks for more than the policy allows: no rule matches the job"
    return rule, "is not valid: it must be on or off"


def _max_attempts(rule: Rule | None, value: str) -> Override:
    if not (value.isascii() and value.isdecimal()) or not 1 <= int(value[:9]) <= 999:
        return rule, "is not valid: it must be a whole number from 1 to 999"
    if rule is None:
        return None, None
    if int(value) > rule.max_attempts:
        return rule, f"asks for more than the {rule.max_attempts} attempts that the rule allows"
    return replace(rule, capacity=rule.capacity_options, max_attempts=int(value)), None


def _capacity(rule: Rule | None, value: str) -> Override:
    try:
        wanted = [CapacityOption.parse(part) for part in value.split("/")]
    except ValueError:
        return rule, "is not valid: it must be capacity options such as spot / on-demand"
    if any(str(option) != option.market_and_types for option in wanted):
        return (
            rule,
            "is not valid: a tag may name spot or on-demand and instance types, nothing else",
        )
    if rule is None:
        return None, None
    allowed = [_allowed(option, rule.capacity_options[: n + 1]) for n, option in enumerate(wanted)]
    if None in allowed:
        shown = " / ".join(option.market_and_types for option in rule.capacity_options)
        return rule, f"asks for more than the rule's capacity, which is {shown}"
    return replace(rule, capacity=tuple(option for option in allowed if option)), None


def _allowed(wanted: CapacityOption, given: tuple[CapacityOption, ...]) -> CapacityOption | None:
    """The rule's option that the tag names, or the same on spot; None if the rule has neither."""
    for option in reversed(given):
        if wanted.market_and_types == option.market_and_types:
            return option
        if wanted.spot and wanted.types == option.types:
            return replace(option, spot=True)
    return None


def _require_checkpoint(rule: Rule | None, value: str) -> Override:
    if value.lower() in ON:
        return (replace(rule, require_checkpoint=True) if rule else None), None
    if value.lower() not in OFF:
        return rule, "is not valid: it must be true or false"
    if rule and rule.require_checkpoint:
        return rule, "asks for more than the rule allows: the rule requires a checkpoint"
    return rule, None


_OVERRIDES: dict[str, Callable[[Rule | None, str], Override]] = {
    RESUBMIT: _resubmit,
    MAX_ATTEMPTS: _max_attempts,
    CAPACITY: _capacity,
    REQUIRE_CHECKPOINT: _require_checkpoint,
}


def _shown(value: str) -> str:
    """A tag's value as a line can hold it."""
    clean = "".join(c if c.isprintable() else "?" for c in value)
    return clean if len(clean) <= 60 else clean[:57] + "..."
