"""HDF5 (`.h5`, Keras's weights): a superblock that says where the file ends.

https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html (II.A, superblock versions 0 to 3).
The library refuses a file that is shorter than its superblock says. It writes the superblock last when
a file is closed and cuts the file to the very size, so one that is longer was not closed.
"""

from collections.abc import Generator

from spotter.core.checkpoints.formats.verdicts import WHOLE, CannotTell, IsTorn, Range, Reading
from spotter.core.checkpoints.formats.window import take

SIGNATURE = b"\x89HDF\r\n\x1a\n"
PLACES = (0, *(512 << n for n in range(12)))
"""Where the format lets the superblock be: 0, 512, 1024, 2048, ...; behind a block of the user's."""


def verify(size: int) -> Reading:
    """Whole if the end that the superblock names is the file's, and its first object is there."""
    place = yield from _place(size)
    kind = (yield from take(size, place + 8, 1, "its superblock"))[0]
    if kind > 3:
        raise CannotTell(f"its superblock is of version {kind}")
    base, end, root = yield from _addresses(size, place, kind)
    if base != place:
        raise CannotTell("its superblock says that it lies elsewhere")
    if end > size:
        raise IsTorn(f"it lacks {end - size} of the bytes that its superblock counts")
    if end < size:
        raise IsTorn("it is longer than its superblock says, so it was not closed")
    if kind >= 2 and (yield from take(size, base + root, 4, "its root group")) != b"OHDR":
        raise IsTorn("its root group is missing")
    return WHOLE


def _place(size: int) -> Generator[Range, bytes, int]:
    for place in PLACES:
        if place + len(SIGNATURE) > size:
            break
        if (yield from take(size, place, len(SIGNATURE), "its superblock")) == SIGNATURE:
            return place
    raise IsTorn("it has no superblock")


def _addresses(size: int, place: int, kind: int) -> Generator[Range, bytes, tuple[int, int, int]]:
    """The base address, the end of the file, and the root group's object header."""
    widths, first, root = (13, 24 + 4 * kind, 5) if kind < 2 else (9, 12, 3)
    width = (yield from take(size, place + widths, 1, "its superblock"))[0]
    if width not in (2, 4, 8):
        raise IsTorn("its superblock is none")
    raw = yield from take(
        size, place + first, 6 * width if kind < 2 else 4 * width, "its superblock"
    )
    found = [
        int.from_bytes(raw[n * width : (n + 1) * width], "little") for n in range(len(raw) // width)
    ]
    return found[0], found[2], found[root]
