"""Controls the simulated SageMaker: scripts, event weather, and what really happened."""

import json
import urllib.request
from typing import Any

from laptop.location import Laptop

PATIENCE = 60.0  # seconds for an answer, on a machine that has other things to do
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def control(place: Laptop, what: str, wanted: Any) -> None:
    """Set scripts, weather, quotas or releases from now on."""
    body = json.dumps(wanted).encode()
    with _opener.open(f"{place.sagemaker}/_market/{what}", data=body, timeout=PATIENCE):
        return


def truth(place: Laptop) -> list[dict[str, Any]]:
    """What really happened to every job, oldest first."""
    with _opener.open(f"{place.sagemaker}/_market/truth", timeout=PATIENCE) as answer:
        return list(json.load(answer))
