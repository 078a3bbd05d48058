"""XGBoost and LightGBM: each round of boosting, and the trees before it."""

from __future__ import annotations

import json
import os
import re
import weakref
import zlib
from typing import Any

from . import files, training
from .training import session
from .wrapping import around

TREES = 500
"""Trees that are told apart; the rest is one fingerprint."""
_booster: list[Any] = []
_before: list[str] = []


def observe(module: Any) -> None:
    """Called once for each of them, when it was imported."""
    booster = module.Booster
    trees, rate, rounds = (
        (_trees_of_xgboost, _rate_of_xgboost, lambda b: b.num_boosted_rounds())
        if module.__name__.startswith("xgboost")
        else (_trees_of_lightgbm, _rate_of_lightgbm, lambda b: b.current_iteration())
    )

    def begin(one: Any, *_: Any, **__: Any) -> None:
        if not _booster or _booster[0]() is not one:
            _booster[:] = [weakref.ref(one)]
        session.captures["boosting"] = lambda: _parts(_booster[0](), trees)
        training.begin_step()
        session.counter = _count(one, rounds)
        _before[:] = []
        if session.is_detailed:
            parts = _parts(one, trees)
            _before[:] = list(parts.get("weights", {}).values())
            if session.steps == 0:
                training.state("step", parts)

    def end(result: Any, one: Any, *_: Any, **__: Any) -> None:
        values: dict[str, Any] = {"lr": rate(one)}
        if session.is_detailed:
            now = list(_parts(one, trees).get("weights", {}).values())
            values["update"] = "-".join(now[len(_before) :])[:200]
        training.end_step(**values)

    around(booster, "update", before=begin, after=end)
    around(booster, "boost", before=begin, after=end)
    around(booster, "save_model", before=_saves)
    around(booster, "load_model", before=_loads, failed=_cannot_load)
    if not module.__name__.startswith("xgboost"):
        around(booster, "__init__", before=_made_from_a_file)
        predictor = getattr(module, "_InnerPredictor", None)
        if predictor is not None:
            around(predictor, "__init__", before=_made_from_a_file)


def _parts(booster: Any, trees: Any) -> dict[str, dict[str, Any]]:
    if booster is None:
        return {}
    found = trees(booster)
    named = {f"tree {number}": tree for number, tree in enumerate(found[:TREES])}
    if len(found) > TREES:
        named["later trees"] = "{:08x}".format(zlib.crc32("".join(found[TREES:]).encode()))
    return {"weights": named or {"no tree": "0"}}


def _trees_of_xgboost(booster: Any) -> list[str]:
    model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]
    model = model.get("gbtree", model).get("model", {})
    if "trees" not in model:
        return [f"{zlib.crc32(json.dumps(model).encode()):08x}"]
    return [
        "{:08x}".format(zlib.crc32(json.dumps({**tree, "id": 0}, sort_keys=True).encode()))
        for tree in model["trees"]
    ]


def _trees_of_lightgbm(booster: Any) -> list[str]:
    text = booster.model_to_string(num_iteration=-1)
    blocks = re.split(r"(?m)^Tree=\d+\n", text.partition("end of trees")[0])[1:]
    return [f"{zlib.crc32(block.strip().encode()):08x}" for block in blocks]


def _rate_of_xgboost(booster: Any) -> list[float]:
    if not session.is_detailed:
        return []
    found = re.search(r'"(?:learning_rate|eta)":"([^"]+)"', booster.save_config())
    return [float(found[1])] if found else []


def _rate_of_lightgbm(booster: Any) -> list[float]:
    names = ("learning_rate", "shrinkage_rate", "eta")
    return [float(booster.params[name]) for name in names if name in booster.params][:1]


def _count(booster: Any, rounds: Any) -> int | None:
    try:
        return int(rounds(booster))
    except Exception:
        return None


def _is_path(path: Any) -> bool:
    return isinstance(path, (str, os.PathLike))


def _saves(booster: Any, path: Any = None, *_: Any, **values: Any) -> None:
    path = values.get("fname", values.get("filename", path))
    if _is_path(path):
        files.begins_to_write(path)


def _loads(booster: Any, path: Any = None, *_: Any, **values: Any) -> None:
    path = values.get("fname", path)
    if _is_path(path):
        files.reads(path)


def _cannot_load(error: Exception, booster: Any, path: Any = None, *_: Any, **values: Any) -> None:
    path = values.get("fname", path)
    if _is_path(path):
        files.unreadable(path, error)


def _made_from_a_file(*_: Any, **values: Any) -> None:
    path = values.get("model_file")
    if _is_path(path):
        files.reads(path)
