"""Requests for training jobs, checked: findings as facts, as words, and as an exit code."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from spotter.aws import api_model
from spotter.core.check.findings import CheckInput, Finding, FindingLevel, NotChecked, check
from spotter.core.check.request import Request, Unknown
from spotter.core.check.rules import RULES
from spotter.core.model.times import counted
from spotter.core.policy.model import Policy
from spotter.core.policy.parse import read_policy
from spotter_cli.check import files
from spotter_cli.check.account_checks import NOTHING, AccountLookup
from spotter_cli.check.files import Read
from spotter_cli.errors import CommandError

Facts = dict[str, Any]
Results = list[Finding | NotChecked]
FOUND_SOMETHING = 3
"""The exit code where something is refused or unwise."""

SHAPE = api_model.request_shape("CreateTrainingJob")
MATTERS = (FindingLevel.REFUSED, FindingLevel.UNWISE)


def check_sources(words: Sequence[str], account: AccountLookup | None, file: Path | None) -> Facts:
    """The findings of every rule about the requests in files and folders, and about jobs by name.

    Without an account no AWS API is called. CommandError if a source is neither, or a file has no request.
    """
    found = [_read(word, account) for word in words]
    policy = _policy(account, file)
    return {
        "schema": "spotter.check/1",
        "sources": list(words),
        "files": sum(one.files for one in found),
        "requests": [
            _of(request, of_one, account, policy)
            for one in found
            for of_one in one.by_file
            for request in of_one
        ],
        "not_read": [reason for one in found for reason in one.unread],
    }


def _read(word: str, account: AccountLookup | None) -> Read:
    if files.is_a_file(word):
        return files.read(word)
    if account is None:
        raise CommandError(
            "A job's name needs AWS, to read the job from SageMaker or the ledger: leave out --offline."
        )
    return Read([[account.job(word)]])


def _policy(account: AccountLookup | None, file: Path | None) -> Policy | Unknown:
    """The policy in the file that is named, else the one that is deployed."""
    if file:
        return read_policy(file)
    if account is None:
        return Unknown("--offline is set; use --policy to name a policy file")
    return account.policy


def _of(
    request: Request, among: list[Request], account: AccountLookup | None, policy: Policy | Unknown
) -> Facts:
    seen = account.seen(request) if account else NOTHING
    others = tuple(one for one in among if one is not request)

    def results_of(one: Request) -> Results:
        return list(check(CheckInput(one, policy, seen, SHAPE, others), RULES))

    results = results_of(request)
    for cases in request.cases:
        if_true, if_false = results_of(cases.if_true), results_of(cases.if_false)
        results = [
            *_still_unknown(results, if_true, if_false),
            *_only_then(f"{cases.condition} is true", results, if_true),
            *_only_then(f"{cases.condition} is false", results, if_false),
        ]
    at = request.position
    return {
        "request": request.named,
        "line": at.line if at else None,
        "cell": at.cell if at else None,
        "unknown": request.unknown,
        "findings": [asdict(one) for one in results if isinstance(one, Finding)],
        "not_checked": [asdict(one) for one in results if isinstance(one, NotChecked)],
    }


def _only_then(condition: str, known: Results, supposed: Results) -> Iterator[Finding]:
    """What is refused or unwise under a condition only; which one, its place names."""
    found = {(one.rule, one.problem) for one in known if isinstance(one, Finding)}
    for one in supposed:
        if (
            isinstance(one, Finding)
            and one.severity in MATTERS
            and (one.rule, one.problem) not in found
        ):
            yield replace(one, where=f"{one.where} (if {condition})")


def _still_unknown(known: Results, if_true: Results, if_false: Results) -> Results:
    """Without the rules that could be evaluated for either value of a condition."""
    left = [
        {one.rule for one in some if isinstance(one, NotChecked)} for some in (if_true, if_false)
    ]
    return [one for one in known if isinstance(one, Finding) or one.rule in left[0] | left[1]]


def exit_code(facts: Facts) -> int:
    """3 if something is refused or unwise, else 0."""
    severities = {one["severity"] for request in facts["requests"] for one in request["findings"]}
    return FOUND_SOMETHING if severities & set(MATTERS) else 0


def in_words(facts: Facts) -> Iterator[str]:
    """A line for each finding, and a line for each reason why rules could not be evaluated."""
    several = len(facts["requests"]) > 1
    for request in facts["requests"]:
        found, name = request["findings"], request["request"]
        lines = [f"{o['severity']:<8} {o['where']}: {o['problem']}; {o['remedy']}" for o in found]
        if request["unknown"]:
            yield from (f"{name}: not checked: {request['unknown']}", *lines)
            continue
        clean = not any(one["severity"] in MATTERS for one in found)
        nothing = f"{name}: no findings{' but notes' if found else ''}"
        if several:
            yield nothing if clean else f"{name}:"
        yield from lines
        if clean and not several:
            yield nothing
        yield from _not_checked(request["not_checked"])
    for reason in facts["not_read"]:
        yield f"not read: {reason}"
    if facts["files"] > 1 or not facts["requests"]:
        yield _in_all(facts)


def _in_all(facts: Facts) -> str:
    """One line about many files, or about a folder without a job."""
    severities = [one["severity"] for request in facts["requests"] for one in request["findings"]]
    counts = ", ".join(f"{severities.count(one)} {one.value}" for one in MATTERS)
    requests, files = counted(len(facts["requests"]), "request"), counted(facts["files"], "file")
    return f"{requests} in {files}: {counts}"


def _not_checked(left_out: list[Facts]) -> Iterator[str]:
    """One line for each reason, in the order in which they were met."""
    order = list(dict.fromkeys(one["reason"] for one in left_out))
    ranked = sorted(left_out, key=lambda one: order.index(one["reason"]))
    for reason, group in groupby(ranked, key=lambda one: one["reason"]):
        yield f"not checked ({reason}): {', '.join(one['rule'] for one in group)}"
