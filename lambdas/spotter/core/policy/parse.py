"""Reads `spotter.toml` into a policy, or lists every mistake in the file at once."""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spotter.core.model.endings import Ending
from spotter.core.model.sanitize import cut
from spotter.core.model.times import words
from spotter.core.policy import deadlines
from spotter.core.policy.keys import (
    ALERTS,
    DIGEST,
    RESUBMISSION,
    RULE,
    TOP,
    WHO,
    PolicyKey,
    PolicyMistake,
)
from spotter.core.policy.model import (
    AlertsPolicy,
    DigestPolicy,
    Mode,
    Policy,
    ResubmissionPolicy,
    Rule,
    all_fit,
)
from spotter.core.policy.size_limits import MAX_CHARACTERS, MAX_RULES, size_mistake

SHOWN = 60
"""Characters of a name or a value in a message, at the most."""


class PolicyMistakes(ValueError):
    """The file cannot be used; `mistakes` has one sentence for each mistake.

    The message shows at most `MAX_SHOWN` of them, and the number of the others; of a file that was not
    `read`, why not.
    """

    def __init__(self, source: str, mistakes: Iterable[str], *, read: bool = True):
        self.mistakes, self.read = tuple(mistakes), read
        unread = f"{source} cannot be read: {'; '.join(self.mistakes)}"
        super().__init__(self._listed(source) if read else unread)

    def _listed(self, source: str) -> str:
        count = "1 mistake" if len(self.mistakes) == 1 else f"{len(self.mistakes)} mistakes"
        more = len(self.mistakes) - MAX_SHOWN
        rest = [f"and {more} more"] if more > 0 else []
        lines = [f"{source} has {count}:", *self.mistakes[:MAX_SHOWN], *rest]
        return "\n  ".join(lines)


MAX_SHOWN = 50
TABLES = {"alerts": ALERTS, "digest": DIGEST, "resubmission": RESUBMISSION}
NAMES = (*TOP, *TABLES, "rule")
PLACES = {
    "at the top of the file, above the first [table]": TOP,
    "in [alerts]": ALERTS,
    "in [digest]": DIGEST,
    "in [resubmission]": RESUBMISSION,
    "in a [[rule]]": RULE,
}
RENAMED = {
    "keep_tags": "recorded_tags",
    "checkpoints": "checkpoint_locations",
    "owned_by_services": "include_service_jobs",
    "creations_per_hour": "max_creations_per_hour",
    "attempts": "max_attempts",
    "ladder": "capacity",
    "needs_checkpoint": "require_checkpoint",
    "torn_newest": "on_torn_checkpoint",
    "same_image": "require_image_digest",
    "interruptions": "max_interruptions",
    "errors": "max_errors",
    "total_runtime": "max_total_runtime",
    "backoff.most": "max",
    "circuit_breaker.pause": "open_for",
}
"""The keys that earlier versions had, and their names now."""
Raw = Mapping[str, Any]


