"""`spotter.toml` is read here, and every mistake in it is named at once."""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spotter.core.model.endings import Ending
from spotter.core.model.times import words
from spotter.core.policy.keys import ALERTS, RESUBMISSION, RULE, TOP, WHO, PolicyKey
from spotter.core.policy.model import AlertsPolicy, Mode, Policy, ResubmissionPolicy, Rule, all_fit
from spotter.core.policy.size_limits import LARGEST, MOST_RULES, beyond_bounds


class PolicyMistakes(ValueError):
    """The file cannot be used; `mistakes` has one sentence for each thing that is wrong.

    Of very many the message has the first `MOST_SHOWN`, and says how many more there are.
    """

    def __init__(self, source: str, mistakes: Iterable[str]):
        self.mistakes = tuple(mistakes)
        count = "1 mistake" if len(self.mistakes) == 1 else f"{len(self.mistakes)} mistakes"
        more = len(self.mistakes) - MOST_SHOWN
        rest = [f"and {more} more"] if more > 0 else []
        lines = [f"{source} has {count}:", *self.mistakes[:MOST_SHOWN], *rest]
        super().__init__("\n  ".join(lines))


MOST_SHOWN = 50
TABLES = {"alerts": ALERTS, "resubmission": RESUBMISSION}
NAMES = (*TOP, *TABLES, "rule")
PLACES = {
    "at the top of the file, above the first [table]": TOP,
    "in [alerts]": ALERTS,
    "in [resubmission]": RESUBMISSION,
    "in a [[rule]]": RULE,
}
Raw = Mapping[str, Any]


@dataclass
class _Reading:
    """One pass over a file: what was understood, and what was not."""

    mistakes: list[str] = field(default_factory=list)

    def policy(self, raw: Raw) -> Policy:
        """The policy, as far as it was understood."""
        unknown = [name for name in raw if name not in NAMES]
        allowed = f"allowed here: {', '.join(NAMES)}"
        self.mistakes += [f"{cut(name)}: {_no_such_key(name)}; {allowed}" for name in unknown]
        top = self.table("", TOP, {name: value for name, value in raw.items() if name in TOP})
        parts = {name: self.table(name, keys, raw.get(name, {})) for name, keys in TABLES.items()}
        rules = self.rules(raw.get("rule", []))
        if parts["resubmission"].get("mode", Mode.OFF) is not Mode.OFF:
            self.mistakes += _gaps(raw, parts["resubmission"]["mode"], rules)
        self.mistakes += _beyond(parts["resubmission"], rules)
        alerts, bounds = (
            AlertsPolicy(**parts["alerts"]),
            ResubmissionPolicy(**parts["resubmission"]),
        )
        return Policy(alerts=alerts, resubmission=bounds, rules=tuple(rules), **top)

    def table(self, where: str, keys: Mapping[str, PolicyKey], raw: Any) -> dict[str, Any]:
        """What a table says under the keys it may have."""
        if not isinstance(raw, dict):
            self.mistakes.append(f"{where}: must be a table")
            return {}
        found = {name: self.value(where, name, keys, value) for name, value in raw.items()}
        return {name: value for name, value in found.items() if value is not self}

    def value(self, where: str, name: str, keys: Mapping[str, PolicyKey], value: Any) -> Any:
        """What a key says; this reading itself where that was not understood."""
        place = f"{where}.{cut(name)}" if where else cut(name)
        if name not in keys:
            self.mistakes.append(f"{place}: {_no_such_key(name)}; allowed here: {', '.join(keys)}")
            return self
        return self.read(place, keys[name], value)

    def read(self, place: str, key: PolicyKey, value: Any) -> Any:
        """What a value says; of a list, each item that is wrong is a mistake of its own."""
        if key.item and isinstance(value, list):
            items = [self.read(f"{place}[{n}]", key.item, v) for n, v in enumerate(value, start=1)]
            return self if any(item is self for item in items) else tuple(items)
        try:
            return key.read(value)
        except (ValueError, TypeError):
            self.mistakes.append(f"{place} = {shown(value)}: must be {key.allowed}")
            return self

    def rules(self, raw: Any) -> list[Rule]:
        if not isinstance(raw, list):
            self.mistakes.append("rule: must be written as [[rule]], once for each")
            return []
        if len(raw) > MOST_RULES:
            self.mistakes.append(f"rule: there are {len(raw)}; at most {MOST_RULES} are read")
            return []
        found = [self.rule(f"rule[{n}]", one) for n, one in enumerate(raw, start=1)]
        return [rule for rule in found if rule]

    def rule(self, where: str, raw: Any) -> Rule | None:
        before = len(self.mistakes)
        understood = self.table(where, RULE, raw)
        if isinstance(raw, dict):
            self.mistakes += _rule_gaps(where, raw, understood)
            if isinstance(raw.get("name"), str):
                named = f" (in the rule named {shown(raw['name'])})"
                self.mistakes[before:] = [mistake + named for mistake in self.mistakes[before:]]
        return Rule(**understood) if len(self.mistakes) == before else None


