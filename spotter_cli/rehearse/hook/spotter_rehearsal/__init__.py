"""Observes a training in its own interpreter: what is saved and read, each step, and the state at both."""

from __future__ import annotations


def start() -> None:
    """Begin to observe this process, and the processes that it makes."""
    from . import files, imports, log, training

    log.begin()
    training.begin()
    files.begin()
    imports.begin()
