"""Texts of which only some parts are known: joined, formatted, and tested for their beginning and end."""

import re
from collections.abc import Iterable, Iterator
from string import Formatter
from typing import Any

from spotter.core.check.request import PartlyKnown, Text, Unknown, symbolic
from spotter_cli.check.python.values import Value, is_plain

LONGEST = 10_000
"""Characters of one text."""

SPECIFIED = re.compile(r"[<>^=]?[+ ]?0?\d{0,3},?(?:\.\d{1,2})?[sdfgeFGEbxo%]?")
"""Format specifications that are followed: none that makes a text of megabytes."""


def joined(pieces: Iterable[Value], why: str) -> Text | Unknown:
    """The pieces as one text, plain where all of them are known; Unknown where nothing is."""
    parts: list[str | Unknown] = []
    for piece in pieces:
        for part in piece.parts if isinstance(piece, PartlyKnown) else (piece,):
            plain = part if isinstance(part, Unknown) else str(part)
            if isinstance(plain, str) and parts and isinstance(parts[-1], str):
                parts[-1] += plain
            elif plain != "":
                parts.append(plain)
    if not parts:
        return ""
    if sum(len(part) for part in parts if isinstance(part, str)) > LONGEST:
        return Unknown(why)
    if len(parts) == 1:
        return parts[0]
    return PartlyKnown(why, tuple(parts))


def piece(value: Value, why: str) -> Value:
    """A value as a part of a text: its own text where it is plain, else unknown."""
    if isinstance(value, Unknown) or (is_plain(value) and not isinstance(value, float)):
        return value
    return repr(value) if isinstance(value, float) else Unknown(why)


def formatted(value: Value, specification: Value, why: str) -> Value:
    """`f"{value:specification}"`."""
    if specification == "":
        return piece(value, why)
    known = is_plain(value) and isinstance(specification, str)
    if not known or not SPECIFIED.fullmatch(specification):
        return Unknown(why)
    try:
        return format(value, specification)
    except (ValueError, TypeError):
        return Unknown(why)


def filled(template: str, by_position: list[Value], by_name: dict[str, Value], why: str) -> Value:
    """`template.format(...)`; a field that is more than a name or a number is unknown."""
    try:
        return joined(_fields(template, by_position, by_name, why), why)
    except ValueError:
        return Unknown(why)


def _fields(
    template: str, by_position: list[Value], by_name: dict[str, Value], why: str
) -> Iterator[Value]:
    count = 0
    for literal, name, specification, conversion in Formatter().parse(template):
        yield literal
        if name is None:
            continue
        key, count = (name, count) if name else (str(count), count + 1)
        place = int(key) if key.isdigit() and len(key) < 4 else None
        if place is not None and place < len(by_position):
            value = by_position[place]
        else:
            value = by_name.get(key, Unknown(why))
        plain = not conversion and "{" not in (specification or "")
        yield formatted(value, specification or "", why) if plain else Unknown(why)


def interpolated(template: str, values: list[Value], why: str) -> Value:
    """`template % values` with nothing but %s and %d in it."""
    pieces = re.split(r"(%%|%[sd])", template)
    rest = list(values)
    found: list[Value] = []
    for one in pieces:
        if one in ("%s", "%d"):
            if not rest:
                return Unknown(why)
            found.append(piece(rest.pop(0), why))
        elif one == "%%":
            found.append("%")
        elif "%" in one:
            return Unknown(why)
        else:
            found.append(one)
    return Unknown(why) if rest else joined(found, why)


def path(pieces: list[Value], why: str) -> Value:
    """`os.path.join`: an unknown piece is taken for a relative one, as its reader takes it."""
    found: list[Value] = []
    for one in pieces:
        if isinstance(one, str) and one.startswith("/"):
            found = []
        if found and not ends_with(found[-1], "/"):
            found.append("/")
        found.append(piece(one, why))
    return joined(found, why)


def ends_with(text: Value, end: str) -> bool:
    """True if the text is known to end so."""
    return isinstance(text, Text) and symbolic(text).endswith(end)


def stripped(text: PartlyKnown, method: str, characters: str, why: str) -> Any:
    """`text.rstrip("/")` and its like, where the end in question is known."""
    parts = list(text.parts)
    for place, sided in ((0, "lstrip"), (-1, "rstrip")):
        if method not in (sided, "strip"):
            continue
        edge = parts[place]
        if not isinstance(edge, str) or not getattr(edge, sided)(characters):
            return Unknown(why)
        parts[place] = getattr(edge, sided)(characters)
    return joined(parts, why)
