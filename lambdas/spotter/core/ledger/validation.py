"""What a row must hold to be read. Any other row is malformed: its reader reports it and continues without it.

Theory. Spotter alone puts rows, but a table can be edited by hand, altered by somebody with more power,
or written by a version with a fault. One such row must affect no more than its own subject: the job of a
head, the lineage of an ending or a claim, one creation of the cap. So each reader checks a row
against its shape first, reports a malformed one (`Ledger.report`) and continues without it. Attributes that
no shape names are a newer Spotter's, and are accepted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from spotter.core.ledger import row_keys
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.model.identity import JobId
from spotter.core.model.times import iso

Test = Callable[[Any], bool]
Shape = Mapping[str, Test]
CLOCKS = timedelta(minutes=5)
"""More than the clocks of two functions differ by."""
LAST_MS, MOST = 253402300799999, 10**12
"""The last millisecond of the year 9999, and more than any count or number of seconds is."""
UNREADABLE = (KeyError, ValueError, TypeError, AttributeError, IndexError, ArithmeticError)
"""What Python raises where a row is not as it is taken to be."""


class Malformed(ValueError):
    """A row that cannot be read; the sentence says which, and what is wrong with it."""

    def __init__(self, key: tuple[str, str], reason: str):
        super().__init__(f"{' '.join(key)}: {reason}")
        self.key, self.reason = key, reason


Report = Callable[[Malformed], None]
Given = TypeVar("Given")
Known = TypeVar("Known")


def readable(
    rows: Iterable[Given], read: Callable[[Given], Known], report: Report
) -> Iterator[Known]:
    """What is read from those of the rows that can be read; the others are reported."""
    for row in rows:
        try:
            yield read(row)
        except Malformed as malformed:
            report(malformed)


def text(value: Any) -> bool:
    return type(value) is str


def flag(value: Any) -> bool:
    return type(value) is bool


def count(value: Any) -> bool:
    return type(value) is int and 0 <= value < MOST


def limit(value: Any) -> bool:
    """Seconds that can be added to an instant: up to 3,170 years."""
    return count(value) and value < 10**11


def milliseconds(value: Any) -> bool:
    """An instant as milliseconds since the epoch."""
    return type(value) is int and 0 <= value <= LAST_MS


def instant(value: Any) -> bool:
    """An instant as text: `2026-11-23T19:54:11.250Z`."""
    try:
        return type(value) is str and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def job(value: Any) -> bool:
    """A job as `str(JobId)` writes it."""
    try:
        return type(value) is str and bool(JobId.parse(value))
    except UNREADABLE:
        return False


def texts(value: Any) -> bool:
    return type(value) is list and all(map(text, value))


def counts(value: Any) -> bool:
    return type(value) is list and all(type(one) is int and one >= 0 for one in value)


def groups(value: Any) -> bool:
    """Instance types with their counts, as core/model/instances.py stores them."""
    return texts(value) and all(one.rpartition(" ")[2].isdecimal() for one in value)


def pairs(value: Any) -> bool:
    return type(value) is dict and all(text(v) for v in value.values())


def held_to(row: Mapping[str, Any], shape: tuple[Shape, Shape]) -> Mapping[str, Any]:
    """The same row; Malformed if an attribute is missing or has a wrong type."""
    key = row[PK], row[SK]
    needed, allowed = shape
    for name, test in needed.items():
        if name not in row:
            raise Malformed(key, f"`{name}` is missing")
        if not test(row[name]):
            raise Malformed(key, f"`{name}` is no {test.__name__}")
    for name, test in allowed.items():
        if name in row and not test(row[name]):
            raise Malformed(key, f"`{name}` is no {test.__name__}")
    return row


def none_after(latest: datetime, key: tuple[str, str], **instants: datetime | None) -> None:
    """Malformed if an instant in a row is later than it can be; one that is None is absent."""
    for name, found in instants.items():
        if found is not None and found > latest:
            raise Malformed(key, f"`{name}` is later than it can be")


def root_of(key: tuple[str, str]) -> JobId:
    """The first attempt of the lineage that a row belongs to; Malformed if its key names none."""
    root = key[0].removeprefix("LINEAGE#")
    if root == key[0] or not job(root):
        raise Malformed(key, "its partition key names no lineage")
    return JobId.parse(root)


def number_of(key: tuple[str, str]) -> int:
    """The number at the end of a sort key; Malformed if there is none."""
    if not key[1].rpartition("#")[2].isdecimal():
        raise Malformed(key, "its sort key ends in no number")
    return row_keys.number_of(key[1])


def job_of(key: tuple[str, str]) -> JobId:
    """The job that a head is about; Malformed if its key names none."""
    try:
        return row_keys.job_of(*key)
    except UNREADABLE:
        raise Malformed(key, "its key names no job") from None


def job_of_row(key: tuple[str, str]) -> JobId | None:
    """The job that a row of a job's partition is about, None for a row of another partition; Malformed if none is named."""
    return job_of(key) if key[0].startswith(row_keys.JOBS) else None


def job_created(key: tuple[str, str], created: int) -> JobId:
    """The job of this partition that was created at an instant; Malformed if there can be none."""
    try:
        return row_keys.job_of(key[0], f"#{created}")
    except UNREADABLE:
        raise Malformed(key, "its partition key names no job") from None


def listed_job(row: Row) -> JobId:
    """The job that a row of an index is about; Malformed if its key names none."""
    return job_of((row[PK], row[SK]))


def running(row: Row) -> JobId:
    """The job in a key of the running heads; Malformed if its keys do not fit each other."""
    key, found = (row[PK], row[SK]), listed_job(row)
    if row[row_keys.OPEN_SK] != iso(found.created):
        raise Malformed(key, f"`{row_keys.OPEN_SK}` is not when the job was created")
    return found


def shortage(row: Row) -> datetime:
    """The instant in a row of the index `market`; Malformed if its key names none."""
    found = row[row_keys.MARKET_SK].partition("#")[0]
    if not instant(found):
        raise Malformed((row[PK], row[SK]), f"`{row_keys.MARKET_SK}` names no instant")
    return datetime.fromisoformat(found)
