"""A finding says what is unwise or refused, where, and what to do; checking asks every rule."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from spotter.core.check.request import NotKnown, Request, Unknown
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.hints import AccountRegion
from spotter.core.policy.model import Policy


class FindingLevel(StrEnum):
    """How much it matters: SageMaker refuses it, it is likely to be regretted, or it is worth knowing."""

    REFUSED = "refused"
    UNWISE = "unwise"
    NOTE = "note"


@dataclass(frozen=True)
class AccountState:
    """What AWS and the ledger show: each is unknown where nobody looked, or nobody could.

    `taken` says whether a job has the name already, `bucket` in which Region the checkpoints' bucket is
    ("" if there is none of that name), `living` are the heads of all living jobs in the ledger.
    """

    place: AccountRegion | Unknown
    taken: bool | Unknown
    bucket: str | Unknown
    living: tuple[JobRecord, ...] | Unknown


@dataclass(frozen=True)
class CheckInput:
    """All that a rule may depend on. `shape` is the request's in the API's model (`api_model`), `others`
    are the other jobs of the same script.
    """

    request: Request
    policy: Policy | Unknown
    seen: AccountState
    shape: Any
    others: tuple[Request, ...] = ()


@dataclass(frozen=True)
class RuleViolation:
    """What a rule says: the member's path, what is so, and what to do about it."""

    path: str
    what: str
    todo: str


@dataclass(frozen=True)
class Finding:
    """A fault as it is shown: how much it matters, which rule says so, and where."""

    severity: FindingLevel
    rule: str
    where: str
    what: str
    todo: str


@dataclass(frozen=True)
class NotChecked:
    """A rule that could not be asked, and why."""

    rule: str
    because: str


Rule = Callable[[CheckInput], Iterator[RuleViolation]]
Rules = tuple[tuple[FindingLevel, Rule], ...]


def proposition(rule: Rule) -> str:
    """What a rule's name says, as a sentence has it."""
    words = rule.__name__.replace("_", " ")
    for name in ("SageMaker", "Spotter", "RetryStrategy", "Region", "API"):
        words = re.sub(rf"\b{name.lower()}", name, words)
    return words.replace("policys", "policy's")


def check(asked: CheckInput, rules: Rules) -> Iterator[Finding | NotChecked]:
    """What every rule says, in the order of the rules; one that meets something unknown is not checked."""
    for severity, rule in rules:
        try:
            for fault in rule(asked):
                where = asked.request.place(fault.path)
                yield Finding(severity, proposition(rule), where, fault.what, fault.todo)
        except NotKnown as reason:
            yield NotChecked(proposition(rule), str(reason))
