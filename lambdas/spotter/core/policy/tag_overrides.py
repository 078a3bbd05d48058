"""What a job's owner may ask for by tags: less than the policy's rule gives, and never more.

| tag | asks |
|---|---|
| `spotter:resubmit` | `off`: leave this job alone; `on` asks for nothing that the rule does not give |
| `spotter:attempts` | no more than so many attempts, the first included |
| `spotter:ladder` | only the beginning of the rule's ladder, or spot in place of on demand: `spot / spot`; a rung's count, volume and wait stay the rule's |
| `spotter:needs-checkpoint` | `true`: not without a checkpoint |

A tag is read from the attempt that ended, and the next attempt inherits it. One that asks for more,
or makes no sense, changes nothing and is reported. A rung asks for no more than one that the rule
gives to the same attempt or to an earlier one, since to leave rungs out brings later ones forward.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Rule

PREFIX = "spotter:"
RESUBMIT, ATTEMPTS, LADDER, NEEDS_CHECKPOINT = (
    PREFIX + name for name in ("resubmit", "attempts", "ladder", "needs-checkpoint")
)
OFF = ("off", "false", "no", "never")
ON = ("on", "true", "yes")
Granted = tuple[Rule | None, str | None]


def opts_out(tags: Mapping[str, str]) -> bool:
    """True if a tag says so; it needs no rule."""
    return tags.get(RESUBMIT, "").strip().lower() in OFF


def with_tag_overrides(
    rule: Rule | None, tags: Mapping[str, str]
) -> tuple[Rule | None, tuple[str, ...]]:
    """The rule as far as the tags want it, and a sentence for each tag that is ignored."""
    ignored = []
    for tag, grant in _GRANTS.items():
        if tag in tags:
            rule, mistake = grant(rule, tags[tag].strip())
            ignored += [f"the tag {tag} = {_shown(tags[tag])} {mistake}"] if mistake else []
    return rule, tuple(ignored)


def _resubmit(rule: Rule | None, said: str) -> Granted:
    if said.lower() in OFF or (said.lower() in ON and rule):
        return rule, None
    if said.lower() in ON:
        return rule, "asks for more than the policy gives: no rule matches the job"
    return rule, "makes no sense: it may be on or off"


def _attempts(rule: Rule | None, said: str) -> Granted:
    if not (said.isascii() and said.isdecimal()) or not 1 <= int(said[:9]) <= 999:
        return rule, "makes no sense: it may be a whole number from 1"
    if rule and int(said) > rule.attempts:
        return rule, f"asks for more than the {rule.attempts} attempts that the rule gives"
    return (replace(rule, ladder=rule.rungs, attempts=int(said)) if rule else None), None


def _ladder(rule: Rule | None, said: str) -> Granted:
    try:
        wanted = [CapacityOption.parse(part) for part in said.split("/")]
    except ValueError:
        return rule, "makes no sense: it may be rungs such as spot / on-demand"
    if any(str(rung) != rung.capacity for rung in wanted):
        return (
            rule,
            "makes no sense: of a rung, a tag may say spot or on-demand and only instance types",
        )
    if rule is None:
        return None, None
    given = [_no_more(rung, rule.rungs[: n + 1]) for n, rung in enumerate(wanted)]
    if None in given:
        shown = " / ".join(rung.capacity for rung in rule.rungs)
        return rule, f"asks for more than the rule's ladder gives, {shown}"
    return replace(rule, ladder=tuple(rung for rung in given if rung)), None


def _no_more(wanted: CapacityOption, given: tuple[CapacityOption, ...]) -> CapacityOption | None:
    """The rung that is given, or the same on spot; None if the wish goes beyond them all."""
    for rung in reversed(given):
        if wanted.capacity == rung.capacity:
            return rung
        if wanted.spot and wanted.types == rung.types:
            return replace(rung, spot=True)
    return None


def _needs_checkpoint(rule: Rule | None, said: str) -> Granted:
    if said.lower() in ON:
        return (replace(rule, needs_checkpoint=True) if rule else None), None
    if said.lower() not in OFF:
        return rule, "makes no sense: it may be true or false"
    if rule and rule.needs_checkpoint:
        return rule, "asks for more than the rule gives: a checkpoint is needed"
    return rule, None


_GRANTS: dict[str, Callable[[Rule | None, str], Granted]] = {
    RESUBMIT: _resubmit,
    ATTEMPTS: _attempts,
    LADDER: _ladder,
    NEEDS_CHECKPOINT: _needs_checkpoint,
}


def _shown(value: str) -> str:
    """A tag's value as a line can hold it."""
    clean = "".join(c if c.isprintable() else "?" for c in value)
    return clean if len(clean) <= 60 else clean[:57] + "..."
