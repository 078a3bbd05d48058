"""Reading a file from its beginning to its end, a piece at a time, within its size."""

from collections.abc import Generator

from spotter.core.checkpoints.formats.verdicts import MOST_AT_ONCE, IsTorn, Range

Bytes = Generator[Range, bytes, bytes]
AHEAD = 64 << 10
"""How much is fetched at once where little is wanted: one request instead of hundreds."""


def take(size: int, start: int, length: int, what: str) -> Bytes:
    """The bytes of a range that has to lie within the file; IsTorn if it does not."""
    if start < 0 or length < 0 or start + length > size:
        raise IsTorn(f"ends at byte {size}, before the end of {what}")
    pieces = []
    for at in range(start, start + length, MOST_AT_ONCE):
        pieces.append((yield Range(at, min(MOST_AT_ONCE, start + length - at))))
    return b"".join(pieces)


class Window:
    """A position in a file, and the bytes around it that were fetched already."""

    def __init__(self, size: int, at: int = 0):
        self.size, self.at = size, at
        self._start, self._held = at, b""

    @property
    def left(self) -> int:
        return self.size - self.at

    def take(self, length: int, what: str) -> Bytes:
        """The next bytes; IsTorn where the file ends before them."""
        begin = self.at - self._start
        if begin < 0 or begin + length > len(self._held):
            wanted = max(length, min(AHEAD, self.left))
            self._held = yield from take(self.size, self.at, wanted, what)
            self._start, begin = self.at, 0
        self.at += length
        return self._held[begin : begin + length]

    def skip(self, length: int, what: str) -> None:
        """Pass over bytes that need not be read; IsTorn where the file ends before them."""
        if length < 0 or length > self.left:
            raise IsTorn(f"ends at byte {self.size}, before the end of {what}")
        self.at += length
