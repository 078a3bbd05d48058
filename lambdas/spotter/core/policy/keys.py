"""Every key of `spotter.toml`: what it takes, in words, and how its value is read.

A key is listed here only when it has an effect. A pattern that becomes a permission means the same to fnmatch and
to IAM: both know "*" and "?", only fnmatch knows "[", and only IAM knows "${".
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from spotter.core.deadline.finish_by import FinishBy, OutOfRange, UnknownZone
from spotter.core.model.endings import RESUBMITTABLE
from spotter.core.model.times import duration
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import (
    BackoffPolicy,
    CircuitBreakerPolicy,
    Mode,
    OnTornCheckpoint,
    RepeatedInterruptions,
)

# Text, which `re` compiles once it is used: a function starts with the few that its policy needs.
ROLE = r"(?a)arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/*?-]+"
KMS_KEY = r"(?a)arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+"
CHECKPOINTS = r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/((?!\$\{)[^\[\x00-\x1f\x7f])+"
EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
JOB_NAME_PREFIX = r"[a-z0-9](-?[a-z0-9])*-?"
LONGEST_PREFIX = 32
"""Characters: the name of a next attempt is cut at its end, so that it keeps its prefix."""
CURRENCY = "[A-Z]{3}"
EXACT_TYPE = r"ml\.[a-z0-9-]+\.[a-z0-9]+"
INSTANCE_TYPE = r"ml\.[a-z0-9-]+[a-z0-9.*?-]*"


class PolicyMistake(ValueError):
    """What is wrong with a value, where that is more than "it must be ..."."""


class PolicyKey(NamedTuple):
    """What a key takes, and how it is read (ValueError or TypeError for what it does not take).

    A key that takes a list says what each `item` is.
    """

    allowed: str
    read: Callable[[Any], Any]
    item: "PolicyKey | None" = None


def one_of(words: Iterable[StrEnum]) -> PolicyKey:
    by_word = {w.value: w for w in words}

    def read(value: Any) -> StrEnum:
        if not isinstance(value, str) or value not in by_word:
            raise ValueError(value)
        return by_word[value]

    return PolicyKey("one of " + ", ".join(f'"{w}"' for w in by_word), read)


def whole(least: int, most: int) -> PolicyKey:
    def read(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError(value)
        return value

    return PolicyKey(f"a whole number from {least} to {most}", read)


def text(allowed: str, pattern: str) -> PolicyKey:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(value)
        return value

    return PolicyKey(allowed, read)


def several(key: PolicyKey) -> PolicyKey:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise TypeError(value)
        return tuple(key.read(item) for item in value)

    return PolicyKey(f"a list, each item {key.allowed}", read, item=key)


def at_most(count: int, key: PolicyKey) -> PolicyKey:
    """A list of no more than so many items."""

    def read(value: Any) -> tuple[Any, ...]:
        if isinstance(value, list) and len(value) > count:
            raise ValueError(value)
        found: tuple[Any, ...] = key.read(value)
        return found

    return PolicyKey(f"{key.allowed}, at most {count}", read)


def span(least: str, most: str) -> PolicyKey:
    def read(value: Any) -> timedelta:
        if not duration(least) <= (length := duration(value)) <= duration(most):
            raise ValueError(value)
        return length

    return PolicyKey(
        f'a duration from "{least}" to "{most}", such as "90s", "5m", "2h" or "5d"', read
    )


def or_off(key: PolicyKey) -> PolicyKey:
    return PolicyKey(f"{key.allowed}, or false", lambda v: None if v is False else key.read(v))


def _fraction(value: Any) -> float:
    if type(value) not in (int, float) or not 0 < value <= 1:
        raise ValueError(value)
    return float(value)


def _yes_or_no(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError(value)
    return value


_COUNT = whole(1, 1000)


def _repeated(value: Any) -> RepeatedInterruptions:
    if not isinstance(value, dict) or set(value) != {"count", "within"}:
        raise TypeError(value)
    return RepeatedInterruptions(
        _COUNT.read(value["count"]), span("1s", "28d").read(value["within"])
    )


def _backoff(value: Any) -> BackoffPolicy:
    if not isinstance(value, dict) or set(value) != {"first", "max"}:
        raise TypeError(value)
    pause = span("1s", "1d")
    found = BackoffPolicy(pause.read(value["first"]), pause.read(value["max"]))
    if found.first > found.max:
        raise ValueError(value)
    return found


def _breaker(value: Any) -> CircuitBreakerPolicy:
    if not isinstance(value, dict) or set(value) != {"count", "within", "open_for"}:
        raise TypeError(value)
    spans = (span("1s", "1d").read(value[name]) for name in ("within", "open_for"))
    return CircuitBreakerPolicy(_COUNT.read(value["count"]), *spans)


def _prices(value: Any) -> dict[str, float]:
    if not isinstance(value, dict) or not value:
        raise TypeError(value)
    kind = text("", EXACT_TYPE)
    return {kind.read(name): _positive(price) for name, price in value.items()}


def _positive(value: Any) -> float:
    if type(value) not in (int, float) or not 0 < value < 1e9:
        raise ValueError(value)
    return float(value)


def _capacity_option(value: Any) -> CapacityOption:
    if not isinstance(value, str):
        raise TypeError(value)
    return CapacityOption.parse(value)


def _finish_by(value: Any) -> FinishBy:
    try:
        return FinishBy.parse(value)
    except UnknownZone as zone:
        raise PolicyMistake(
            f'the time zone "{zone}" is not known; it must be a name of the IANA time zone database '
            'such as "Europe/Berlin"'
        ) from None
    except OutOfRange as allowed:
        raise PolicyMistake(str(allowed)) from None


def _tags(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise TypeError(value)
    return dict(value)


def _job_name_prefix(value: Any) -> str:
    """Lower case only: an ARN has a job's name in lower case, and a permission tells the cases apart."""
    prefix: str = text("", JOB_NAME_PREFIX).read(value)
    if len(prefix) > LONGEST_PREFIX:
        raise ValueError(value)
    return prefix


