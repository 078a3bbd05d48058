"""A request for spot training, checked: its findings as facts, as words, and as an exit code."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

from console.checking import files
from console.checking.findings import Asked, Finding, NotChecked, Severity, check
from console.checking.live import NOTHING, Account
from console.checking.request import Request, Unknown
from console.checking.rules import RULES
from console.deployed import CannotBeDone
from console.options import SHIPPED
from spotter.core.policy import Policy
from spotter.core.policy_file import read_policy

Facts = dict[str, Any]
FOUND_SOMETHING = 3
"""The exit code where something is refused or unwise."""

MATTERS = (Severity.REFUSED, Severity.UNWISE)


def checked(what: str, account: Account | None, file: Path) -> Facts:
    """What every rule says of a file's requests, or of a job; no account is asked where there is none."""
    if files.is_a_file(what):
        found = files.requests(Path(what))
    elif account is None:
        raise CannotBeDone("A job is read from SageMaker or the ledger: leave out --offline.")
    else:
        found = [account.job(what)]
    policy = _policy(file)
    return {
        "schema": "spotter.check/1",
        "checked": what,
        "requests": [_of(one, found, account, policy) for one in found],
    }


def _policy(file: Path) -> Policy | Unknown:
    """The policy in a file; one that is not named, and not there, is unknown."""
    if file == SHIPPED and not file.exists():
        return Unknown(f"there is no {file} here: say --policy")
    return read_policy(file)


def _of(
    request: Request, among: list[Request], account: Account | None, policy: Policy | Unknown
) -> Facts:
    seen = account.seen(request) if account else NOTHING
    others = tuple(one for one in among if one is not request)
    said = list(check(Asked(request, policy, seen, others), RULES))
    return {
        "request": request.named,
        "line": request.line,
        "findings": [asdict(one) for one in said if isinstance(one, Finding)],
        "not_checked": [asdict(one) for one in said if isinstance(one, NotChecked)],
    }


def code(facts: Facts) -> int:
    """3 if something is refused or unwise, else 0."""
    severities = {one["severity"] for request in facts["requests"] for one in request["findings"]}
    return FOUND_SOMETHING if severities & set(MATTERS) else 0


def in_words(facts: Facts) -> Iterator[str]:
    """A line for each finding, and one for each reason why something could not be checked."""
    for request in facts["requests"]:
        found = request["findings"]
        if len(facts["requests"]) > 1:
            yield f"{request['request']}:"
        for one in found:
            yield f"{one['severity']:<8} {one['where']}: {one['what']}; {one['todo']}"
        if not any(one["severity"] in MATTERS for one in found):
            yield f"{request['request']}: nothing is refused, nothing unwise"
        yield from _not_checked(request["not_checked"])


def _not_checked(left_out: list[Facts]) -> Iterator[str]:
    """One line for each reason, in the order in which they were met."""
    order = list(dict.fromkeys(one["because"] for one in left_out))
    ranked = sorted(left_out, key=lambda one: order.index(one["because"]))
    for because, group in groupby(ranked, key=lambda one: one["because"]):
        yield f"not checked ({because}): {', '.join(one['rule'] for one in group)}"
