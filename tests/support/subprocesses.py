"""Commands that tests start: none outlives the process that runs the tests, whatever that dies of."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from laptop import parent_watch

Word = str | Path
SESSION = [sys.executable, "-I", "-S", parent_watch.__file__]


def run(command: Sequence[Word], **how: Any) -> subprocess.CompletedProcess[str]:
    """As subprocess.run does, with what it wrote as text; the command has no input."""
    with _held() as end:
        return subprocess.run(
            [*SESSION, *command],
            **{"stdin": end, "capture_output": True, "text": True, "check": False} | how,
            start_new_session=True,
        )


@contextmanager
def running(command: Sequence[Word], **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    """The command beside the body, as the leader of a session, which is killed after it."""
    with _held() as end:
        words = [*SESSION, *command]
        process = subprocess.Popen(words, stdin=end, start_new_session=True, **how)
        try:
            yield process
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def _held() -> Iterator[int]:
    """The end of a pipe for a command to read; the other end is closed when this process is gone."""
    reads, writes = os.pipe()
    try:
        yield reads
    finally:
        os.close(reads)
        os.close(writes)
