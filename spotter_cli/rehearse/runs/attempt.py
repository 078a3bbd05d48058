"""One attempt: the script's process, its output, and how the machine is taken away.

SIGTERM goes to the script alone, as a container's stop does; SIGKILL goes to all of its processes, also
to those that left its process group.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from spotter_cli.rehearse.observed.printed import PrintedLines
from spotter_cli.rehearse.runs.kill_plan import MachineLoss
from spotter_cli.rehearse.stage.machine import MARK, StagedMachine
from spotter_cli.rehearse.uploads.bucket import SimulatedBucket, Uploader
from spotter_cli.rehearse.uploads.checkpoint_files import checkpoint_files
from spotter_cli.rehearse.verdict.evidence import EndedBy

_STEP_ROW = re.compile(rb'"kind": ?"step"')
EVERY = 0.01
"""Seconds between two looks at a running attempt."""


@dataclass(frozen=True)
class RehearsedAttempt:
    """What happened. Times are in seconds; `started` is since the epoch, the others since `started`.

    `exit_code` is the script's own, negative for a signal. `terminated` is when SIGTERM was sent, None if it was
    not. `files_written` are the names and sizes below the machine's folders when it ended.
    """

    machine: StagedMachine
    started: float
    ended: float
    ended_by: EndedBy
    exit_code: int
    printed: PrintedLines
    terminated: float | None = None
    first_change: int = 0
    last_change: int = 0
    left_running: int = 0

    @property
    def failed(self) -> bool:
        """True if it ended by itself with an error."""
        return self.ended_by is EndedBy.ITSELF and self.exit_code != 0


@dataclass
class RunningAttempt:
    """A process with its uploader; `until` is evaluated again and again, and ends the attempt when it is true."""

    machine: StagedMachine
    bucket: SimulatedBucket
    mark: str
    longest: float
    until: Callable[["RunningAttempt"], bool] = lambda _: False
    printed: PrintedLines = field(default_factory=PrintedLines)
    form: str = ""
    _printed_up_to: int = 0
    _printed: int = 0
    _read_up_to: int = 0
    _steps: int = 0

    def observed_steps(self) -> int:
        """How many steps the hook has written down so far."""
        with suppress(OSError), self.machine.log.open("rb") as log:
            log.seek(self._read_up_to)
            whole, _, _ = log.read().rpartition(b"\n")
            self._read_up_to += len(whole)
            self._steps += len(_STEP_ROW.findall(whole))
        return self._steps

    def steps_done(self) -> int:
        """How many steps it has made so far: as the hook observed them, else as lines of `form` show."""
        observed = self.observed_steps()
        for step in self.printed.steps[self._printed_up_to :]:
            self._printed_up_to += 1
            self._printed += step.form == self.form
        return observed or self._printed

    def has_saved(self) -> bool:
        """True if the bucket holds a file of a checkpoint; a log is none."""
        return bool(checkpoint_files(list(self.bucket.contents)))

    def run(self, loss: MachineLoss | None = None) -> RehearsedAttempt:
        """Start it, and return when nothing of it runs any more."""
        first = len(self.bucket.changes)
        uploader = Uploader(self.machine.checkpoints, self.bucket)
        uploader.start()
        drained = False
        try:
            process = self._started()
            reader = threading.Thread(target=self._read, args=(process,), daemon=True)
            reader.start()
            try:
                ended_by, terminated = self._follow(process, uploader, loss)
                drained = ended_by in (EndedBy.ITSELF, EndedBy.SIGTERM)
                exit_code = process.poll()
            finally:
                left = self._end(process)
            ended = time.time() - self.began
            reader.join(timeout=5.0)
        finally:
            uploader.stop(drained=drained)
        if uploader.failed:
            raise uploader.failed
        return RehearsedAttempt(
            machine=self.machine,
            started=self.began,
            ended=ended,
            ended_by=ended_by,
            exit_code=process.returncode if exit_code is None else exit_code,
            printed=self.printed,
            terminated=terminated,
            first_change=first,
            last_change=len(self.bucket.changes),
            left_running=left,
        )

    def _started(self) -> "subprocess.Popen[bytes]":
        self.began = time.time()
        return subprocess.Popen(
            self.machine.command(),
            cwd=self.machine.code,
            env=self.machine.environment(self.mark),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _read(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout
        with suppress(OSError, ValueError), process.stdout as pipe:
            descriptor = pipe.fileno()
            while piece := os.read(descriptor, 1 << 16):
                self.printed.add(piece, time.time() - self.began)

    def _follow(
        self, process: "subprocess.Popen[bytes]", uploader: Uploader, loss: MachineLoss | None
    ) -> tuple[EndedBy, float | None]:
        while process.poll() is None:
            passed = time.time() - self.began
            if uploader.failed:
                return EndedBy.SIGKILL, None
            if loss and loss.is_due(passed, self.steps_done(), self.has_saved()):
                if loss.steps is not None:
                    self._wait(process, loss.after)
                return self._take_away(process, loss.grace)
            if passed >= self.longest:
                return EndedBy.TOO_LONG, None
            if self.until(self):
                return EndedBy.STEP_REACHED, None
            time.sleep(EVERY)
        return EndedBy.ITSELF, None

    def _wait(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=seconds)

    def _take_away(
        self, process: "subprocess.Popen[bytes]", grace: float
    ) -> tuple[EndedBy, float | None]:
        if process.poll() is not None:
            return EndedBy.ITSELF, None
        if not grace:
            return EndedBy.SIGKILL, None
        terminated = time.time() - self.began
        process.send_signal(signal.SIGTERM)
        until = time.monotonic() + grace
        while time.monotonic() < until:
            if process.poll() is not None:
                return EndedBy.SIGTERM, terminated
            time.sleep(EVERY)
        return EndedBy.SIGKILL, terminated

    def _end(self, process: "subprocess.Popen[bytes]") -> int:
        """SIGKILL to all that is left; how many processes that were besides the script."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        count = 0
        while found := marked(self.mark):
            for number in found:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(number, signal.SIGKILL)
                    count += 1
            time.sleep(EVERY)
        return count


def marked(mark: str) -> list[int]:
    """The processes of an attempt that are still running, by the mark in their environment (Linux only)."""
    if sys.platform != "linux":
        return []
    wanted = f"{MARK}={mark}".encode()
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and wanted in _environment(entry)
    ]


def _environment(process: Path) -> list[bytes]:
    """Its environment; empty for processes of others, and for those that have ended."""
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []
