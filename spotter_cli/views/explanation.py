"""A lineage and its decisions, as a person reads them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from spotter.aws.reports.lineages import lineage
from spotter.aws.reports.outlooks import OutlookReader
from spotter.core.checkpoints.watched_locations import SET_THE_KEY
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model import console_links, instances
from spotter.core.model.times import words
from spotter.core.policy.model import Policy
from spotter.core.reports.outlook import OutlookWord
from spotter.core.resubmit.explanation import explanation
from spotter.core.resubmit.rules import TITLES
from spotter_cli.stack.deployed import Deployed

Facts = dict[str, Any]
UNITS = {
    "trained_seconds": "training time in seconds",
    "instance_hours": "instance-hours",
}
"""How the entries of the budget are named for people; `spend` has the policy's currency beside it."""
UNKNOWN_CURRENCY = "the currency of the policy's prices"


def explain_job(spotter: Deployed, head: JobRecord, policy: Policy | None, now: datetime) -> Facts:
    """The lineage of a job; its budget only under the policy that is deployed."""
    attempts, following = lineage(spotter.ledger, head)
    in_force = policy if policy and policy.fingerprint == _in_force(spotter) else None
    facts: Facts = {"job": head.id.name} | explanation(attempts, following, in_force, now)
    facts["currency"] = policy.currency if policy else None
    running = [one.head for one in attempts if one.head.running]
    reader = OutlookReader.of_stack(spotter, now)
    outlooks = {one.id: found for one, found in reader.of(running)} if running else {}
    for one, attempt in zip(facts["attempts"], attempts, strict=True):
        found = outlooks.get(attempt.head.id)
        one["outlook"] = found.facts if found else None
        one["checkpoints_watched"] = spotter.watches(one["checkpoint_s3_uri"])
        one["logs_url"] = console_links.logs(attempt.head.id)
    return facts


def _in_force(spotter: Deployed) -> str | None:
    """The fingerprint of the policy that was deployed; None where none decides."""
    parameter = spotter.outputs.get("PolicyParameter")
    if parameter is None:
        return None
    return str(spotter.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"])


def in_words(facts: Facts, *, verbose: bool) -> Iterator[str]:
    """The decision and what happens next, then each attempt; with `verbose` every rule as well."""
    attempts = facts["attempts"]
    last = attempts[-1]
    yield f"{last['job']}: {last['outcome']}{_of(attempts)}"
    if outlook := last["outlook"]:
        yield f"Outlook: {outlook_in_words(outlook)}"
    if decision := last["decision"]:
        yield f"Decision: {_decided(decision)}"
    summary, due = facts["next"]["summary"], facts["next"]["due_at"]
    yield f"Next: {summary}{f' ({due})' if due and due not in summary else ''}"
    yield from _to_do(facts["next"])
    currency = facts.get("currency") or UNKNOWN_CURRENCY
    yield from _budget(facts["budget"], currency)
    for one in attempts:
        yield ""
        yield from _attempt(one, currency, verbose=verbose)
    yield ""
    console = f", or {last['logs_url']}" if last["logs_url"] else ""
    yield f"Log: spotter logs {last['job']}{console}"
    yield f"Lineage {facts['lineage']}, account {facts['account']}, {facts['region']}"


def outlook_in_words(facts: Facts) -> str:
    """The word and its reason; an instant as text that is put into the reader's zone later."""
    if facts["word"] == OutlookWord.WILL_BE_STOPPED:
        return f"{facts['word']} at {facts['stopped_at']} ({facts['limit']})"
    return f"{facts['word']}: {facts['reason']}" if facts["reason"] else str(facts["word"])


def _of(attempts: list[Facts]) -> str:
    return f", attempt {attempts[-1]['number']}" if len(attempts) > 1 else ""


def _decided(decision: Facts) -> str:
    return f"{decision['kind']}, because {decision['reason'] or 'no rule was evaluated yet'}"


def _attempt(one: Facts, currency: str, *, verbose: bool) -> Iterator[str]:
    groups = ((group["type"], group["count"]) for group in one["instances"])
    capacity = instances.capacity(groups, spot=one["capacity"] == "spot")
    yield f"Attempt {one['number']}: {one['job']} ({capacity})"
    ended = f", ended {one['ended_at']} ({one['ending']})" if one["ended_at"] else ""
    yield f"  {_status(one)}, created {one['created_at']}{ended}"
    count = one["interruptions"]
    yield (
        f"  {count} interruption{'' if count == 1 else 's'}, trained {_span(one['trained_seconds'])}, "
        f"waited {_span(one['waited_seconds'])}"
    )
    unseen = one.get("checkpoints_watched") is False
    hint = f" (Spotter has no permission to list it: {SET_THE_KEY})" if unseen else ""
    yield f"  checkpoints: {one['checkpoint_s3_uri'] or 'no location'}{hint}"
    if claim := one["claim"]:
        cost = _most(claim["instance_hours"], claim["spend"], currency)
        yield f"  capacity option: {claim['capacity_option']}; the lineage with it costs at most: {cost}"
    if order := one["stop_order"]:
        yield f"  Stop for the deadline: {_order(order)}"
    if one["decision"]:
        yield from _decision(one["decision"], verbose=verbose)


def _most(hours: float | None, spend: float | None, currency: str) -> str:
    money = "" if spend is None else f", {spend:.2f} {currency}"
    return f"{'unknown' if hours is None else f'{hours:.2f}'} instance-hours{money}"


def _status(one: Facts) -> str:
    """SageMaker's two values; of a job that was deleted before Spotter recorded its end, the last ones."""
    status = f"{one['status']} / {one['secondary_status']}"
    is_present = one["running"] or one["ending"]
    return status if is_present else f"{one['outcome']} (last recorded status: {status})"


_ORDERS = {
    "ordered": "ordered at {at}, not called yet",
    "calling": "called at about {at}, and the answer is not known",
    "called": "stopped by Spotter, ordered at {at}",
    "void": "not stopped ({at})",
    "advised": 'mode "advise": it would have been stopped at {at}',
}


def _order(order: Facts) -> str:
    """How far the order came, why it was made, and what was to follow."""
    at = order["ordered_at"] or "an unknown time"
    state = _ORDERS[order["state"]].format(at=at)
    if order["continued_at"]:
        person = f"a person continued the lineage at {order['continued_at']}"
        state = f"called at about {at}, and the answer was lost; {person}"
    option = f"; next: {order['capacity_option']}" if order["capacity_option"] else ""
    because = f", because {order['reason']}" if order["reason"] else ""
    return f"{state}{because}{option}"


def _decision(decision: Facts, *, verbose: bool) -> Iterator[str]:
    yield f"  Decision: {_decided(decision)}"
    if decision["checkpoint"]:
        newer = {True: "newer", False: "not newer", None: "not compared"}[
            decision["checkpoint_is_newer"]
        ]
        yield f"  Newest checkpoint: {decision['checkpoint']} ({newer} than the attempt's start)"
    if decision["verification"]:
        yield f"  Its files, held against their formats: {decision['verification']}"
    if decision["torn_checkpoint"]:
        yield f"  Torn, though its listing is complete: {decision['torn_checkpoint']}"
    if decision["unfinished_checkpoint"]:
        yield f"  Newer, and not complete by its listing: {decision['unfinished_checkpoint']}"
    yield from (f"  Ignored: {sentence}" for sentence in decision["ignored_tags"])
    yield from rules_passed(decision["rules_evaluated"], verbose=verbose)


def _to_do(following: Facts) -> Iterator[str]:
    """The job that is waited for, and what a person can do; nothing where there is nothing to do."""
    if following["blocked_by"]:
        yield f"Blocked by: {following['blocked_by']} (let it finish, or stop it)"
    if following["remedy"]:
        yield f"To do: {following['remedy']}"


def rules_passed(evaluated: list[Facts], *, verbose: bool) -> Iterator[str]:
    """How many rules passed and which one decided; with `verbose` a line each."""
    if verbose:
        yield "  Rules, in their order:"
        yield from (f"    {_title(one['rule'])}: {one['reason'] or 'passed'}" for one in evaluated)
    elif evaluated:
        passed, last = len(evaluated) - 1, _title(evaluated[-1]["rule"])
        count = f"{passed} rule{'' if passed == 1 else 's'} passed"
        yield f'  {count}; "{last}" decided (--verbose lists them)'


def _title(name: str) -> str:
    """The rule as people read it; the name itself of a rule that only another version of Spotter has."""
    return TITLES.get(name, name)


def _budget(budget: Facts | None, currency: str) -> Iterator[str]:
    if budget is None:
        return
    yield f"Budget under the policy's rule for {budget['policy_rule']}, until {budget['ends_at']}:"
    for name, left in budget.items():
        if isinstance(left, dict) and left["allowed"] is not None:
            used = "unknown" if left["used"] is None else f"{left['used']:g}"
            unit = f"spend in {currency}" if name == "spend" else UNITS.get(name, name)
            yield f"  {unit}: {used} of {left['allowed']:g}"


def _span(seconds: float) -> str:
    return words(timedelta(seconds=seconds))
