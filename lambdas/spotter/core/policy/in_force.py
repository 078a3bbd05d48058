"""Since when a parameter has had its value, read from its history.

CloudFormation writes a parameter again at every update of the resource, even if only a tag of the stack changed,
so the date of the newest version says nothing. Consecutive versions with an equal value count as one run,
and the value has been in force since the first version of its run. SSM keeps a hundred versions; of a longer
run the oldest that is left counts, so the date can be too late and never too early.
https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple


class Version(NamedTuple):
    """One version of a parameter: its number counts up from 1."""

    number: int
    value: str
    written: datetime


def in_force_since(value: str, history: Iterable[Version]) -> datetime | None:
    """When the newest run began, if it has this value; None if the parameter has another value now."""
    newest_first = sorted(history, key=lambda version: version.number, reverse=True)
    run = [*takewhile(lambda version: version.value == value, newest_first)]
    return run[-1].written if run else None