@dataclass
class _Reading:
    """One pass over a file: it returns what is valid, and collects the mistakes."""

    mistakes: list[str] = field(default_factory=list)

    def policy(self, raw: Raw) -> Policy:
        """The policy, without the values that are not valid."""
        unknown = [name for name in raw if name not in NAMES]
        self.mistakes += [f"{cut(name, SHOWN)}: {_no_such_key(name, NAMES)}" for name in unknown]
        top = self.table("", TOP, {name: value for name, value in raw.items() if name in TOP})
        parts = {name: self.table(name, keys, raw.get(name, {})) for name, keys in TABLES.items()}
        rules = self.rules(raw.get("rule", []))
        if parts["resubmission"].get("mode", Mode.OFF) is not Mode.OFF:
            self.mistakes += _gaps(raw, parts["resubmission"]["mode"], rules)
        self.mistakes += _beyond(parts["resubmission"], rules)
        return Policy(
            alerts=AlertsPolicy(**parts["alerts"]),
            digest=DigestPolicy(**parts["digest"]),
            resubmission=ResubmissionPolicy(**parts["resubmission"]),
            rules=tuple(rules),
            **top,
        )

    def table(self, where: str, keys: Mapping[str, PolicyKey], raw: Any) -> dict[str, Any]:
        """The valid values of a table, by their keys."""
        if not isinstance(raw, dict):
            self.mistakes.append(f"{where}: must be a table")
            return {}
        found = {name: self.value(where, name, keys, value) for name, value in raw.items()}
        return {name: value for name, value in found.items() if value is not self}

    def value(self, where: str, name: str, keys: Mapping[str, PolicyKey], value: Any) -> Any:
        """The value of a key; this reading itself where that is not valid."""
        place = f"{where}.{cut(name, SHOWN)}" if where else cut(name, SHOWN)
        if name not in keys:
            self.mistakes.append(f"{place}: {_no_such_key(name, keys)}")
            return self
        return self.read(place, keys[name], value)

    def read(self, place: str, key: PolicyKey, value: Any) -> Any:
        """A value as the policy holds it; each wrong item of a list is a mistake of its own."""
        if key.item and isinstance(value, list):
            items = [self.read(f"{place}[{n}]", key.item, v) for n, v in enumerate(value, start=1)]
            return self if any(item is self for item in items) else tuple(items)
        try:
            return key.read(value)
        except PolicyMistake as mistake:
            self.mistakes.append(f"{place} = {shown(value)}: {mistake}")
            return self
        except (ValueError, TypeError):
            self.mistakes += _renamed_inside(place, value) or [
                f"{place} = {shown(value)}: must be {key.allowed}"
            ]
            return self

    def rules(self, raw: Any) -> list[Rule]:
        if not isinstance(raw, list):
            self.mistakes.append("rule: must be written as [[rule]], once for each")
            return []
        if len(raw) > MAX_RULES:
            self.mistakes.append(f"rule: there are {len(raw)}; at most {MAX_RULES} are read")
            return []
        found = [self.rule(f"rule[{n}]", one) for n, one in enumerate(raw, start=1)]
        return [rule for rule in found if rule]

    def rule(self, where: str, raw: Any) -> Rule | None:
        before = len(self.mistakes)
        valid = self.table(where, RULE, raw)
        if isinstance(raw, dict):
            self.mistakes += _rule_gaps(where, raw, valid)
            if isinstance(raw.get("name"), str):
                named = f" (in the rule named {shown(raw['name'])})"
                self.mistakes[before:] = [mistake + named for mistake in self.mistakes[before:]]
        return Rule(**valid) if len(self.mistakes) == before else None


def _no_such_key(name: str, allowed: Iterable[str]) -> str:
    """What to do about a key that is not allowed where it stands: rename it, move it, or remove it."""
    new = RENAMED.get(name, name)
    places = [place for place, keys in PLACES.items() if new in keys]
    if new in allowed:
        return f"is now named {new}"
    known = f"no such key here; it belongs {' or '.join(places)}" if places else "no such key"
    renamed = f" and is now named {new}" if new != name else ""
    return f"{known}{renamed}; allowed here: {', '.join(allowed)}"


def _renamed_inside(place: str, value: Any) -> list[str]:
    """A mistake for each old key in an inline table such as `backoff = { ... }`."""
    names = value if isinstance(value, dict) else ()
    paths = {name: f"{place.rpartition('.')[2]}.{name}" for name in names}
    return [f"{place}.{n}: is now named {RENAMED[p]}" for n, p in paths.items() if p in RENAMED]


def _rule_gaps(where: str, raw: Raw, valid: Raw) -> Iterator[str]:
    """What is missing in a rule, and what goes beyond the rule's own bounds."""
    if not any(raw.get(key) for key in WHO):
        yield f"{where}: must name its jobs, by one of {', '.join(WHO)}"
    old = {RENAMED[key] for key in raw if key in RENAMED}
    needed = [key for key in ("on", "max_attempts") if key not in (*raw, *old)]
    yield from (f"{where}.{key}: is missing" for key in needed)
    if valid.get("on") == ():
        yield f"{where}.on = []: must name at least one ending"
    options, attempts = valid.get("capacity", ()), valid.get("max_attempts")
    yield from deadlines.rule_mistakes(where, raw, valid)
    if attempts and len(options) >= attempts and not deadlines.has_any(raw):
        yield (
            f"{where}.capacity: has {len(options)} options for attempts 2 to {attempts}; at most "
            f"{attempts - 1} can be used"
        )
    on_spot = [option.spot for option in options]
    if sorted(on_spot, reverse=True) != on_spot:
        yield f'{where}.capacity: has "spot" after "on-demand"; a lineage on demand stays there'


