"""Keras 3: each batch of `fit`, by its list of callbacks, on TensorFlow and PyTorch.

With JAX the variables are current only at the end of an epoch, so states are not observed there. The order in
which `fit` shuffles lies in the backend and is not observed either; loss and weights show it.
"""

from __future__ import annotations

import re
import sys
import weakref
import zlib
from typing import Any

from . import files, training
from .log import row
from .training import session
from .wrapping import around

_fitted: list[Any] = []


def observe(module: Any) -> None:
    """Called once for each of its modules, when it was imported."""
    callbacks = getattr(module, "CallbackList", None)
    if callbacks is not None:
        around(callbacks, "on_epoch_begin", before=_epoch)
        around(callbacks, "on_train_batch_begin", before=_before_batch)
        around(callbacks, "on_train_batch_end", before=_after_batch)
    model = getattr(module, "Model", None)
    if model is not None:
        around(model, "save", before=_saves)
        around(model, "save_weights", before=_saves)
        around(model, "load_weights", before=_loads)


def _epoch(callbacks: Any, epoch: int, *_: Any, **__: Any) -> None:
    _state.epoch = epoch


class _State:
    epoch: int | None = None
    lr: list[float] | None = None


_state = _State()


def _before_batch(callbacks: Any, *_: Any, **__: Any) -> None:
    model = getattr(callbacks, "model", None) or getattr(callbacks, "_model", None)
    if model is None:
        return
    if _backend() == "jax":
        if not _fitted:
            _fitted.append(weakref.ref(model))
            row("fault", error="Keras on JAX: states are not observed")
        training.begin_step()
        return
    _fitted[:] = [weakref.ref(model)]
    session.captures["keras"] = lambda: _parts(model_of())
    training.begin_step()
    session.counter = _state.epoch
    if session.steps == 0:
        training.state("step", _parts(model))
    optimizer = getattr(model, "optimizer", None)
    _state.lr = _rate(optimizer, session.is_detailed)
    seeds = _seeds(model) if session.is_detailed else {}
    if session.rng is not None and seeds:
        session.rng["keras"] = f"{zlib.crc32(repr(sorted(seeds.items())).encode()):08x}"


def model_of() -> Any:
    return _fitted[0]() if _fitted else None


def _after_batch(callbacks: Any, batch: Any = None, logs: Any = None, *_: Any, **__: Any) -> None:
    if not _fitted:
        return
    loss = (logs or {}).get("loss") if isinstance(logs, dict) else None
    if loss is not None:
        session.loss = float(loss)
    training.end_step(lr=_state.lr or [])


def _saves(model: Any, path: Any = None, *_: Any, **values: Any) -> None:
    path = values.get("filepath", path)
    if isinstance(path, (str, bytes)) or hasattr(path, "__fspath__"):
        files.begins_to_write(path)


def _loads(model: Any, path: Any = None, *_: Any, **values: Any) -> None:
    path = values.get("filepath", path)
    if isinstance(path, (str, bytes)) or hasattr(path, "__fspath__"):
        files.reads(path)


def _parts(model: Any) -> dict[str, dict[str, Any]]:
    if model is None:
        return {}
    optimizer = getattr(model, "optimizer", None)
    arrays = {_place(v, n): _array(v) for n, v in enumerate(model.weights)}
    state: dict[str, Any] = {}
    for number, variable in enumerate(getattr(optimizer, "variables", ()) or ()):
        if not _name(variable, number).endswith("learning_rate"):
            state[_place(variable, number)] = _crc(_array(variable))
    return {
        "weights": {name: _crc(array) for name, array in arrays.items()},
        "values": {
            name: [float(array.flat[0]), float(array.flat[array.size // 2])]
            for name, array in list(arrays.items())[:200]
            if array.size and array.dtype.kind == "f"
        },
        "optimizer": state,
    }


def _seeds(model: Any) -> dict[str, str]:
    variables = enumerate(getattr(model, "non_trainable_variables", ()))
    return {
        _name(variable, number): _crc(_array(variable))
        for number, variable in variables
        if "seed_generator" in _name(variable, number)
    }


def _rate(optimizer: Any, detailed: bool) -> list[float]:
    """A schedule is computed by several operations of the backend, a plain rate is one variable."""
    held = getattr(optimizer, "_learning_rate", None)
    if held is None or (
        hasattr(held, "get_config") and not hasattr(held, "assign") and not detailed
    ):
        return []
    return [float(_array(optimizer.learning_rate))]


def _place(variable: Any, number: int) -> str:
    """A name that a model has still after it was loaded: Keras leaves the model's own name out of the path then."""
    return f"{number} {re.split('[/_]', _name(variable, number))[-1]}"


def _name(variable: Any, number: int) -> str:
    return f"{number} {getattr(variable, 'path', None) or getattr(variable, 'name', '')}"


def _array(variable: Any) -> Any:
    numpy = sys.modules["numpy"]
    value = getattr(variable, "value", variable)
    value = value() if callable(value) else value
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    return numpy.asarray(value)


def _crc(array: Any) -> str:
    return f"{zlib.crc32(memoryview(array.tobytes())):08x}"


def _backend() -> str:
    keras = sys.modules.get("keras")
    try:
        return str(keras.backend.backend())  # type: ignore[union-attr]
    except Exception:
        return ""
