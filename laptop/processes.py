"""The laptop's processes: started with a log of their own, ended by their id and by nothing else."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from laptop.place import NotReady
from laptop.tls import opener

PATIENCE = 60.0
"""Seconds until a process that does not answer is given up."""


Process = subprocess.Popen[bytes]
_children: dict[int, Process] = {}
"""Those of this process: whoever has died stays until it is asked after."""


def start(
    name: str,
    command: Sequence[str | Path],
    home: Path,
    environment: Mapping[str, str],
    folder: Path | None = None,
) -> Process:
    """Start a process in a session of its own; what it says goes to `<name>.log`."""
    with (home / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
        )
    _children[process.pid] = process
    return process


@contextmanager
def to_its_end(
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
    """Wait until a process answers; NotReady if it ends or stays silent instead."""
    deadline = time.monotonic() + PATIENCE
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
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + patience
        while alive(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        if not alive(pid):
            return


def is_still(pid: int, mark: str) -> bool:
    """True if a process of this id runs whose command holds the mark, as far as the system tells.

    A process that has only just begun has no command for a moment, and one that has ended none.
    """
    if not Path("/proc/self/cmdline").exists():
        return alive(pid)
    for _ in range(20):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        if command:
            return mark.encode() in command
        time.sleep(0.01)
    return False


def alive(pid: int) -> bool:
    """True if any process of the session that this one began still runs."""
    child = _children.get(pid)
    if child and child.poll() is not None:
        del _children[pid]
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


def last_lines(home: Path, name: str, count: int = 15) -> str:
    """The end of a log, for whoever has to find out what went wrong."""
    lines = (home / f"{name}.log").read_text(errors="replace").splitlines()[-count:]
    return "\n".join([*(f"  {line}" for line in lines), f"(all of it: {home / f'{name}.log'})"])