def _scope(value: Any) -> str:
    if value not in ("spot", "all"):
        raise ValueError(value)
    return str(value)


def _role(value: Any) -> str:
    """A pattern must name a path or a part of a name: one for every role of an account is refused."""
    role: str = text("", ROLE).read(value)
    if not re.search(r"\w", role.partition(":role/")[2]):
        raise ValueError(value)
    return role


NAME = text('a pattern such as "nightly-*"', r"[A-Za-z0-9*?\[\]!-]{1,63}")
ROLES = PolicyKey(
    'a role\'s ARN, "*" allowed within its name ("arn:aws:iam::111122223333:role/training-*") '
    "or after a path, but not for every role",
    _role,
)
TYPES = several(text('an instance type or a pattern such as "ml.g5.*"', INSTANCE_TYPE))
TAG_KEY = text("the key of a tag, without control characters", r"[^\x00-\x1f\x7f]{1,128}")
FILES = text(
    'a pattern for a file\'s name or path such as "*.mystate", with at least three letters or digits in a row',
    r"(?=.*[A-Za-z0-9_]{3})[\x20-\x7e]{1,256}",
)
TOP = {
    "scope": PolicyKey('"spot" or "all"', _scope),
    "recorded_tags": at_most(3, several(TAG_KEY)),
    "checkpoint_locations": several(
        text(
            'a bucket and a pattern such as "s3://ml-checkpoints/*", without "*" in the bucket and '
            'without "[" or "${"',
            CHECKPOINTS,
        )
    ),
    "checkpoint_files": at_most(20, several(FILES)),
    "verify_checkpoints": PolicyKey("true or false", _yes_or_no),
    "kms_keys": several(text('the ARN of one KMS key, without "*"', KMS_KEY)),
    "currency": text('three capital letters, such as "USD"', CURRENCY),
    "job_name_prefix": PolicyKey(
        f'the first letters of job names, such as "vision-": at most {LONGEST_PREFIX} lower-case letters, '
        "digits and single hyphens",
        _job_name_prefix,
    ),
}
ALERTS = {
    "repeated_interruptions": or_off(
        PolicyKey(
            f'{{ count = {_COUNT.allowed}, within = a duration from "1s" to "28d" }}', _repeated
        )
    ),
    "waiting_for_capacity": or_off(span("1s", "28d")),
    "wait_budget_used": or_off(PolicyKey("a number above 0, at most 1", _fraction)),
    "checkpoint_quiet": or_off(span("1s", "28d")),
    "deadlines": PolicyKey("true or false", _yes_or_no),
    "include_service_jobs": PolicyKey("true or false", _yes_or_no),
    "email": several(text("an e-mail address", EMAIL)),
    "slack": PolicyKey("true or false", _yes_or_no),
}
DIGEST = {"monthly": PolicyKey("true or false", _yes_or_no)}
RESUBMISSION = {
    "mode": one_of(Mode),
    "roles": several(ROLES),
    "instance_types": TYPES,
    "max_runtime": span("1s", "28d"),
    "max_age": span("1s", "14d"),
    "max_lineage_age": span("1s", "90d"),
    "max_instance_hours": whole(1, 10_000_000),
    "max_spend": PolicyKey("a number above 0, in the unit of prices", _positive),
    "prices": PolicyKey(
        'a table of instance types and prices, such as { "ml.g5.xlarge" = 1.41 }', _prices
    ),
    "circuit_breaker": or_off(
        PolicyKey(
            f'{{ count = {_COUNT.allowed}, within = a duration from "1s" to "1d", '
            'open_for = a duration from "1s" to "1d" }',
            _breaker,
        )
    ),
    "max_creations_per_hour": whole(1, 1000),
}
RULE = {
    "name": NAME,
    "tags": PolicyKey('a table of tags, such as { team = "vision-*" }', _tags),
    "role": ROLES,
    "instance_types": TYPES,
    "on": several(one_of(RESUBMITTABLE)),
    "max_attempts": whole(2, 20),
    "capacity": several(
        PolicyKey(
            '"spot", "spot ml.g5.4xlarge", "on-demand" or "on-demand ml.g5.2xlarge ml.g5.4xlarge", '
            "with instances=, volume= and, on spot, max_wait= where wanted",
            _capacity_option,
        )
    ),
    "require_checkpoint": PolicyKey("true or false", _yes_or_no),
    "on_torn_checkpoint": one_of(OnTornCheckpoint),
    "require_image_digest": PolicyKey("true or false", _yes_or_no),
    "max_interruptions": whole(0, 10_000),
    "max_errors": whole(0, 20),
    "max_total_runtime": span("1m", "90d"),
    "max_creations_per_hour": whole(1, 1000),
    "backoff": PolicyKey(
        '{ first = a duration from "1s" to "1d", max = as long or longer, up to "1d" }', _backoff
    ),
    "finish_by": PolicyKey(
        'a duration from "10m" to "90d" such as "12h", or a time of day with its time zone such as '
        '"07:00 Europe/Berlin"',
        _finish_by,
    ),
    "finish_by_tag": PolicyKey("true or false", _yes_or_no),
    "needs": span("1m", "90d"),
    "patience": span("1s", "7d"),
    "patience_from": whole(1, 20),
    "margin": span("0s", "1d"),
    "asks": whole(1, 100),
}
OF_DEADLINES = ("needs", "patience", "patience_from", "margin", "asks")
"""Keys of a rule that have an effect only for lineages with a deadline."""
WHO = ("name", "tags", "role", "instance_types")
