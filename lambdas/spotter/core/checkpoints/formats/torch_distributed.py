"""torch.distributed.checkpoint: `.metadata` names the files of a checkpoint and where each item lies.

https://docs.pytorch.org/docs/stable/distributed.checkpoint.html
It is a pickle of `Metadata`, whose `storage_data` has a `_StorageInfo` (relative_path, offset, length)
for each item. It is walked, not loaded; the files that it names are held against their sizes.
"""

from collections.abc import Iterator, Mapping

from spotter.core.checkpoints.formats.pickled import Inert, Machine, walk
from spotter.core.checkpoints.formats.verdicts import WHOLE, CannotTell, IsTorn, Range, Reading
from spotter.core.checkpoints.formats.window import take

NAME, DATA = ".metadata", ".distcp"
MOST_BYTES = 16 << 20


def is_metadata(base: str) -> bool:
    """`.metadata` of all ranks, or `__0.metadata` of one."""
    return base == NAME or (base.startswith("__") and base.endswith(NAME))


def verify(size: int, beside: Mapping[str, int], *, all_seen: bool) -> Reading:
    """Whole if each file that it names is there and long enough for what lies in it.

    `beside` are the sizes of the files in the same folder and below, by their names from there on.
    """
    if size > MOST_BYTES:
        raise CannotTell(f"it is longer than {MOST_BYTES} bytes")
    pickle = yield from take(size, 0, size, "its pickle")
    machine, found = Machine(), False
    for _ in walk(pickle, machine):
        yield Range(0, 0)
    for name, end in _items(machine.stack[-1] if machine.stack else None):
        found = True
        if name not in beside and not all_seen:
            raise CannotTell("it names a file that was not listed, and not all files were")
        if name not in beside:
            raise IsTorn("a file that it names is missing")
        if beside[name] < end:
            raise IsTorn(f"{name} lacks {end - beside[name]} of the bytes that it counts")
    if not found:
        raise CannotTell("it names no files")
    return WHOLE


def _items(metadata: object) -> Iterator[tuple[str, int]]:
    """The file of each item, and at which byte of it the item ends."""
    stored = metadata.get("storage_data") if isinstance(metadata, Inert) else None
    for _, info in (stored.pairs or ()) if isinstance(stored, Inert) else ():
        verdicts = (
            [info.get(name) for name in ("relative_path", "offset", "length")]
            if isinstance(info, Inert)
            else []
        )
        match verdicts:
            case [str(name), int(offset), int(length)] if not name.startswith("/"):
                yield name, offset + length
            case _:
                raise CannotTell("it says of an item not where it lies")
