"""safetensors: a header in JSON that says where each tensor lies, and the tensors to the file's end.

https://huggingface.co/docs/safetensors/index#format
"""

import json
from collections.abc import Iterator
from typing import Any

from spotter.core.checkpoints.formats.verdicts import WHOLE, CannotTell, IsTorn, Reading
from spotter.core.checkpoints.formats.window import take

FORMAT_MOST_HEADER = 100_000_000
"""What the library itself refuses to read beyond."""
MOST_HEADER = 4 << 20


def verify(size: int) -> Reading:
    """Whole if the tensors of its header fill the rest of the file, each byte once."""
    length = int.from_bytes((yield from take(size, 0, 8, "its header's length")), "little")
    if length > FORMAT_MOST_HEADER:
        raise IsTorn("its header's length is none that safetensors allows")
    if 8 + length > size:
        raise IsTorn("it ends within its header")
    if length > MOST_HEADER:
        raise CannotTell(f"its header is longer than {MOST_HEADER} bytes")
    header = yield from take(size, 8, length, "its header")
    end, rest = 0, size - 8 - length
    for first, last in sorted(_offsets(header)):
        if first != end or last < first:
            raise IsTorn("the tensors of its header do not follow each other")
        end = last
    if end > rest:
        raise IsTorn(f"it lacks {end - rest} of the bytes that its header counts")
    if end < rest:
        raise IsTorn(f"it has {rest - end} bytes more than its header counts")
    return WHOLE


def _offsets(header: bytes) -> Iterator[tuple[int, int]]:
    """Where each tensor begins and ends, from the header's end on."""
    for name, tensor in _read(header).items():
        if name == "__metadata__":
            continue
        match tensor:
            case {"data_offsets": [int(first), int(last)]}:
                yield first, last
            case _:
                raise IsTorn("its header says of a tensor not where it lies")


def _read(header: bytes) -> dict[str, Any]:
    try:
        found = json.loads(header)
    except (ValueError, RecursionError):
        raise IsTorn("its header is no JSON") from None
    if not isinstance(found, dict):
        raise IsTorn("its header is no JSON object")
    return found
