"""`*.index.json` of Hugging Face's sharded weights: `weight_map` names the file of each tensor.

https://huggingface.co/docs/transformers/big_models
"""

import json
from collections.abc import Mapping

from spotter.core.checkpoints.formats.verdicts import WHOLE, CannotTell, IsTorn, Reading
from spotter.core.checkpoints.formats.window import take

SUFFIX = ".index.json"
MOST_BYTES = 4 << 20


def verify(size: int, beside: Mapping[str, int], *, all_seen: bool) -> Reading:
    """Whole if it is JSON and each shard that it names is there."""
    if size > MOST_BYTES:
        raise CannotTell(f"it is longer than {MOST_BYTES} bytes")
    text = yield from take(size, 0, size, "its text")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise IsTorn("it is no whole JSON") from None
    shards = found.get("weight_map") if isinstance(found, dict) else None
    if not isinstance(shards, dict):
        raise CannotTell("it has no weight_map")
    missing = {name for name in shards.values() if isinstance(name, str)} - beside.keys()
    if missing and not all_seen:
        raise CannotTell("it names a shard that was not listed, and not all files were")
    if missing:
        raise IsTorn(f"{len(missing)} of the shards that it names are missing")
    return WHOLE
