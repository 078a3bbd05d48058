"""UBJSON, as XGBoost writes it since 2.1 (`.ubj`): every value says how long it is.

https://ubjson.org/type-reference/ and, for containers that say type and count,
https://ubjson.org/type-reference/container-types/#optimized-format
"""

from collections.abc import Generator
from typing import NamedTuple

from spotter.core.checkpoints.formats.verdicts import WHOLE, CannotTell, IsTorn, Range, Reading
from spotter.core.checkpoints.formats.window import Window

FIXED = {
    b"Z": 0, b"T": 0, b"F": 0, b"N": 0, b"i": 1, b"U": 1, b"C": 1, b"I": 2, b"l": 4, b"d": 4,
    b"L": 8, b"D": 8,
}  # fmt: skip
COUNTS = frozenset((b"i", b"U", b"I", b"l", b"L"))
MOST_VALUES, DEEPEST, LOOK_UP = 2_000_000, 1_000, 50_000
OBJECT, LIST, STRINGS = b"{", b"[", (b"S", b"H")


class _Container(NamedTuple):
    """An object or a list that is open; `left` is None where an end mark closes it."""

    named: bool
    left: int | None
    kind: bytes | None


def verify(size: int) -> Reading:
    """Whole if the value that begins the file ends where the file ends."""
    window = Window(size)
    stack: list[_Container] = []
    first = yield from window.take(1, "its first value")
    if first not in (OBJECT, LIST):
        raise IsTorn("it begins with no object and no list")
    yield from _value(window, first, stack)
    for step in range(MOST_VALUES):
        if step % LOOK_UP == 0:
            yield Range(0, 0)
        if not stack:
            if window.left:
                raise IsTorn("more follows its last value")
            return WHOLE
        yield from _member(window, stack)
    raise CannotTell(f"it holds more than {MOST_VALUES} values")


def _member(window: Window, stack: list[_Container]) -> Generator[Range, bytes, None]:
    """The next member of the innermost container, or its end."""
    named, left, kind = stack.pop()
    if left == 0:
        return
    if left is None and not named:
        mark = yield from window.take(1, "a list")
        if mark == b"]":
            return
    elif named:
        mark = yield from window.take(1, "an object")
        if left is None and mark == b"}":
            return
        window.skip((yield from _count(window, mark)), "a name")
        mark = kind or (yield from window.take(1, "an object"))
    else:
        mark = kind or (yield from window.take(1, "a list"))
    stack.append(_Container(named, left if left is None else left - 1, kind))
    yield from _value(window, mark, stack)


def _value(window: Window, mark: bytes, stack: list[_Container]) -> Generator[Range, bytes, None]:
    """Pass over a value, or open the container that it is."""
    if mark in FIXED:
        window.skip(FIXED[mark], "a number")
    elif mark in STRINGS:
        kind = yield from window.take(1, "a text")
        window.skip((yield from _count(window, kind)), "a text")
    elif mark in (OBJECT, LIST):
        yield from _open(window, mark, stack)
    else:
        raise IsTorn("it holds a value of no type that UBJSON knows")


def _open(window: Window, mark: bytes, stack: list[_Container]) -> Generator[Range, bytes, None]:
    """What a container says of itself: the type of its members and how many they are, or neither."""
    kind, left = None, None
    begin = window.at
    marker = yield from window.take(1, "a container")
    if marker == b"$":
        kind = yield from window.take(1, "a container")
        marker = yield from window.take(1, "a container")
        if marker != b"#":
            raise IsTorn("a container says its type and not its count")
    if marker == b"#":
        left = yield from _count(window, (yield from window.take(1, "a container")))
    else:
        window.at = begin
    if kind in FIXED and left is not None and mark == LIST:
        window.skip(left * FIXED[kind], "a list of numbers")
        return
    if len(stack) >= DEEPEST:
        raise CannotTell(f"it is nested more than {DEEPEST} deep")
    stack.append(_Container(mark == OBJECT, left, kind))


def _count(window: Window, kind: bytes) -> Generator[Range, bytes, int]:
    if kind not in COUNTS:
        raise IsTorn("a length in it is none")
    raw = yield from window.take(FIXED[kind], "a length")
    count = int.from_bytes(raw, "big", signed=kind != b"U")
    if count < 0:
        raise IsTorn("a length in it is negative")
    return count
