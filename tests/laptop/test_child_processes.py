"""What the laptop starts ends with whoever started it, and is never taken for another's process."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from laptop import child_processes, parent_watch, startup
from laptop.location import REPOSITORY, Laptop, NotReady, state_file
from tests.laptop.conftest import COMMAND
from tests.laptop.test_startup import in_time
from tests.support import subprocesses

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("processes")]
STUBBORN = "trap '' TERM; (trap '' TERM; sleep 300) & echo here; wait"
PLAIN = "sleep 300 & echo here; wait"
HERE = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY)}
STARTS = """
import os, sys
from pathlib import Path
from laptop import child_processes
process = child_processes.start("one", ["sh", "-c", sys.argv[2]], Path(sys.argv[1]), os.environ)
print(process.pid, flush=True)
sys.argv[3:] and child_processes.detach(process.pid)
sys.stdin.read()
"""


def started(home: Path, line: str, *more: str) -> tuple[subprocess.Popen[bytes], int]:
    """A process that has started a shell with this line, and the session of that one."""
    command = [sys.executable, "-c", STARTS, home, line, *more]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    parent = subprocess.Popen(command, env=HERE, **pipes)  # type: ignore[call-overload]
    pid = int(parent.stdout.readline())
    assert in_time(lambda: "here" in (home / "one.log").read_text())
    return parent, pid


@pytest.mark.parametrize("line", [PLAIN, STUBBORN])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_ends_with_all_it_started_when_its_parent_is_gone(tmp_path: Path, number, line):
    parent, pid = started(tmp_path, line)
    assert child_processes.is_locked(tmp_path, "one")
    parent.send_signal(number)
    parent.communicate()
    assert in_time(lambda: not child_processes.is_running(pid))
    assert not child_processes.is_locked(tmp_path, "one")


def test_a_process_that_may_stay_is_ended_by_its_id_only(tmp_path: Path):
    parent, pid = started(tmp_path, PLAIN, "stay")
    parent.communicate()
    assert child_processes.is_locked(tmp_path, "one")
    child_processes.end(pid)
    assert not child_processes.is_running(pid)


def test_the_pipe_to_a_process_that_ended_by_itself_is_closed(tmp_path: Path):
    process = child_processes.start("one", ["true"], tmp_path, HERE)
    process.wait()
    child_processes.end(process.pid)
    assert process.stdin
    assert process.stdin.closed


@pytest.fixture
def left_over(tmp_path: Path) -> Iterator[tuple[Path, child_processes.Process]]:
    """A laptop of which one process is left."""
    home = tmp_path / "home"
    home.mkdir()
    process = child_processes.start("market", ["sh", "-c", "sleep 300 & wait"], home, HERE)
    Laptop(home, 1, 2, "key", pids={"market": process.pid}).write()
    yield home, process
    child_processes.end(process.pid)


def test_down_leaves_nothing_running(left_over):
    home, process = left_over
    assert startup.is_up(home)
    assert startup.down(home)
    assert not child_processes.is_running(process.pid)
    assert not state_file(home).exists()
    assert not startup.down(home)


def test_down_ends_no_process_that_merely_has_the_id(left_over):
    home, process = left_over
    (home / "market.lock").unlink()
    (home / "market.lock").touch()
    assert not startup.is_up(home)
    assert startup.down(home)
    assert child_processes.is_running(process.pid)


def test_a_laptop_is_one_processs_alone_and_what_an_earlier_one_left_is_ended(left_over):
    home, process = left_over
    with startup.alone(home):
        assert not child_processes.is_running(process.pid)
        with pytest.raises(NotReady, match="Another process uses the laptop"), startup.alone(home):
            pass
    with startup.alone(home):
        pass


def test_a_laptop_that_tests_brought_up_is_taken_down_when_they_are_killed(left_over, monkeypatch):
    home, process = left_over
    home.rename(home.parent / "up")
    Laptop(home.parent / "up", 1, 2, "key", pids={"market": process.pid}).write()
    code = "from tests.laptop.conftest import *; import os; a = taken_down(Path(sys.argv[1])); "
    code += "a.__enter__(); os.kill(os.getpid(), 9)"
    killed = subprocess.run([sys.executable, "-c", code, home.parent], env=HERE, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert in_time(lambda: not child_processes.is_running(process.pid))


def recipe(target: str) -> str:
    """What make would give to a shell, last of all, to make this target."""
    make = shutil.which("make")
    if make is None:
        pytest.skip("there is no make")
    shown = subprocesses.run([make, "--dry-run", target], cwd=REPOSITORY, env=without_make())
    return shown.stdout.splitlines()[-1]


def without_make() -> dict[str, str]:
    """This environment without what make and pytest tell their children, and bound to this process."""
    others = ("ARGS", "AWS_", "MAKE", "MFLAGS", "PYTEST")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(others)}
    return environment | {parent_watch.ENDS_WITH_PARENT: "1"}


def pids_of(home: Path) -> list[int]:
    """The laptop's processes, once both of them run."""
    state = state_file(home)
    pids = in_time(
        lambda: state.exists() and "market" in Laptop.read(home).pids and Laptop.read(home).pids
    )
    assert pids, "no laptop came up"
    return list(pids.values())


