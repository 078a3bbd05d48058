"""PyTorch's DataLoader: in which order the samples come, whoever draws the order."""

from __future__ import annotations

import zlib
from collections import deque
from typing import Any

from . import torch_state
from .log import row
from .training import session
from .wrapping import around

INDICES = "_spotter_indices"


def observe(module: Any) -> None:
    """Called once, when the module was imported."""
    iterator = module._BaseDataLoaderIter
    around(iterator, "__init__", before=_begins)
    around(iterator, "_reset", before=_begins_again)
    around(iterator, "_next_index", after=_drawn)
    around(iterator, "__next__", after=_used)


def _begins(iterator: Any, loader: Any, *_: Any, **__: Any) -> None:
    session.loaders += 1
    iterator.__dict__[INDICES] = deque()
    sampler = getattr(loader, "sampler", None)
    try:
        batches = len(loader)
    except Exception:
        batches = None
    row(
        "loader",
        number=session.loaders,
        sampler=type(sampler).__name__,
        own_generator=getattr(sampler, "generator", None) is not None,
        batches=batches,
    )


def _begins_again(
    iterator: Any, loader: Any = None, first_iter: bool = False, *_: Any, **__: Any
) -> None:
    if not first_iter and loader is not None:
        _begins(iterator, loader)


def _drawn(index: Any, iterator: Any, *_: Any, **__: Any) -> None:
    """Workers are given batches ahead of their use: the indices wait until their batch comes."""
    iterator.__dict__.setdefault(INDICES, deque()).append(_digest(index))


def _used(data: Any, iterator: Any, *_: Any, **__: Any) -> None:
    waiting = iterator.__dict__.get(INDICES)
    found = waiting.popleft() if waiting else None
    if found is None:
        tensor = torch_state.first_tensor(data)
        found = torch_state.fingerprint(tensor) if tensor is not None else None
    session.batch = found
    session.buffers_due = session.buffers_due or session.steps == 0


def _digest(index: Any) -> str | None:
    if isinstance(index, int):
        index = [index]
    if (
        not isinstance(index, (list, tuple))
        or not index
        or not all(type(one) is int for one in index)
    ):
        return None
    return f"{zlib.crc32(repr(index).encode()):08x}"
