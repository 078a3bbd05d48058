"""JSON: an object or a list is whole when the bracket that opened it is closed again."""

import re

from spotter.core.checkpoints.formats.verdicts import WHOLE, CannotTell, IsTorn, Reading
from spotter.core.checkpoints.formats.window import AHEAD, take

DEEPEST = 100_000
_STRING = rb'(?:[^"\\]++|\\.)*+("|\\?\Z)'
"""To the quote that closes a string, or to the end of the piece; no byte is tried twice."""
_TOKEN = re.compile(rb'[\[\]{}]|"' + _STRING, re.DOTALL)
_REST = re.compile(_STRING, re.DOTALL)
_CLOSES = {b"]": b"[", b"}": b"{"}


class _Scan:
    """The brackets that are open, and whether a string is; fed with pieces of the text."""

    def __init__(self) -> None:
        self.open: list[bytes] = []
        self.in_string = self.begun = False
        self._left = b""

    @property
    def closed(self) -> bool:
        return self.begun and not self.open and not self.in_string

    def feed(self, piece: bytes) -> None:
        """The next piece; a backslash at its end belongs to the next one."""
        if b"\x00" in piece:
            raise IsTorn("it holds bytes that no JSON holds")
        text, at = self._left + piece, 0
        self._left = b""
        if self.in_string and (rest := _REST.match(text)):
            at = rest.end()
            self._string(rest[1])
        for token in _TOKEN.finditer(text, at):
            if token[1] is None:
                self._bracket(token[0])
            else:
                self._string(token[1])

    def _string(self, end: bytes) -> None:
        """A string that ends with a quote, or goes on in the next piece."""
        self.in_string = end != b'"'
        self._left = b"\\" if end == b"\\" else b""

    def _bracket(self, mark: bytes) -> None:
        if mark in b"[{":
            if self.begun and not self.open:
                raise IsTorn("more follows its last bracket")
            self.begun = True
            self.open.append(mark)
            if len(self.open) > DEEPEST:
                raise CannotTell(f"it is nested more than {DEEPEST} deep")
        elif not self.open or self.open.pop() != _CLOSES[mark]:
            raise IsTorn("its brackets do not match")


def verify(size: int) -> Reading:
    """Whole if every bracket and every string that is opened is closed again."""
    scan = _Scan()
    for at in range(0, size, AHEAD):
        scan.feed((yield from take(size, at, min(AHEAD, size - at), "its text")))
    if not scan.begun:
        raise IsTorn("it is no JSON object or list")
    if not scan.closed:
        raise IsTorn("it ends within its text")
    return WHOLE
