"""The laptop's child processes: each has its own log, is ended by its id, and ends with its parent.

A process is started by `parent_watch.py`, which holds a file lock while it runs: the kernel releases the
lock when it ends, so another process that gets the same id later is never mistaken for it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from laptop import parent_watch
from laptop.location import NotReady
from laptop.tls import opener

START_TIMEOUT = 180.0
"""Seconds until a process that does not answer is given up."""


Process = subprocess.Popen[bytes]
_children: dict[int, Process] = {}
"""The children of this process; one that has ended stays here until `is_running` is called."""


def start(
    name: str,
    command: Sequence[str | Path],
    home: Path,
    environment: Mapping[str, str],
    folder: Path | None = None,
) -> Process:
    """Start a process in a session of its own; what it writes goes to `<name>.log`.

    It ends when this process ends, unless it is let go on (`let_stay`).
    """
    held = [sys.executable, "-I", "-S", parent_watch.__file__, *(str(part) for part in command)]
    with (home / f"{name}.log").open("wb") as log, locked(home, name) as lock:
        process = subprocess.Popen(
            held,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
            pass_fds=[lock],
        )
    _children[process.pid] = process
    return process


def detach(pid: int) -> None:
    """Let a process that this one started continue when this one ends."""
    pipe = _children[pid].stdin
    assert pipe
    pipe.write(parent_watch.DETACH)
    pipe.flush()


@contextmanager
def locked(home: Path, name: str) -> Iterator[int]:
    """The descriptor of `<name>.lock`, which no other process can lock then; BlockingIOError if one has it.

    A process that inherits the descriptor keeps the lock until it ends.
    """
    with (home / f"{name}.lock").open("wb") as file:
        _lock(file.fileno())
        yield file.fileno()


def is_locked(home: Path, name: str) -> bool:
    """True while a process that was started under this name in this folder still runs."""
    try:
        with (home / f"{name}.lock").open("rb") as file:
            _lock(file.fileno(), shared=True)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _lock(descriptor: int, *, shared: bool = False) -> None:
    """Lock an open file, or raise BlockingIOError at once."""
    import fcntl  # which Windows does not have; the command line is imported there, too

    fcntl.flock(descriptor, fcntl.LOCK_NB | (fcntl.LOCK_SH if shared else fcntl.LOCK_EX))


@contextmanager
def run_alongside(
    name: str,
    command: Sequence[str | Path],
    home: Path,
    environment: Mapping[str, str],
    folder: Path,
) -> Iterator[None]:
    """Run a process beside the body, and wait for it; NotReady with the end of its log if it fails.

    Whatever goes wrong in the body, the process does not outlive it.
    """
    process = start(name, command, home, environment, folder)
    try:
        yield
        if process.wait() != 0:
            raise NotReady(f"{name} failed:\n{last_lines(home, name)}")
    finally:
        end(process.pid)


def wait_until(answers: Callable[[], bool], name: str, process: Process, home: Path) -> None:
    """Wait until a process answers; NotReady if it ends or does not answer in time."""
    deadline = time.monotonic() + START_TIMEOUT
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotReady(f"{name} did not start:\n{last_lines(home, name)}")
        time.sleep(0.05)


def get_ok(url: str, certificate: Path | None = None) -> bool:
    """True if a GET of this loopback address is answered with 200."""
    try:
        with opener(certificate).open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def end(pid: int) -> None:
    """End the session that a process began, and wait for it to be gone."""
    for number, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 2.0)):
        if not is_running(pid):
            return
        _signal(pid, number)
        deadline = time.monotonic() + patience
        while is_running(pid) and time.monotonic() < deadline:
            time.sleep(0.05)


def is_running(pid: int) -> bool:
    """True if any process of the session that this one began still runs."""
    child = _children.get(pid)
    if child and child.poll() is not None:
        child.communicate()  # which closes the pipe
        del _children[pid]
    return _signal(pid, 0)


def _signal(pid: int, number: int) -> bool:
    """Signal a session; False if none of it is left: macOS answers EPERM where only zombies are."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def last_lines(home: Path, name: str, count: int = 15) -> str:
    """The last lines of a log, to show what went wrong."""
    lines = (home / f"{name}.log").read_text(errors="replace").splitlines()[-count:]
    return "\n".join([*(f"  {line}" for line in lines), f"(all of it: {home / f'{name}.log'})"])
