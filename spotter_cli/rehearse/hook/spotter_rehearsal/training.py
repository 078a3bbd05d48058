"""The training of this process: its steps, when they are observed in detail, and the state when it saves.

In detail are observed the first steps after the start and after each save. In the other steps a line of the
learning rate and the loss is written, no more.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
import zlib
from typing import Any, Callable

from . import log
from .log import row

DETAILED = 3
"""Steps that are observed in detail after a start and after a save."""
AFFORDED = 0.02
"""The part of the training's processor time that may be spent on states of which it is not sure that they are saves."""
EVERY = 20_000
"""Steps after which only those are written that come 5 milliseconds or more after the one before."""


class Session:
    """What one process did. `captures` are the frameworks' functions that fingerprint the state."""

    def __init__(self) -> None:
        self.steps = 0
        self.detailed = DETAILED
        self.captures: dict[str, Callable[[], dict[str, dict[str, Any]]]] = {}
        self.saved_at = -1
        self.snapshot_at = -1
        self.counter: int | None = None
        self.batch: str | None = None
        self.input: str | None = None
        self.loss: float | None = None
        self.backwards = 0
        self.loaders = 0
        self.buffers_due = True
        self.rng: dict[str, str] | None = None
        self.thread: int | None = None
        self.written_at = 0.0
        self.began: float | None = None
        self.spent = 0.0

    @property
    def is_detailed(self) -> bool:
        return self.detailed > 0


session = Session()


def begin() -> None:
    log.steps_made = lambda: session.steps
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forked)


def _forked() -> None:
    """A forked process trains, if it does, from its own first step."""
    captures = session.captures
    session.__init__()  # type: ignore[misc]
    session.captures = captures


def begin_step() -> None:
    """A step of training begins."""
    from . import files

    if session.began is None:
        session.began = time.thread_time()
    if session.thread is None:
        session.thread = threading.get_ident()
    if session.steps == 0:
        row("process", processes=_processes(), sigterm=_sigterm())
    files.settle()
    session.rng = generators() if session.is_detailed else None


def end_step(**values: Any) -> None:
    """A step was finished. `values` are what its framework knows: lr, update, optimizer."""
    session.steps += 1
    now = time.monotonic()
    if session.steps <= EVERY or now - session.written_at >= 0.005:
        session.written_at = now
        for name in ("loss", "batch", "input", "counter", "rng"):
            value = getattr(session, name)
            if value is not None:
                values[name] = value
        if session.loaders:
            values["loaders"] = session.loaders
        row("step", **values)
    session.detailed -= 1
    session.loss = session.input = session.counter = session.rng = None
    session.backwards = 0


def state(moment: str, parts: dict[str, dict[str, Any]], **values: Any) -> None:
    if session.thread not in (None, threading.get_ident()):
        values["sure"] = False
    row("state", moment=moment, parts=parts, **values)


def before_save(moment: str = "save", sure: bool = True) -> None:
    """The state, once between two steps; nothing before the training was seen.

    It is not sure that a file is a checkpoint if neither its name nor a framework says so: a script may write
    such a file in each step.
    """
    if session.saved_at == session.steps or not session.captures or not (sure or can_afford()):
        return
    session.saved_at = session.steps
    if _capture(moment):
        session.detailed = DETAILED


def snapshot() -> None:
    """The script takes its state, which another thread may write while the training goes on."""
    is_training = session.steps and session.thread == threading.get_ident()
    if is_training and session.snapshot_at != session.steps and can_afford():
        session.snapshot_at = session.steps
        _capture("snapshot")


def _capture(moment: str) -> bool:
    begun = time.thread_time()
    parts: dict[str, dict[str, Any]] = {}
    for capture in list(session.captures.values()):
        for part, values in capture().items():
            parts.setdefault(part, {}).update(values)
    if parts.get("weights"):
        if session.backwards:
            parts["gradients"] = {"accumulated": session.backwards}
        state(moment, parts)
    session.spent += time.thread_time() - begun
    return bool(parts.get("weights"))


def can_afford() -> bool:
    if session.began is None or session.spent == 0.0:
        return True
    return session.spent < AFFORDED * (time.thread_time() - session.began)


def generators() -> dict[str, str]:
    """Fingerprints of the random generators that belong to the process; none is moved on."""
    # No hash of None: its address differs from process to process.
    _, numbers, gauss_next = random.getstate()
    found = {"python": f"{hash(numbers) & (2**64 - 1):x}-{gauss_next!r}"}
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "random"):
        _, keys, position, has_gauss, gauss = numpy.random.get_state()
        found["numpy"] = f"{zlib.crc32(keys.tobytes()):08x}-{position}-{has_gauss}-{gauss!r}"
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_rng_state"):
        from .torch_state import fingerprint

        found["torch"] = fingerprint(torch.get_rng_state()) or ""
    return found


def _processes() -> int:
    """The size of the world: what torch.distributed says, else what the launcher said."""
    distributed = getattr(sys.modules.get("torch"), "distributed", None)
    if distributed is not None and distributed.is_available() and distributed.is_initialized():
        return int(distributed.get_world_size())
    return int(os.environ.get("WORLD_SIZE") or 1)


def _sigterm() -> str:
    handler = signal.getsignal(signal.SIGTERM)
    if handler is signal.SIG_DFL:
        return "default"
    return "ignored" if handler is signal.SIG_IGN else "handled"
