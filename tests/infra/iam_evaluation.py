"""How AWS decides about a request, as far as Spotter's own policies need it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
A denial wins; otherwise one permission, of the caller or of the resource, is enough within an
account. An operator that is not written out below fails the test that met it.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.infra.template import Properties, listed


@dataclass(frozen=True)
class Request:
    """Who wants to do what on what, with the condition keys that AWS would fill in."""

    action: str
    resource: str
    service: str | None = None
    keys: dict[str, Any] = field(default_factory=dict)


def allowed(request: Request, *policies: Iterable[Properties]) -> bool:
    """True if the statements of these policies together let the request pass."""
    effects = {s["Effect"] for policy in policies for s in policy if applies_to(s, request)}
    return effects == {"Allow"}


def applies_to(statement: Properties, request: Request) -> bool:
    return (
        is_for(statement.get("Principal", "*"), request)
        and fits_any(request.action, statement["Action"])
        and fits_any(request.resource, statement["Resource"])
        and all(
            OPERATORS[operator](request.keys.get(key), [str(v) for v in listed(values)])
            for operator, wanted in statement.get("Condition", {}).items()
            for key, values in wanted.items()
        )
    )


def is_for(principal: Any, request: Request) -> bool:
    if principal in ("*", {"AWS": "*"}):
        return True
    return request.service is not None and request.service in listed(principal["Service"])


def fits_any(value: Any, patterns: Iterable[str]) -> bool:
    """True if there is a value and it fits; a missing key fits nothing."""
    return value is not None and any(like(str(value), p) for p in patterns)


def like(value: str, pattern: str) -> bool:
    """StringLike: `*` and `?` are all the wildcards there are; a variable `${...}` is not ours to use."""
    assert "${" not in pattern
    wild = {"*": ".*", "?": "."}
    return bool(re.fullmatch("".join(wild.get(c, re.escape(c)) for c in pattern), value, re.DOTALL))


def all_fit(values: Any, patterns: list[str]) -> bool:
    """ForAllValues: true of nothing at all."""
    return all(fits_any(value, patterns) for value in listed(values or []))


def unless(holds: Callable[[Any, list[str]], bool]) -> Callable[[Any, list[str]], bool]:
    """A negated operator: true of a missing key."""
    return lambda value, wanted: not holds(value, wanted)


OPERATORS: dict[str, Callable[[Any, list[str]], bool]] = {
    "ArnEquals": fits_any,
    "ArnLike": fits_any,
    "ArnNotEquals": unless(fits_any),
    "StringEquals": lambda value, wanted: value in wanted,
    "StringLike": fits_any,
    "Bool": fits_any,
    "NumericLessThanEquals": lambda v, wanted: v is not None and v <= float(wanted[0]),
    "ForAllValues:StringLike": all_fit,
    "Null": lambda value, wanted: (value is None) == (wanted == ["true"]),
}