def _no_such_key(name: str) -> str:
    """A key that stands in the wrong table is told where it belongs."""
    places = [place for place, keys in PLACES.items() if name in keys]
    return f"no such key here; it belongs {' or '.join(places)}" if places else "no such key"


def _rule_gaps(where: str, raw: Raw, understood: Raw) -> Iterator[str]:
    """What a rule must say, and what goes beyond its own bounds."""
    if not any(raw.get(key) for key in WHO):
        yield f"{where}: must say which jobs, by one of {', '.join(WHO)}"
    yield from (f"{where}.{key}: is missing" for key in ("on", "attempts") if key not in raw)
    if understood.get("on") == ():
        yield f"{where}.on = []: must name at least one ending"
    rungs, attempts = len(understood.get("ladder", ())), understood.get("attempts")
    if attempts and rungs >= attempts:
        yield (
            f"{where}.ladder: has {rungs} rungs for attempts 2 to {attempts}; at most "
            f"{attempts - 1} can be used"
        )
    on_spot = [rung.spot for rung in understood.get("ladder", ())]
    if sorted(on_spot, reverse=True) != on_spot:
        yield f'{where}.ladder: has "spot" after "on-demand"; a lineage on demand stays there'


def _gaps(raw: Raw, mode: Mode, rules: Iterable[Rule]) -> Iterator[str]:
    """What is missing for a mode other than "off" to mean anything."""
    said = raw["resubmission"]
    if mode is Mode.ACT and not said.get("roles"):
        yield 'resubmission.roles: is missing; mode "act" needs the roles it may pass'
    if not raw.get("rule"):
        yield f'rule: is missing; mode "{mode}" needs at least one [[rule]]'
    if not raw.get("checkpoints") and not said.get("checkpoints"):
        yield from (
            f"checkpoints: is missing; the rule for {rule} needs a checkpoint, and "
            "Spotter may look at none"
            for rule in rules
            if rule.needs_checkpoint or Ending.OUT_OF_RUNTIME in rule.on
        )


def _beyond(bounds: Raw, rules: Iterable[Rule]) -> Iterator[str]:
    """What one part of the file asks for and another does not allow."""
    types = bounds.get("instance_types", ())
    for rule in rules:
        kinds = (kind for rung in rule.ladder for kind in rung.types)
        for kind in kinds if types else ():
            if not all_fit(((kind, 1),), types):
                yield (
                    f"resubmission.instance_types: does not allow {kind}, which is in the ladder of "
                    f"the rule for {rule}"
                )
    oldest = bounds.get("max_age", ResubmissionPolicy.max_age)
    for rule in rules:
        if rule.backoff and rule.backoff.most >= oldest:
            yield (
                f"resubmission.max_age: is {words(oldest)}, and the backoff of the rule for {rule} can "
                f"last {words(rule.backoff.most)}; an ending would be too old by then"
            )
    if bounds.get("max_spend") and not bounds.get("prices"):
        yield "resubmission.prices: is missing; max_spend needs the price of each instance type"


def shown(value: Any) -> str:
    """A value as its writer would recognise it, cut to a line."""
    return cut(json.dumps(value, ensure_ascii=False, default=str))


def cut(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def parse_policy(source: str, content: str) -> Policy:
    """The policy that `content` (TOML) states; PolicyMistakes with every mistake if it is wrong."""
    if too_much := beyond_bounds(content):
        raise PolicyMistakes(source, [too_much])
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
    """The policy in a file; PolicyMistakes if it is wrong or cannot be read."""
    try:
        with path.open(encoding="utf-8") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise PolicyMistakes(str(path), ["there is no such file"]) from None
    except (OSError, UnicodeDecodeError) as mistake:
        raise PolicyMistakes(
            str(path), [f"cannot be read: {getattr(mistake, 'strerror', None) or mistake}"]
        ) from None
    return parse_policy(str(path), content)
