"""What a role lacks of the permissions that the template gives it. Pure: statements in, actions out.

A boundary, or a policy of the organisation that denies, is not seen: an AccessDenied in a log shows that.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

Statement = Mapping[str, Any]


def lacking(wanted: Iterable[Statement], held: Sequence[Statement]) -> Iterator[str]:
    """The actions of the template's statements that no statement of the role allows, or one denies.

    The template's statements are resolved; a resource that is None could not be, and any will do.
    """
    found = (
        action
        for statement in wanted
        for action in listed(statement["Action"])
        if not all(
            _allowed(action, resource, statement, held)
            for resource in listed(statement["Resource"])
        )
    )
    yield from dict.fromkeys(found)


def _allowed(
    action: str, resource: str | None, wanted: Statement, held: Sequence[Statement]
) -> bool:
    matching = [one for one in held if matches(one, action, resource)]
    allows = [one for one in matching if one["Effect"] == "Allow"]
    denies = [one for one in matching if one["Effect"] == "Deny" and not one.get("Condition")]
    return not denies and any(_as_wide(one.get("Condition"), wanted) for one in allows)


def matches(statement: Statement, action: str, resource: str | None) -> bool:
    """Whether a statement is about an action on a resource; one that is None is not compared."""
    actions = listed(statement.get("Action", []))
    resources = listed(statement.get("Resource", []))
    return any(fnmatchcase(action.lower(), one.lower()) for one in actions) and (
        resource is None or any(fnmatchcase(resource, one) for one in resources)
    )


def _as_wide(condition: Any, wanted: Statement) -> bool:
    """No condition, or the template's own; values that could not be resolved match any."""
    return not condition or _same(condition, wanted.get("Condition"))


def _same(one: Any, wanted: Any) -> bool:
    if wanted is None:
        return False
    if isinstance(wanted, Mapping) and isinstance(one, Mapping):
        return one.keys() == wanted.keys() and all(
            wanted[key] is None or _same(one[key], wanted[key]) for key in wanted
        )
    has, values = listed(one), listed(wanted)
    pairs = zip(has, values, strict=False)
    return len(has) == len(values) and all(w is None or str(h) == str(w) for h, w in pairs)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
