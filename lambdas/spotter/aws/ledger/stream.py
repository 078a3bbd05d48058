"""The ledger's stream gives the keys of changed rows; their content is read from the ledger itself."""

from collections.abc import Mapping
from typing import Any

from spotter.core.ledger.row_keys import PK, SK


def changed(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The keys of the changed rows, each once, in the order of the stream."""
    keys = [record["dynamodb"]["Keys"] for record in event["Records"]]
    return list(dict.fromkeys((key[PK]["S"], key[SK]["S"]) for key in keys))
