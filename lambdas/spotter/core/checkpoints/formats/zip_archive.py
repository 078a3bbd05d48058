"""Zip archives: torch since 1.6, `.npz`, `.keras`. An archive ends with a directory of its entries.

https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3.12 to 4.3.16, and 4.5.3 for zip64)
"""

import struct
from collections.abc import Generator, Iterator
from itertools import islice
from typing import NamedTuple

from spotter.core.checkpoints.formats.verdicts import WHOLE, CannotTell, IsTorn, Range, Reading
from spotter.core.checkpoints.formats.window import Window, take

SIGNATURE = b"PK\x03\x04"
END = struct.Struct("<4s4H2LH")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR = struct.Struct("<4sLQL")
ENTRY = struct.Struct("<4s6H3L5H2L")
SHORT_TAIL, LONG_TAIL = 1 << 10, END.size + 0xFFFF
"""Without a comment the end record is the last 22 bytes; a comment has 65,535 bytes at the most."""
MOST_ENTRIES, MOST_CANDIDATES = 200_000, 8
FULL = 0xFFFFFFFF


class _Directory(NamedTuple):
    """Where the end records say that the directory lies; `end` is where the records begin."""

    start: int
    size: int
    entries: int
    end: int


def verify(size: int) -> Reading:
    """Whole if its end records, its directory and its entries fit together and fit the size."""
    directory = yield from _directory(size)
    if not directory.entries:
        raise IsTorn("it is an archive of nothing")
    if directory.entries > MOST_ENTRIES:
        raise CannotTell(f"it has more than {MOST_ENTRIES} entries")
    window = Window(directory.end, directory.start)
    entries = 0
    while window.left:
        if entries == directory.entries:
            raise IsTorn("its directory holds more than the end record says")
        yield from _entry(window, directory.start)
        entries += 1
    if entries < directory.entries:
        raise IsTorn(f"its directory holds {entries} of {directory.entries} entries")
    return WHOLE


def _directory(size: int) -> Generator[Range, bytes, _Directory]:
    """Where the directory is, from the last end record that fits the file."""
    for length in (SHORT_TAIL, LONG_TAIL):
        tail = yield from take(size, max(0, size - length), min(length, size), "its end record")
        for at in islice(_candidates(tail), MOST_CANDIDATES):
            found = yield from _at(size, size - len(tail) + at, END.unpack_from(tail, at))
            if found:
                return found
        if len(tail) == size:
            break
    raise IsTorn("it ends without the end record of a zip archive")


def _candidates(tail: bytes) -> Iterator[int]:
    """Where an end record with its comment would end with the file, the last one first."""
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if len(tail) - at >= END.size:
            comment = END.unpack_from(tail, at)[7]
            if at + END.size + comment == len(tail):
                yield at
        at = tail.rfind(b"PK\x05\x06", 0, at)


def _at(size: int, at: int, record: tuple[int, ...]) -> Generator[Range, bytes, _Directory | None]:
    """The directory that ends where these records begin; None if it does not."""
    entries, length, start, end = record[4], record[5], record[6], at
    if at >= LOCATOR.size + END64.size:
        raw = yield from take(size, at - LOCATOR.size, LOCATOR.size, "its zip64 locator")
        mark, _, where, _ = LOCATOR.unpack(raw)
        if mark == b"PK\x06\x07" and where <= at - LOCATOR.size - END64.size:
            raw = yield from take(size, where, END64.size, "its zip64 end record")
            record64 = END64.unpack(raw)
            if record64[0] == b"PK\x06\x06":
                entries, length, start, end = *record64[7:], where
    return _Directory(start, length, entries, end) if start + length == end else None


def _entry(window: Window, before: int) -> Generator[Range, bytes, None]:
    """One entry, whose data has to lie before the directory."""
    raw = yield from window.take(ENTRY.size, "its directory")
    fields = ENTRY.unpack(raw)
    packed, unpacked, name, extra, comment, offset = (*fields[8:13], fields[16])
    if fields[0] != b"PK\x01\x02":
        raise IsTorn("its directory is none")
    window.skip(name, "its directory")
    more = yield from window.take(extra, "its directory")
    window.skip(comment, "its directory")
    if FULL in (packed, unpacked, offset):
        packed, offset = _in_zip64(more, packed, unpacked, offset)
    if offset + packed > before:
        raise IsTorn("an entry of its directory lies beyond its data")


def _in_zip64(extra: bytes, packed: int, unpacked: int, offset: int) -> tuple[int, int]:
    """Size and place of an entry whose own fields are too narrow for them."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            wide = iter(
                struct.unpack_from(f"<{min(length, len(extra) - at - 4) // 8}Q", extra, at + 4)
            )
            _, packed, offset = (
                next(wide, 1 << 64) if value == FULL else value
                for value in (unpacked, packed, offset)
            )
            return packed, offset
        at += 4 + length
    return packed, offset
