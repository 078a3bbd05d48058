"""A policy described in words, and its decision about a job."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from spotter.aws.resubmit.evidence import EvidenceCollector, FinishedAttempt
from spotter.core.checkpoints.watched_locations import NOWHERE
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.model.settings import ResubmitSettings
from spotter.core.model.times import words, written
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Mode, OnTornCheckpoint, Policy, ResubmissionPolicy, Rule
from spotter.core.policy.parse import PolicyMistakes
from spotter.core.resubmit.case import Switch
from spotter.core.resubmit.decide import answers, decide
from spotter_cli.errors import CommandError
from spotter_cli.stack.deployed import Deployed
from spotter_cli.stack.job_lookup import find_job

SCHEMA = "spotter.policy/1"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MEANING = {
    Mode.OFF: "Spotter records jobs and raises alerts; it resubmits nothing.",
    Mode.ADVISE: "Spotter decides and reports its decisions; it creates no job.",
    Mode.ACT: "Spotter resubmits jobs.",
}


def facts(policy: Policy) -> dict[str, Any]:
    """The policy with all defaults: keys and values as a policy file has them, None where a key is not set or an alert is off.

    `rules` has an object for each `[[rule]]`, with the capacity that holds where the file names none. There are no mistakes.
    """
    values = _written(policy)
    for rule, told in zip(policy.rules, values["rules"], strict=True):
        told["capacity"] = [str(option) for option in rule.capacity_options]
        del told["steps"]  # only a job's tag states them
    return {"schema": SCHEMA, "mistakes": [], **values}


def mistakes(found: PolicyMistakes) -> dict[str, Any]:
    """A sentence for each mistake of a file that holds no policy."""
    return {"schema": SCHEMA, "mistakes": [one.strip() for one in found.mistakes]}


def _written(value: Any) -> Any:
    """A value of the model as JSON can hold it, and as the file writes it."""
    if isinstance(value, timedelta):
        return written(value)
    if isinstance(value, FinishBy):
        return written(value.after) if value.after else str(value)
    if isinstance(value, CapacityOption):
        return str(value)
    if is_dataclass(value):
        return {field.name: _written(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_written(inner) for inner in value]
    return dict(value) if isinstance(value, Mapping) else value


def in_words(policy: Policy) -> Iterator[str]:
    """The policy, described in lines."""
    bounds = policy.resubmission
    yield f'mode "{bounds.mode}": {MEANING[bounds.mode]}'
    if bounds.mode is Mode.ACT and policy.has_deadlines:
        yield "It also stops jobs that have a deadline, to hand them over: the rules below say when."
    yield f"checkpoints: {', '.join(policy.checkpoint_locations) or NOWHERE}"
    if bounds.mode is not Mode.OFF:
        yield from _bounds(bounds, policy.currency)
    yield from (line for rule in policy.rules for line in _rule(rule, bounds.mode))


def _bounds(bounds: ResubmissionPolicy, currency: str) -> Iterator[str]:
    yield f"roles: {', '.join(bounds.roles) or 'none is named, so none can be passed'}"
    yield f"instance types: {', '.join(bounds.instance_types) or 'any'}"
    yield (
        f"a job: at most {words(bounds.max_runtime)} of MaxRuntimeInSeconds, and resubmitted within "
        f"{words(bounds.max_age)} after its end"
    )
    money = f" and {bounds.max_spend:.2f} {currency}" if bounds.max_spend else ""
    yield (
        f"a lineage: {words(bounds.max_lineage_age)} long, {bounds.max_instance_hours} "
        f"instance-hours{money} at the worst"
    )
    yield f"the account: {bounds.max_creations_per_hour} creations an hour"
    if breaker := bounds.circuit_breaker:
        yield (
            f"spot of a type is not used for {words(breaker.open_for)} after {breaker.count} "
            f"interruptions or waits without capacity within {words(breaker.within)}"
        )


def _rule(rule: Rule, mode: Mode) -> Iterator[str]:
    yield f"rule for {rule}: {rule.max_attempts} attempts after {', '.join(rule.on)}"
    yield (
        "  then "
        + ", then ".join(option.words for option in rule.capacity_options)
        + " (the last one repeats)"
    )
    needs = "only from a checkpoint" if rule.require_checkpoint else "also without a checkpoint"
    budgets = {"interruptions": rule.max_interruptions, "errors": rule.max_errors}
    counted = {name.removesuffix("s" * (n == 1)): n for name, n in budgets.items()}
    parts = [needs, *(f"{n} {name}" for name, n in counted.items() if n is not None)]
    parts += (
        ["also where the newest one is torn or unfinished"]
        if rule.on_torn_checkpoint is OnTornCheckpoint.RESUBMIT
        else []
    )
    parts += ["only where its image is named by digest"] if rule.require_image_digest else []
    parts += (
        [f"{words(rule.max_total_runtime)} of training in all"] if rule.max_total_runtime else []
    )
    most = rule.max_creations_per_hour
    parts += [f"{most} creations an hour of all its lineages"] if most else []
    if rule.backoff:
        parts.append(f"after {words(rule.backoff.first)}, doubled up to {words(rule.backoff.max)}")
    yield "  " + ", ".join(parts)
    if rule.has_deadlines:
        yield from _deadline(rule, mode)


def _deadline(rule: Rule, mode: Mode) -> Iterator[str]:
    """When its jobs are to be finished, and which jobs Spotter stops for that."""
    stops = "Spotter stops" if mode is Mode.ACT else 'under "act" Spotter would stop'
    by = rule.finish_by.words if rule.finish_by else "the time in a job's own tag"
    earlier = ", or earlier by a job's own tag" if rule.finish_by and rule.finish_by_tag else ""
    needs = f", for {words(rule.needs)} of training" if rule.needs else ""
    yield f"  finish by {by}{earlier}{needs}"
    yield (
        f"  for that, {stops} a job on spot at the last safe moment, also the first attempt, and its lineage goes on "
        f"on demand; {words(rule.margin)} are added to what this takes"
    )
    yield (
        f"  {stops} an attempt from number {rule.patience_from} on that waits for longer than {words(rule.patience)}, "
        f"and the next spot option is tried; at most {rule.asks} attempts end without training"
    )


def tried(spotter: Deployed, name: str, policy: Policy, *, at_end: bool) -> dict[str, Any]:
    """The decision of this policy about a job, as if it had been deployed long ago and not paused.

    The decision is as of now, or as of the instant when the job ended.
    """
    head = find_job(spotter, name)
    name = head.id.name
    now = head.ended if at_end and head.ended else datetime.now(UTC)
    collector = _collector(spotter, policy)
    described = collector.described(head.id)
    if described is None:
        raise CommandError(
            f"SageMaker no longer has job {name}, so no decision can be made about it."
        )
    attempt = head.attempt
    lineage = spotter.ledger.lineage(attempt.root)
    if at_end:
        lineage = lineage.without_claim(attempt.next)
    first = described if attempt.number == 1 else collector.described(attempt.root)
    case = collector.case(FinishedAttempt(attempt, lineage, described, first), now)
    case = replace(case, policy_since=LONG_AGO, switch=Switch(on=True))
    if at_end:
        case = replace(
            case, running_attempts=()
        )  # attempts of the lineage that run now were created later
    decision = decide(case)
    return {
        "schema": "spotter.trial/1",
        "job": name,
        "attempt": attempt.number,
        "ending": case.ending,
        "decision": decision.kind,
        "reason": decision.reason,
        "rule": decision.rule,
        "policy_rule": decision.policy_rule,
        "capacity_option": str(decision.plan.option) if decision.plan else None,
        "checkpoint": decision.checkpoint,
        "torn_checkpoint": decision.torn,
        "unfinished_checkpoint": decision.unfinished,
        "verification": decision.verified,
        "ignored_tags": list(decision.ignored),
        "rules_evaluated": [
            {"rule": rule, "reason": answer.reason if answer else None}
            for rule, answer in answers(case)
        ],
    }


def _collector(spotter: Deployed, policy: Policy) -> EvidenceCollector:
    settings = ResubmitSettings(
        stack=spotter.stack,
        ledger=spotter.outputs["LedgerName"],
        switch=spotter.outputs.get("SwitchParameter", "-"),
        policy_in_force=spotter.outputs.get("PolicyParameter", "-"),
        time_limit="0",
    )
    sagemaker, s3, ssm = map(spotter.client, ("sagemaker", "s3", "ssm"))
    return EvidenceCollector(spotter.ledger, sagemaker, s3, ssm, policy, settings)
