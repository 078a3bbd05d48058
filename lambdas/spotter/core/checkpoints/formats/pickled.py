"""What a pickle holds, from its opcodes; no class is resolved, nothing is imported or called.

Theory. A pickle is a program for a stack machine. Here every value it would make is replaced by one
that can do nothing: a class is its name, a call is an `Inert` with its arguments, a dict is a list of
pairs (so that nothing is hashed). `pickletools.genops` only splits the bytes into opcodes.
https://docs.python.org/3/library/pickletools.html

What a hostile pickle can cost is bounded by its bytes and opcodes: each puts at most one value on the
stack, and shares what it takes from it.
"""

import io
import pickletools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spotter.core.checkpoints.formats.verdicts import CannotTell, IsTorn

MOST_OPCODES = 600_000
MARK = object()
Pairs = list[tuple[Any, Any]]


@dataclass(eq=False, slots=True)
class Inert:
    """What a pickle would call, import or fill: a name or arguments, a state, and items."""

    made_from: Any
    state: Any = None
    pairs: Pairs | None = None

    def get(self, key: str) -> Any:
        """The item of a dict, or of the dict that is an object's state; None if it has none."""
        held = self.pairs or (self.state.pairs if isinstance(self.state, Inert) else None) or ()
        return next((v for k, v in reversed(held) if isinstance(k, str) and k == key), None)


class Unusable(Exception):
    """The opcodes make no program."""


LITERALS = frozenset((
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "STRING",
    "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8",
    "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "NONE", "NEWTRUE", "NEWFALSE",
))  # fmt: skip
"""Opcodes with a value of their own; that of the last three, which nothing here reads, is None."""
EMPTY = frozenset(("EMPTY_TUPLE", "EMPTY_LIST", "EMPTY_SET"))
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
MARKED = frozenset(("TUPLE", "LIST", "FROZENSET"))
CALLS = frozenset(("REDUCE", "NEWOBJ", "STACK_GLOBAL"))
IGNORED = frozenset(("PROTO", "FRAME", "STOP", "READONLY_BUFFER"))
PUTS, GETS = (
    frozenset(("PUT", "BINPUT", "LONG_BINPUT")),
    frozenset(("GET", "BINGET", "LONG_BINGET")),
)
EXTENDS = frozenset(("APPENDS", "ADDITEMS"))


class Machine:
    """The stack and the memo of a pickle whose values can do nothing."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def take(self, name: str, given: Any) -> None:
        """One opcode; Unusable, or KeyError, where the stack or the memo does not hold what it needs."""
        stack = self.stack
        if name in LITERALS:
            stack.append(given)
        elif name in EMPTY:
            stack.append([])
        elif name in ("EMPTY_DICT", "DICT"):
            marked = self._marked() if name == "DICT" else []
            stack.append(Inert("dict", pairs=_paired(marked)))
        elif name in TUPLES:
            stack.append(self._popped(TUPLES[name]))
        elif name in MARKED:
            stack.append(self._marked())
        elif name == "MARK":
            stack.append(MARK)
        else:
            self._refer(name, given)

    def _refer(self, name: str, given: Any) -> None:
        """The memo, classes and calls."""
        stack = self.stack
        if name == "MEMOIZE":
            self.memo[len(self.memo)] = self._top()
        elif name in PUTS:
            self.memo[given] = self._top()
        elif name in GETS:
            stack.append(self.memo[given])
        elif name == "GLOBAL":
            stack.append(Inert(given))
        elif name in CALLS:
            stack.append(Inert(self._popped(2)))
        elif name in ("NEWOBJ_EX", "OBJ", "INST"):
            stack.append(Inert(self._popped(3) if name == "NEWOBJ_EX" else self._marked()))
        else:
            self._change(name)

    def _change(self, name: str) -> None:
        """What is put into a value that is there already."""
        if name in ("APPEND", "BUILD"):
            (value,) = self._popped(1)
            self._put_into(self._top(), name, [value])
        elif name in EXTENDS:
            added = self._marked()
            self._put_into(self._top(), name, added)
        elif name in ("SETITEM", "SETITEMS"):
            added = self._popped(2) if name == "SETITEM" else self._marked()
            target = self._top()
            if not isinstance(target, Inert):
                raise Unusable
            target.pairs = target.pairs or []
            target.pairs += _paired(added)
        elif name in ("POP", "POP_MARK"):
            self._popped(1) if name == "POP" else self._marked()
        elif name == "DUP":
            self.stack.append(self._top())
        elif name not in IGNORED:
            raise CannotTell(f"it uses {name}, which Spotter does not follow")

    def _put_into(self, target: Any, name: str, values: list[Any]) -> None:
        if isinstance(target, list) and name != "BUILD":
            target += values
        elif isinstance(target, Inert) and name == "BUILD":
            target.state = values[0]
        elif not isinstance(target, Inert):
            raise Unusable

    def _top(self) -> Any:
        if not self.stack or self.stack[-1] is MARK:
            raise Unusable
        return self.stack[-1]

    def _popped(self, count: int) -> list[Any]:
        taken = self.stack[-count:]
        if len(taken) < count or MARK in taken:
            raise Unusable
        del self.stack[-count:]
        return taken

    def _marked(self) -> list[Any]:
        """What stands above the last mark, which goes, too."""
        taken: list[Any] = []
        while self.stack:
            value = self.stack.pop()
            if value is MARK:
                return taken[::-1]
            taken.append(value)
        raise Unusable


def _paired(values: list[Any]) -> Pairs:
    """Keys with their values; ValueError where one is left over."""
    return list(zip(values[::2], values[1::2], strict=True))


def walk(pickle: bytes, machine: Machine, pause: int = 50_000) -> Iterator[None]:
    """Let the machine take the opcodes, with a stop after every `pause` of them.

    IsTorn where the pickle ends before its STOP or is none.
    """
    try:
        for count, (opcode, given, _) in enumerate(pickletools.genops(io.BytesIO(pickle)), 1):
            machine.take(opcode.name, given)
            if count > MOST_OPCODES:
                raise CannotTell(f"it has more than {MOST_OPCODES} opcodes")
            if count % pause == 0:
                yield
    except (ValueError, IndexError, KeyError, OverflowError, Unusable):
        raise IsTorn("it is no whole pickle") from None
