"""The log: one JSON object a line, written at once, so that a kill loses nothing but the last line."""

from __future__ import annotations

import atexit
import functools
import json
import os
import sys
import threading
import time
from typing import Any, Callable

FAULTS = 20
"""Lines that tell of failures in here, at most; a failing observation may fail in every step."""

_path = os.environ.get("SPOTTER_REHEARSAL_LOG", "")
_busy = threading.local()
_faults: set[str] = set()
_ended = False


def _none_made() -> int:
    return 0


steps_made: Callable[[], int] = _none_made
"""Replaced by the module that counts them."""


def begin() -> None:
    """The first line, and the last one when the process ends by itself."""
    _write("process", python=sys.version.split()[0], script=_script())
    atexit.register(quietly(_end))


def row(kind: str, **values: Any) -> None:
    """One line. The file is opened for each, since a script may close descriptors that it does not know."""
    with quiet():
        _write(kind, **values)


def _write(kind: str, **values: Any) -> None:
    line = {"kind": kind, "pid": os.getpid(), "at": round(time.time(), 6), "step": steps_made()}
    line.update(values)
    text = json.dumps(line, separators=(",", ":"), default=str) + "\n"
    descriptor = os.open(
        _path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644
    )
    try:
        os.write(descriptor, text.encode("utf-8", "replace"))
    finally:
        os.close(descriptor)


class quiet:  # noqa: N801 - reads as a statement
    """While this holds, opening files is no observation of the script."""

    def __enter__(self) -> None:
        self.before = getattr(_busy, "is_so", False)
        _busy.is_so = True

    def __exit__(self, *_: object) -> None:
        _busy.is_so = self.before


def is_quiet() -> bool:
    return bool(getattr(_busy, "is_so", False))


def quietly(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, without effect on the script: what fails is written once, and passed over."""

    @functools.wraps(function)
    def run(*args: Any, **values: Any) -> Any:
        if is_quiet():
            return None
        with quiet():
            try:
                return function(*args, **values)
            except Exception as error:
                _fault(function.__module__ + "." + function.__qualname__, error)
                return None

    return run


def _fault(where: str, error: Exception) -> None:
    if where not in _faults and len(_faults) < FAULTS:
        _faults.add(where)
        try:
            _write("fault", error=f"{where}: {type(error).__name__}: {str(error)[:300]}")
        except Exception:
            return


def _end() -> None:
    error = getattr(sys, "last_value", None)
    values = {} if error is None else {"error": f"{type(error).__name__}: {str(error)[:500]}"}
    for before in before_the_end:
        before()
    _write("end", **values)


before_the_end: list[Callable[[], None]] = []


def _script() -> str:
    arguments = getattr(sys, "orig_argv", None) or []
    return next((one for one in arguments[1:] if one.endswith(".py")), "")
