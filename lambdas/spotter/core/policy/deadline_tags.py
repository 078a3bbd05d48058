"""Tags about a deadline: a deadline costs money, so a tag needs a rule that allows it.

| tag | effect |
|---|---|
| `spotter:finish-by` | `12h` or `07:00 Europe/Berlin`, as in the policy. Under a rule with `finish_by_tag = true` it sets the deadline; under one with `finish_by` alone it may only make the deadline later |
| `spotter:needs` | the training time of the whole lineage, such as `6h`. More than the rule's `needs` requires `finish_by_tag = true` |
| `spotter:steps` | the number of training steps; with it, what remains is measured by the steps in the names of checkpoints |

An earlier deadline, or more training, brings the hand-over to on demand forward and so costs money: such
a tag asks for more than a rule gives that only states `finish_by`. Without a rule that sets a deadline or
lets tags set one, the tags have no effect and that is reported. Where a rule states no `needs`, any value
is taken: a job that states nothing counts with its MaxRuntimeInSeconds, which its owner chose as well.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from spotter.core.deadline.finish_by import FinishBy, NoTimeZones, OutOfRange, UnknownZone
from spotter.core.model.times import duration, words
from spotter.core.policy.model import Rule

PREFIX = "spotter:"
FINISH_BY, NEEDS, STEPS = (PREFIX + name for name in ("finish-by", "needs", "steps"))
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=90)
MOST_STEPS = 10**12
_NUMBER = re.compile(r"[0-9]{1,20}")
Override = tuple[Rule, str | None]
NO_ZONES = (
    "this machine's Python has no time zone database; write the deadline as a duration such as 12h"
)


def with_deadline_tags(
    rule: Rule | None, tags: Mapping[str, str], created: datetime
) -> tuple[Rule | None, tuple[str, ...]]:
    """The rule as the tags about a deadline change it, and a sentence for each that is ignored.

    `created` is when the lineage's first attempt was created. A rule whose options are all on spot, as a tag
    can leave them, has no deadline: there is nothing to hand over to.
    """
    found = {tag: tags[tag].strip() for tag in (FINISH_BY, NEEDS, STEPS) if tag in tags}
    if rule is None or not rule.has_deadlines:
        why = "has no effect: no rule that sets a deadline, or lets a tag set one, matches the job"
        return rule, tuple(_sentence(tag, value, why) for tag, value in found.items())
    ignored: list[str] = []
    if not _is_known(rule.finish_by, created):
        rule = replace(rule, finish_by=None)
        ignored.append(f"the lineage has no deadline by the policy's rule: {NO_ZONES}")
    reading = _TagReading(created)
    for tag, value in found.items():
        rule, mistake = reading.applied(rule, tag, value)
        ignored += [_sentence(tag, value, mistake)] if mistake else []
    if rule.finish_by is None and not ignored:
        ignored += [
            _sentence(tag, value, f"has no effect: there is no tag {FINISH_BY}")
            for tag, value in found.items()
        ]
    elif rule.finish_by and not _may_hand_over(rule):
        rule = replace(rule, finish_by=None, finish_by_tag=False)
        ignored.append(
            "the lineage has no deadline: its tags leave no attempt on demand to hand over to"
        )
    return rule, tuple(ignored)


def _is_known(finish_by: FinishBy | None, created: datetime) -> bool:
    """False of a time of day where the machine has no time zones."""
    try:
        return finish_by is None or bool(finish_by.instant(created))
    except NoTimeZones:
        return False


def _may_hand_over(rule: Rule) -> bool:
    on_demand = any(not option.spot for option in rule.capacity_options)
    return on_demand and rule.max_attempts > 1


@dataclass(frozen=True)
class _TagReading:
    """How each tag changes a rule that has deadlines."""

    created: datetime

    def applied(self, rule: Rule, tag: str, value: str) -> Override:
        if tag == FINISH_BY:
            return self._finish_by(rule, value)
        return self._needs(rule, value) if tag == NEEDS else self._steps(rule, value)

    def _finish_by(self, rule: Rule, value: str) -> Override:
        try:
            wanted = FinishBy.parse(value)
        except UnknownZone as zone:
            return rule, f'is not valid: the time zone "{zone}" is not known'
        except OutOfRange as allowed:
            return rule, f"is not valid: it {allowed}"
        except ValueError:
            return rule, 'is not valid: it must be "12h" or "07:00 Europe/Berlin"'
        if not _is_known(wanted, self.created):
            return rule, f"has no effect: {NO_ZONES}"
        given = rule.finish_by
        earlier = given and wanted.instant(self.created) < given.instant(self.created)
        if given and earlier and not rule.finish_by_tag:
            return rule, (
                f"asks for more than the rule allows: it is earlier than {given.words}, and the rule has no "
                "finish_by_tag = true"
            )
        return replace(rule, finish_by=wanted), None

    def _needs(self, rule: Rule, value: str) -> Override:
        try:
            wanted = duration(value)
        except ValueError:
            return rule, 'is not valid: it must be a duration such as "6h"'
        if not SHORTEST <= wanted <= LONGEST:
            return rule, f"is not valid: it must be from {words(SHORTEST)} to {words(LONGEST)}"
        if rule.needs is not None and wanted > rule.needs and not rule.finish_by_tag:
            return rule, (
                f"asks for more than the rule allows: it is more than {words(rule.needs)}, and the rule has no "
                "finish_by_tag = true"
            )
        return replace(rule, needs=wanted), None

    def _steps(self, rule: Rule, value: str) -> Override:
        if not _NUMBER.fullmatch(value) or not 1 <= int(value) <= MOST_STEPS:
            return rule, "is not valid: it must be a whole number from 1 to 1,000,000,000,000"
        return replace(rule, steps=int(value)), None


def _sentence(tag: str, value: str, mistake: str) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in value)
    shown = clean if len(clean) <= 60 else clean[:57] + "..."
    return f"the tag {tag} = {shown} {mistake}"
