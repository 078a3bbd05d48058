"""What a verifier answers, what it asks for, and the loop that drives it."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

MOST_AT_ONCE = 1 << 20
"""No range is longer: so much of a file is in memory at once, besides what a verifier gathers."""


class FileState(StrEnum):
    """The three verdicts about a file or a checkpoint."""

    WHOLE = "whole"
    TORN = "torn"
    NOT_VERIFIED = "not verified"


@dataclass(frozen=True)
class FileVerdict:
    """One verdict; `why` is a phrase that follows the file's name, empty for what is whole."""

    state: FileState
    why: str = ""


class Range(NamedTuple):
    """`length` bytes from byte `start` on; a length of 0 only lets the driver look at its bounds."""

    start: int
    length: int


Reading = Generator[Range, bytes, FileVerdict]
"""A verifier of one file at work: it yields ranges within the file and is sent exactly their bytes."""

WHOLE = FileVerdict(FileState.WHOLE)


def torn(why: str) -> FileVerdict:
    """No loader of this format can read the file."""
    return FileVerdict(FileState.TORN, why)


def not_verified(why: str) -> FileVerdict:
    """No evidence either way."""
    return FileVerdict(FileState.NOT_VERIFIED, why)


class IsTorn(Exception):
    """Raised within a verifier, with the phrase that says why."""


class CannotTell(Exception):
    """Raised within a verifier or by what reads for it, with the phrase that says why."""


def run(reading: Reading, read: Callable[[Range], bytes]) -> FileVerdict:
    """Drive a verifier to its verdict.

    `read` may raise CannotTell; fewer bytes than requested mean that the file was replaced meanwhile.
    """
    try:
        wanted = next(reading)
        while True:
            data = read(wanted)
            if len(data) != wanted.length:
                raise CannotTell("it changed while it was read")
            wanted = reading.send(data)
    except StopIteration as ended:
        verdict: FileVerdict = ended.value
        return verdict
    except IsTorn as broken:
        return torn(str(broken))
    except CannotTell as cause:
        return not_verified(str(cause))
    finally:
        reading.close()
