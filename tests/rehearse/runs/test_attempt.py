"""An attempt ends by itself, by SIGTERM and its grace, or without a word, and leaves no process."""

import os
import sys
from pathlib import Path

import pytest

from spotter_cli.rehearse.runs.attempt import RehearsedAttempt, RunningAttempt, marked
from spotter_cli.rehearse.runs.kill_plan import MachineLoss
from spotter_cli.rehearse.stage.machine import StagedMachine, TrainingScript
from spotter_cli.rehearse.uploads.bucket import SimulatedBucket
from spotter_cli.rehearse.verdict.evidence import EndedBy

FOREVER = "import time\nprint('step 1', flush=True)\nwhile True: time.sleep(.01)\n"


def ran(
    tmp_path: Path, text: str, loss: MachineLoss | None = None, longest: float = 600.0
) -> RehearsedAttempt:
    (tmp_path / "train.py").write_text(text)
    (tmp_path / "bucket").mkdir()
    script = TrainingScript(tmp_path / "train.py", sys.executable)
    machine = StagedMachine(tmp_path / "machine", script)
    machine.lay({})
    mark = f"test-{os.getpid()}-{tmp_path.name}"
    bucket = SimulatedBucket(tmp_path / "bucket")
    done = RunningAttempt(machine, bucket, mark, longest).run(loss)
    assert marked(mark) == []
    return done


def test_a_script_ends_by_itself(tmp_path):
    done = ran(tmp_path, "print('loss=0.5'); raise SystemExit(3)")
    assert (done.ended_by, done.exit_code, done.failed) == (EndedBy.ITSELF, 3, True)
    assert done.printed.metrics[0].value == 0.5


@pytest.mark.shows("rehearsal", "the machine goes without SIGTERM")
def test_a_machine_goes_without_a_word(tmp_path):
    done = ran(tmp_path, FOREVER, MachineLoss(0.5))
    assert (done.ended_by, done.exit_code, done.terminated) == (EndedBy.SIGKILL, -9, None)


HANDLES = """
import os, signal, sys, time
from pathlib import Path
def save(*_):
    Path(os.environ["SM_MODEL_DIR"], "../checkpoints/last.json").write_text("{}")
    sys.exit(0)
signal.signal(signal.SIGTERM, save)
print("step 1", flush=True)
while True: time.sleep(.01)
"""


def test_a_script_that_saves_at_sigterm_has_the_grace_to_do_so(tmp_path):
    done = ran(tmp_path, HANDLES, MachineLoss(1.0, grace=30))
    assert (done.ended_by, done.exit_code) == (EndedBy.SIGTERM, 0)
    assert done.terminated is not None
    assert done.last_change - done.first_change == 1


@pytest.mark.shows("rehearsal", "a script that ignores SIGTERM")
def test_a_script_that_ignores_sigterm_is_killed_after_the_grace(tmp_path):
    text = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + FOREVER
    done = ran(tmp_path, text, MachineLoss(0.7, grace=0.5))
    assert (done.ended_by, done.exit_code) == (EndedBy.SIGKILL, -9)
    assert done.terminated is not None


def test_a_script_that_hangs_is_ended(tmp_path):
    assert ran(tmp_path, FOREVER, longest=0.5).ended_by is EndedBy.TOO_LONG


FORKS = """
import os, subprocess, sys, time
for start_new_session in (False, True):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=start_new_session)
if os.fork() == 0:
    os.setsid()
    time.sleep(600)
print("step 1", flush=True)
"""


@pytest.mark.shows("rehearsal", "processes that the script started")
@pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc")
@pytest.mark.parametrize("loss", [None, MachineLoss(8.0)])
def test_processes_that_a_script_started_end_with_it(tmp_path, loss):
    """On a busy machine it takes seconds until they have started."""
    text = FORKS + ("time.sleep(600)" if loss else "")
    done = ran(tmp_path, text, loss)
    assert done.ended_by is (EndedBy.SIGKILL if loss else EndedBy.ITSELF)
    assert done.printed.lines


def test_of_a_script_that_prints_without_end_only_the_last_lines_are_kept(tmp_path):
    text = "import sys\nfor n in range(300_000): print('x' * 50, n)\nprint('end', end='')"
    done = ran(tmp_path, text)
    assert done.exit_code == 0
    assert done.printed.lines > 200_000
    assert len(done.printed.tail) <= 41
    assert done.printed.tail[-1] == "end"
