"""The result of one check: a line that says how things are and, of a finding, what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from spotter_cli.doctor.evidence import Unread

T = TypeVar("T")


class CheckStatus(StrEnum):
    """A note is worth knowing and needs no action; what could not be read is neither ok nor a finding."""

    FINDING = "finding"
    NOT_CHECKED = "not checked"
    NOTE = "note"
    OK = "ok"


@dataclass(frozen=True)
class CheckResult:
    """`key` names what was checked, the same in every run: `function record`, `alarm RecordErrors`."""

    key: str
    status: CheckStatus
    state: str
    remedy: str = ""


def ok(key: str, state: str) -> CheckResult:
    return CheckResult(key, CheckStatus.OK, state)


def note(key: str, state: str, remedy: str = "") -> CheckResult:
    return CheckResult(key, CheckStatus.NOTE, state, remedy)


def finding(key: str, state: str, remedy: str) -> CheckResult:
    return CheckResult(key, CheckStatus.FINDING, state, remedy)


def not_checked(key: str, reason: str) -> CheckResult:
    return CheckResult(key, CheckStatus.NOT_CHECKED, reason)


def judged(
    key: str,
    state: T | Unread | None,
    absent: tuple[str, str],
    judge: Callable[[T], Iterator[CheckResult]],
) -> Iterator[CheckResult]:
    """What `judge` finds in a state that was read; `absent` is the finding where the thing does not exist."""
    if isinstance(state, Unread):
        yield not_checked(key, state.reason)
    elif state is None:
        yield finding(key, *absent)
    else:
        yield from judge(state)
