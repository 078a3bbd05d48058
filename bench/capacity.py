"""Read and write units of DynamoDB, computed from items as its pages say, for a table on demand.

A write costs one unit for each kilobyte of the larger of the item before and after, twice that in a transaction.
An index costs one unit a kilobyte for each entry that is put or removed: two where a key of it changes. Reads cost one unit
for four kilobytes, half of it where they need not be consistent.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

Item = Mapping[str, Any]
WRITE_BYTES, READ_BYTES = 1024, 4096


def size(item: Item | None) -> int:
    """Bytes of an item in DynamoDB's own terms: names and values; 0 of one that is not there."""
    return sum(len(name.encode()) + _value(value) for name, value in (item or {}).items())


def _value(value: Item) -> int:
    ((kind, held),) = value.items()
    if kind == "S":
        return len(held.encode())
    if kind == "N":
        return math.ceil(len(held.strip("-+0.") or "0") / 2) + 1
    if kind == "L":
        return 3 + sum(1 + _value(one) for one in held)
    if kind == "M":
        return 3 + len(held) + size(held)
    return 1


def write_units(before: Item | None, after: Item, *, transaction: bool = False) -> int:
    """Of the table itself."""
    units = max(1, math.ceil(max(size(before), size(after)) / WRITE_BYTES))
    return 2 * units if transaction else units


def index_units(
    before: Item | None, after: Item, keys: Iterable[str], *, all_projected: bool
) -> int:
    """Of one index: what is removed from it, and what is put into it."""
    names = [*keys]
    old = _projected(before, names, all_projected=all_projected)
    new = _projected(after, names, all_projected=all_projected)
    if old == new:
        return 0
    moved = old is None or new is None or any(old[one] != new[one] for one in names)
    parts = (old, new) if moved else (new,)
    return sum(max(1, math.ceil(size(one) / WRITE_BYTES)) for one in parts if one)


def _projected(item: Item | None, keys: list[str], *, all_projected: bool) -> Item | None:
    """What an index holds of an item; None if it lacks a key, so that the index does not list it."""
    if item is None or any(one not in item for one in keys):
        return None
    return item if all_projected else {one: item[one] for one in keys}


def read_units(read: int, *, consistent: bool) -> float:
    """Of so many bytes read at once; also nothing costs the least."""
    units = max(1, math.ceil(read / READ_BYTES))
    return float(units) if consistent else units / 2
