"""Python's own functions and the methods of texts, done where all that they are given is known."""

from collections.abc import Callable
from itertools import product
from math import prod
from typing import Any

from spotter.core.check.request import PartlyKnown, Unknown
from spotter_cli.check.python import partial_texts
from spotter_cli.check.python.values import Arguments, Items, ScriptDict, Value, turns

TEXT_METHODS = frozenset(
    {"lower", "upper", "strip", "lstrip", "rstrip", "replace", "startswith", "endswith", "title",
     "removeprefix", "removesuffix", "capitalize", "isdigit", "count"}
)  # fmt: skip
MOST_TURNS = 64


def of_text(owner: Any, name: str, given: Arguments, why: str) -> Value:
    """A method of a text, done where all is known."""
    if name == "format" and isinstance(owner, str) and not given.unseen:
        return partial_texts.filled(owner, given.by_position, dict(given.by_name), why)
    if name == "join" and given.by_position and isinstance(given.by_position[0], Items):
        items = given.by_position[0]
        if items.why is not None:
            return Unknown(why)
        pieces = [one for item in items for one in (owner, partial_texts.piece(item, why))][1:]
        return partial_texts.joined(pieces, why)
    plain = all(isinstance(one, str | int) for one in given.by_position) and not given.by_name
    if isinstance(owner, str) and name in TEXT_METHODS and plain and not given.unseen:
        try:
            found = getattr(owner, name)(*given.by_position)
        except (TypeError, ValueError):
            return Unknown(why)
        return (
            found
            if not isinstance(found, str) or len(found) <= partial_texts.LONGEST
            else Unknown(why)
        )
    if name == "split" and isinstance(owner, str) and plain:
        try:
            return Items(list(owner.split(*given.by_position)))
        except (TypeError, ValueError):
            return Unknown(why)
    if isinstance(owner, PartlyKnown) and name in ("strip", "rstrip", "lstrip") and plain:
        characters = given.by_position[0] if given.by_position else " \t\r\n"
        return partial_texts.stripped(owner, name, str(characters), why)
    if isinstance(owner, PartlyKnown) and name in ("endswith", "startswith") and plain:
        return _edge(owner, name, given.by_position, why)
    return Unknown(why)


def _edge(owner: PartlyKnown, name: str, given: list[Value], why: str) -> Value:
    edge = owner.parts[-1 if name == "endswith" else 0]
    if len(given) != 1 or not isinstance(edge, str) or len(edge) < len(str(given[0])):
        return Unknown(why)
    return getattr(edge, name)(given[0])


def size(value: Value, unknown: Unknown) -> Value:
    if isinstance(value, str):
        return len(value)
    return len(value) if isinstance(value, ScriptDict | Items) and value.why is None else unknown


def numbers(ends: list[int], unknown: Unknown) -> Value:
    try:
        turns = range(*ends)
    except (TypeError, ValueError):
        return unknown
    try:
        return Items(list(turns)) if len(turns) <= MOST_TURNS else unknown
    except OverflowError:
        return unknown


def iterated(name: str, given: list[Value], unknown: Unknown) -> Value:
    """`enumerate`, `zip`, `reversed` and `itertools.product` of what can be followed one by one."""
    known = [found for one in given if (found := turns(one)) is not None]
    counted = name == "enumerate" and len(given) == 2 and isinstance(given[1], int)
    if len(known) + counted != len(given) or not known:
        return unknown
    if name == "product":
        rounds = prod(map(len, known)) if len(known) <= MOST_TURNS else MOST_TURNS + 1
        found = list(product(*known)) if rounds <= MOST_TURNS else None
        return unknown if found is None else Items([Items(list(one)) for one in found])
    if name == "zip":
        return Items([Items(list(one)) for one in zip(*known, strict=False)])
    if len(known) > 1:
        return unknown
    if name == "reversed":
        return Items(known[0][::-1])
    begin = given[1] if counted else 0
    return Items([Items([n, one]) for n, one in enumerate(known[0], begin)])


def result(function: Callable[..., Any], given: Arguments, unknown: Unknown) -> Value:
    sizes = [len(one) for one in given.by_position if isinstance(one, str)]
    if max(sizes, default=0) > 400:
        return unknown
    try:
        return function(*given.by_position, **given.by_name)
    except (TypeError, ValueError, ArithmeticError):
        return unknown
