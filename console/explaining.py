"""A lineage and its decisions, as a person reads them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from console.deployed import Deployed
from console.naming import meant
from spotter.core.explanation import explanation
from spotter.core.instants import words
from spotter.core.policy import Policy
from spotter.core.rules import proposition
from spotter.core.watched import SET_THE_KEY
from spotter.shell.lineages import lineage

Facts = dict[str, Any]


def explained(spotter: Deployed, name: str, policy: Policy | None) -> Facts:
    """The lineage of a job; its budget only under the policy that is deployed."""
    head = meant(spotter, name)
    attempts, following = lineage(spotter.ledger, head)
    in_force = policy if policy and policy.fingerprint == _in_force(spotter) else None
    facts: Facts = {"job": head.id.name} | explanation(attempts, following, in_force)
    for one in facts["attempts"]:
        one["checkpoints_watched"] = spotter.watches(one["checkpoints"])
    return facts


def _in_force(spotter: Deployed) -> str | None:
    """The fingerprint of the policy that was deployed; None where none decides."""
    parameter = spotter.outputs.get("PolicyParameter")
    if parameter is None:
        return None
    return str(spotter.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"])


def in_words(facts: Facts, *, every_rule: bool) -> Iterator[str]:
    """The whole explanation, a line at a time."""
    attempts = facts["attempts"]
    count = f"{len(attempts)} attempt{'' if len(attempts) == 1 else 's'}"
    yield f"{facts['lineage']}, {count}, account {facts['account']}, {facts['region']}"
    decided = [one for one in attempts if one["decision"]][-1:]
    for one in attempts:
        yield ""
        yield from _attempt(one, rules=every_rule or one in decided)
    yield ""
    yield from _budget(facts["budget"])
    when = f" ({facts['next']['when']})" if facts["next"]["when"] else ""
    yield f"Next: {facts['next']['what']}{when}"


def _attempt(one: Facts, *, rules: bool) -> Iterator[str]:
    capacity = f"{one['capacity']}, {', '.join(one['instances']) or 'no instance type'}"
    yield f"Attempt {one['number']}: {one['job']} ({capacity})"
    ended = f", ended {one['ended']} ({one['ending']})" if one["ended"] else ""
    yield f"  {one['status']} / {one['secondary_status']}, created {one['created']}{ended}"
    yield (
        f"  {one['interruptions']} interruptions, trained {_span(one['trained_seconds'])}, "
        f"waited {_span(one['waited_seconds'])}"
    )
    unseen = one.get("checkpoints_watched") is False
    hint = f" (Spotter may not look there: {SET_THE_KEY})" if unseen else ""
    yield f"  checkpoints: {one['checkpoints'] or 'no location'}{hint}"
    if claim := one["claim"]:
        money = f", {claim['money']} in money" if "money" in claim else ""
        hours = f"{claim.get('instance_hours', 'unknown')} instance-hours{money}"
        yield f"  rung: {claim.get('rung')}; the lineage with it at the worst: {hours}"
    if one["decision"]:
        yield from _decision(one["decision"], rules=rules)


def _decision(decision: Facts, *, rules: bool) -> Iterator[str]:
    yield f"  Decision: {decision['kind']}, because {decision['reason'] or 'nobody has looked yet'}"
    if decision["checkpoint"]:
        newer = {True: "newer", False: "not newer", None: "not compared"}[decision["progressed"]]
        yield f"  Newest checkpoint: {decision['checkpoint']} ({newer} than the attempt's start)"
    yield from (f"  Ignored: {sentence}" for sentence in decision["ignored_tags"])
    if rules:
        yield "  Rules asked, in order:"
        yield from rules_asked(decision["asked"])


def rules_asked(asked: list[Facts]) -> Iterator[str]:
    """One line a rule: what it said, or that it had nothing against it."""
    for one in asked:
        yield f"    {proposition(one['rule'])}: {one['said'] or 'nothing against it'}"


def _budget(budget: Facts | None) -> Iterator[str]:
    if budget is None:
        yield "Budget: unknown (no rule has decided, or --policy is not the policy that is deployed)"
        return
    yield f"Budget under the rule for {budget['rule']}, until {budget['until']}:"
    for name, left in budget.items():
        if isinstance(left, dict) and left["allowed"] is not None:
            used = "unknown" if left["used"] is None else f"{left['used']:g}"
            yield f"  {name.replace('_', ' ')}: {used} of {left['allowed']:g}"


def _span(seconds: float) -> str:
    return words(timedelta(seconds=seconds))
