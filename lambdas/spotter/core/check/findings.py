"""A finding names a problem, where it is, and the remedy; a check evaluates every rule."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from spotter.core.check.request import NotKnown, Request, Unknown
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.hints import AccountRegion
from spotter.core.model.rule_text import title
from spotter.core.policy.model import Policy


class FindingLevel(StrEnum):
    """How much it matters: SageMaker refuses it, it is likely to be regretted, or it is worth knowing."""

    REFUSED = "refused"
    UNWISE = "unwise"
    NOTE = "note"


MOST_RUNNING = 100
"""Jobs that share a location: one is enough for a finding, and a reader is served by their count."""


@dataclass(frozen=True)
class AccountState:
    """What AWS and the ledger show: a value is unknown if it was not read, or could not be.

    `taken` says whether a job has the name already, `bucket` in which Region the checkpoints' bucket is
    ("" if there is none of that name), `running` are the records of the running jobs in the ledger whose
    checkpoints overlap with the request's, at most `MOST_RUNNING` of them.
    """

    place: AccountRegion | Unknown
    taken: bool | Unknown
    bucket: str | Unknown
    running: tuple[JobRecord, ...] | Unknown


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
    """What a rule found: the member's path, the problem, and the remedy."""

    path: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class Finding:
    """A violation as it is shown: its severity, the rule, and where it is."""

    severity: FindingLevel
    rule: str
    where: str
    problem: str
    remedy: str


@dataclass(frozen=True)
class NotChecked:
    """A rule that could not be evaluated, and why."""

    rule: str
    reason: str


Rule = Callable[[CheckInput], Iterator[RuleViolation]]
Rules = tuple[tuple[FindingLevel, Rule], ...]


def check(inputs: CheckInput, rules: Rules) -> Iterator[Finding | NotChecked]:
    """The findings of every rule, in the order of the rules; a rule that needs an unknown value is not checked."""
    for severity, rule in rules:
        try:
            for violation in rule(inputs):
                where = inputs.request.place(violation.path)
                yield Finding(severity, title(rule), where, violation.problem, violation.remedy)
        except NotKnown as reason:
            yield NotChecked(title(rule), str(reason))
