"""`.npy`: a header that says type and shape, and the array's bytes to the end of the file.

https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
The header is a Python literal; it is matched here, not evaluated.
"""

import re
from math import prod

from spotter.core.checkpoints.formats.verdicts import WHOLE, CannotTell, IsTorn, Reading
from spotter.core.checkpoints.formats.window import take

SIGNATURE = b"\x93NUMPY"
MOST_HEADER = 64 << 10
_HEADER = re.compile(
    rb"\{'descr': '[<>|=]?([a-zA-Z?])(\d{0,9})(?:\[[^']{1,20}\])?', "
    rb"'fortran_order': (?:True|False), 'shape': \(((?:\d{1,20}, ?)*(?:\d{1,20})?)\),? ?\}\s*"
)
_PICKLED, _CHARACTERS = b"O", b"U"


def verify(size: int) -> Reading:
    """Whole if as many bytes follow the header as type and shape make."""
    start = yield from take(size, 0, 10, "its header")
    if not start.startswith(SIGNATURE):
        raise IsTorn("it does not begin as a .npy file does")
    if not 1 <= start[6] <= 3:
        raise CannotTell(f"it is of version {start[6]} of its format")
    at = 10 if start[6] == 1 else 12
    width = yield from take(size, 8, at - 8, "its header")
    length = int.from_bytes(width, "little")
    if at + length > size:
        raise IsTorn("it ends within its header")
    if length > MOST_HEADER:
        raise CannotTell(f"its header is longer than {MOST_HEADER} bytes")
    header = yield from take(size, at, length, "its header")
    missing = at + length + _length_of(header) - size
    if missing > 0:
        raise IsTorn(f"it lacks {missing} of the bytes that its header counts")
    if missing < 0:
        raise CannotTell("more than one array seems to be in it")
    return WHOLE


def _length_of(header: bytes) -> int:
    """How many bytes the array has."""
    found = _HEADER.fullmatch(header)
    if not found or found[1] == _PICKLED:
        raise CannotTell("its header describes no plain array")
    item = int(found[2] or 1) * (4 if found[1] == _CHARACTERS else 1)
    return item * prod(int(n) for n in re.findall(rb"\d+", found[3]))
