"""PyTorch: tensors of a checkpoint that no module and no optimizer holds, such as an average of the weights kept in a dictionary.

Which objects they are shows when the first checkpoint is written; what they held when the training began has to be known by then.
So the tensors that are there at the first step are fingerprinted, and told apart by themselves: one that was made anew has no value
of before.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

from . import torch_state, training

MOST = 2000
"""Tensors, at most; a script that holds more keeps its data so."""
DEEPEST = 5

_begun: dict[int, tuple[Any, str | None]] = {}
_written = False


def begin(held: set[int]) -> None:
    """At the first step: remember the tensors that lie in no memory of `held`."""
    found = [
        one for one in gc.get_objects() if torch_state.is_plain(one) and _place(one) not in held
    ]
    for one in found if len(found) <= MOST else ():
        _begun[id(one)] = (weakref.ref(one), torch_state.fingerprint(one))


def saves(value: Any, held: set[int]) -> None:
    """A checkpoint is about to be written: write down its tensors that lie in no memory of `held`."""
    global _written
    beside = {
        path: one
        for path, one in _tensors(value, "", DEEPEST)
        if one.is_floating_point() and _place(one) not in held
    }
    if not beside or len(beside) > MOST:
        return
    parts = {"beside": {path: torch_state.fingerprint(one) for path, one in beside.items()}}
    if not _written:
        _written = True
        parts["began"] = {
            path: _begun[id(one)][1]
            for path, one in beside.items()
            if id(one) in _begun and _begun[id(one)][0]() is one
        }
    training.state("beside", parts)


def _tensors(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if torch_state.is_plain(value):
        yield path, value
    elif depth and isinstance(value, dict):
        for name, one in value.items():
            yield from _tensors(one, f"{path}.{name}" if path else str(name), depth - 1)
    elif depth and isinstance(value, (list, tuple)) and len(value) <= MOST:
        for number, one in enumerate(value):
            yield from _tensors(one, f"{path}.{number}", depth - 1)


def _place(tensor: Any) -> int:
    return int(tensor.data_ptr())