def _gaps(raw: Raw, mode: Mode, rules: Iterable[Rule]) -> Iterator[str]:
    """What is missing for a mode other than "off" to have an effect."""
    resubmission = raw["resubmission"]
    if mode is Mode.ACT and not resubmission.get("roles"):
        yield 'resubmission.roles: is missing; mode "act" needs the roles that Spotter may pass'
    if not raw.get("rule"):
        yield f'rule: is missing; mode "{mode}" needs at least one [[rule]]'
    places = [raw.get("checkpoint_locations"), raw.get("checkpoints")]
    if not any(
        [*places, resubmission.get("checkpoint_locations"), resubmission.get("checkpoints")]
    ):
        yield from (
            f"checkpoint_locations: is missing; the rule for {rule} requires a checkpoint, and "
            "Spotter may list none"
            for rule in rules
            if rule.require_checkpoint or Ending.OUT_OF_RUNTIME in rule.on
        )


def _beyond(bounds: Raw, rules: Iterable[Rule]) -> Iterator[str]:
    """What one part of the file requests and another part does not allow."""
    types = bounds.get("instance_types", ())
    for rule in rules:
        kinds = (kind for option in rule.capacity for kind in option.types)
        for kind in kinds if types else ():
            if not all_fit(((kind, 1),), types):
                yield (
                    f"resubmission.instance_types: does not allow {kind}, which is in the capacity "
                    f"of the rule for {rule}"
                )
    oldest = bounds.get("max_age", ResubmissionPolicy.max_age)
    for rule in rules:
        if rule.backoff and rule.backoff.max >= oldest:
            yield (
                f"resubmission.max_age: is {words(oldest)}, and the backoff of the rule for {rule} can "
                f"last {words(rule.backoff.max)}; the ending would be too old then"
            )
    yield from deadlines.mistakes_beside(bounds, rules)
    if bounds.get("max_spend") and not bounds.get("prices"):
        yield "resubmission.prices: is missing; max_spend needs the price of each instance type"


def shown(value: Any) -> str:
    """A value as it stands in the file, cut to a line."""
    return cut(json.dumps(value, ensure_ascii=False, default=str), SHOWN)


def parse_policy(source: str, content: str) -> Policy:
    """The policy in `content` (TOML); PolicyMistakes with every mistake if there is any."""
    if too_large := size_mistake(content):
        raise PolicyMistakes(source, [too_large])
    try:
        raw = tomllib.loads(content)
    except (ValueError, RecursionError) as mistake:
        raise PolicyMistakes(source, [f"is not TOML: {cut(str(mistake), 200)}"]) from None
    reading = _Reading()
    policy = reading.policy(raw)
    if reading.mistakes:
        raise PolicyMistakes(source, reading.mistakes)
    return policy


IN_TEMPLATE = "SpotterPolicy"
"""Under this name of the template's Metadata a stack keeps the text of the policy that it was made from:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/metadata-section-structure.html"""


def read_policy(path: Path) -> Policy:
    """The policy in a file; PolicyMistakes if the file is wrong or cannot be read."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            content = file.read(MAX_CHARACTERS + 1)
    except FileNotFoundError:
        raise PolicyMistakes(str(path), ["there is no such file"], read=False) from None
    except (OSError, UnicodeDecodeError) as mistake:
        reason = getattr(mistake, "strerror", None) or str(mistake)
        raise PolicyMistakes(str(path), [reason], read=False) from None
    return parse_policy(str(path), content)
