"""Controls of the laptop: change scripts and events while it runs, and read what happened; SageMaker has no such interface."""

import json
from collections.abc import Callable
from typing import Any

from laptop.simulated_sagemaker.api import SimulatedSageMaker
from laptop.simulated_sagemaker.events import Weather
from laptop.simulated_sagemaker.protocol import encode
from laptop.simulated_sagemaker.spot_market import Script
from laptop.simulated_sagemaker.training import duration


def change(sagemaker: SimulatedSageMaker, path: str, body: bytes) -> tuple[int, bytes]:
    """POST: scripts, weather, quotas, throttling, faults, dates or releases from now on; an invalid one is a 400 with the cause."""
    if path not in CHANGES:
        return 404, encode({"message": f"There is no {path}; there are {', '.join(CHANGES)}."})
    try:
        CHANGES[path](sagemaker, json.loads(body))
    except (KeyError, TypeError, ValueError) as wrong:
        return 400, encode({"message": f"{type(wrong).__name__}: {wrong}"})
    return 200, b"{}"


def show(sagemaker: SimulatedSageMaker, path: str) -> tuple[int, bytes]:
    """GET: the truth, oldest job first, instants in seconds of the epoch."""
    if path != "/_market/truth":
        return 404, encode({"message": f"There is no {path}; there is /_market/truth."})
    return 200, encode([truth._asdict() for truth in sagemaker.truths()])


def _scripts(sagemaker: SimulatedSageMaker, wanted: list[dict[str, Any]]) -> None:
    """[{"name": "nightly-*", "steps": [["Starting", 2], ["Training", null]], "failure": null}]; the first match rules."""
    sagemaker.market.put([(fields.pop("name"), Script(**fields)) for fields in wanted])


def _weather(sagemaker: SimulatedSageMaker, wanted: dict[str, Any]) -> None:
    """{"drop": 0.2, "repeat": 0.1, "disorder": 0.1, "delay": 5, "silent": [...], "seed": 1}."""
    sagemaker.change_weather(Weather(**wanted))


def _quotas(sagemaker: SimulatedSageMaker, wanted: dict[str, int]) -> None:
    """{"ml.g5.xlarge for spot training job usage": 2}; null lifts a quota."""
    merged = sagemaker.quotas | wanted
    sagemaker.quotas = {quota: limit for quota, limit in merged.items() if limit is not None}


def _throttle(sagemaker: SimulatedSageMaker, wanted: dict[str, int]) -> None:
    """{"CreateTrainingJob": 3}: the next three are throttled."""
    for operation, times in wanted.items():
        sagemaker.throttle(operation, times)


def _faults(sagemaker: SimulatedSageMaker, wanted: list[dict[str, Any]]) -> None:
    """[{"operation": "StopTrainingJob", "name": "nightly-*", "kind": "answer lost", "times": 1, "spares": ["AKIA…"]}]."""
    sagemaker.faults.put(wanted)


def _dates(sagemaker: SimulatedSageMaker, wanted: dict[str, float]) -> None:
    """{"nightly-1": 1800}: the Date of each answer about this job is half an hour ahead."""
    sagemaker.faults.ahead |= {name: duration(seconds) for name, seconds in wanted.items()}


def _release(sagemaker: SimulatedSageMaker, wanted: list[str]) -> None:
    """["nightly-1"]: jobs whose script holds them are ended for MaxWaitTime as soon as that is over."""
    sagemaker.release(wanted)


CHANGES: dict[str, Callable[[SimulatedSageMaker, Any], None]] = {
    "/_market/scripts": _scripts,
    "/_market/weather": _weather,
    "/_market/quotas": _quotas,
    "/_market/throttle": _throttle,
    "/_market/faults": _faults,
    "/_market/dates": _dates,
    "/_market/release": _release,
}
