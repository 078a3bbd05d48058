"""A process that ends when the process that started it ends, for whatever reason.

Run as a program, it starts a command and holds on to its own standard input: a pipe whose other end only
its parent has. The kernel closes that end when the parent is gone, by SIGKILL too, on Linux and macOS
alike; then the whole session is ended, of which this process is the leader. A byte on the pipe (STAY)
lets the command go on by itself. It is started by its path, so it imports nothing of ours.
"""

import os
import signal
import subprocess
import sys
import threading
import time

DETACH = b"s"
GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL."""
CHECK_EVERY = 0.5
"""Seconds between two checks of the parent's id."""
ENDS_WITH_PARENT = "SPOTTER_ENDS_WITH_PARENT"
"""Set in the environment of what must not outlive its parent: by make, and by the tests."""


def end_with_parent() -> None:
    """From now on, this process gets a SIGTERM as soon as its parent is gone.

    An orphan gets another parent on every POSIX system; on Windows it does not, and nothing happens.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(CHECK_EVERY)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def run(command: list[str]) -> int:
    """Run the command; its exit code, as a shell returns it."""
    # Handled, for this process must outlive the SIGTERM to its own session. A handler ends with an exec;
    # to ignore the signal would be inherited.
    signal.signal(signal.SIGTERM, lambda *_: None)
    process, orphaned = subprocess.Popen(command, stdin=subprocess.DEVNULL), threading.Event()
    threading.Thread(target=_end_session_with_parent, args=(orphaned,), daemon=True).start()
    ended = process.wait()
    if orphaned.is_set():
        os.killpg(0, signal.SIGKILL)  # what the command started and left, and this process
    return ended if ended >= 0 else 128 - ended


def _end_session_with_parent(orphaned: threading.Event) -> None:
    """Wait until the other end of the pipe is gone; then end the session."""
    if os.read(sys.stdin.fileno(), 1) == DETACH:
        return
    orphaned.set()
    os.killpg(0, signal.SIGTERM)
    time.sleep(GRACE)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