def locked_below(folder: Path) -> list[Path]:
    """The locks of what still runs: the demo, the embedded AWS, SageMaker, the CDK."""
    locks = list(folder.rglob("*.lock"))
    assert len(locks) >= 4
    return [lock for lock in locks if child_processes.is_locked(lock.parent, lock.stem)]


PARENT = """
import subprocess, sys
from laptop import parent_watch
parent_watch.end_with_parent()
sys.exit(subprocess.call(["sh", "-c", sys.argv[1]]))
"""
ENDED_BY = {
    "spotter demo, by Ctrl-C": (f"exec {COMMAND} demo", signal.SIGINT),
    "spotter demo, by SIGTERM": (f"exec {COMMAND} demo", signal.SIGTERM),
    "spotter demo, by SIGHUP": (f"exec {COMMAND} demo", signal.SIGHUP),
    "spotter demo, by SIGKILL": (f"exec {COMMAND} demo", signal.SIGKILL),
    "make, by SIGKILL": ("make demo", signal.SIGKILL),
}


@pytest.mark.parametrize(("line", "number"), ENDED_BY.values(), ids=ENDED_BY)
def test_a_demo_that_is_ended_leaves_nothing_running(tmp_path: Path, line: str, number):
    """Of make, its own recipe is taken, in place of what it would build before."""
    by_make = line.startswith("make ")
    command = [sys.executable, "-c", PARENT, recipe("demo")] if by_make else ["sh", "-c", line]
    environment = without_make() | {"SPOTTER_LAPTOP": str(tmp_path)}
    with subprocess.Popen(
        command, env=environment, cwd=REPOSITORY, stdout=subprocess.DEVNULL
    ) as demo:
        try:
            pids = pids_of(tmp_path / "demo")
        finally:
            demo.send_signal(number)
    assert in_time(lambda: not any(child_processes.is_running(pid) for pid in pids))
    assert in_time(lambda: not locked_below(tmp_path))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_tests_that_are_ended_leave_nothing_running(tmp_path: Path, number: signal.Signals):
    """The signal reaches pytest alone, and none of its workers."""
    test = "tests/laptop/test_startup.py::test_a_second_up_says_that_it_is_up"
    words = ["-p", "no:cacheprovider", "-n", "1", "--basetemp", tmp_path / "base", test]
    command = [sys.executable, "-m", "pytest", *words]
    with subprocess.Popen(
        command, env=without_make(), cwd=REPOSITORY, stdout=subprocess.DEVNULL
    ) as tests:
        try:
            state = in_time(lambda: next(tmp_path.glob("base/**/laptop.json"), None))
            assert state, "no laptop came up"
            pids = pids_of(state.parent)
        finally:
            tests.send_signal(number)
    assert in_time(lambda: not any(child_processes.is_running(pid) for pid in pids))
