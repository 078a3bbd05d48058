"""A laptop that is up: the real template on an embedded AWS, brought up once for all its tests."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from laptop import parent_watch
from laptop.location import Laptop
from tests.support import subprocesses

Spotter = Callable[..., subprocess.CompletedProcess[str]]
COMMAND = Path(sys.executable).with_name("spotter")


@contextmanager
def taken_down(home: Path) -> Iterator[None]:
    """`spotter laptop down` after the body: a laptop that is up stays up, whatever becomes of the tests.

    A process does it that waits for its input to end, as it does when this process is gone.
    """
    code = "import subprocess, sys; sys.stdin.read(); sys.exit(subprocess.call(sys.argv[1:]))"
    environment = os.environ | {"SPOTTER_LAPTOP": str(home)}
    environment.pop(parent_watch.ENDS_WITH_PARENT, None)
    command: list[str | Path] = [sys.executable, "-c", code, COMMAND, "laptop", "down"]
    waits = subprocess.Popen(
        command, stdin=subprocess.PIPE, env=environment, start_new_session=True
    )
    try:
        yield
    finally:
        waits.communicate()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("laptop") / "home"


@pytest.fixture(scope="session")
def spotter(home: Path) -> Spotter:
    """The command line, as a person runs it; its laptop is in a folder of the tests."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment |= {"SPOTTER_LAPTOP": str(home), "COLUMNS": "80"}
        command = [str(COMMAND), *words]
        return subprocesses.run(command, env=environment)

    return run


@pytest.fixture(scope="session")
def place(home: Path, spotter: Spotter) -> Iterator[Laptop]:
    with taken_down(home):
        came_up = spotter("laptop", "up")
        assert came_up.returncode == 0, came_up.stderr
        yield Laptop.read(home / "up")


@pytest.fixture
def shell(place: Laptop, spotter: Spotter) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """A shell after `eval "$(spotter laptop env)"`."""
    exports = spotter("laptop", "env").stdout

    def run(command: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "AWS_PROFILE": "nowhere",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        }
        environment |= {"PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"}
        script = f"{exports}\n{command}"
        return subprocesses.run(["sh", "-c", script], env=environment)

    return run


def with_key(policy: str, key: str, value: str) -> str:
    """A policy's text with another value of a key, however its keys are aligned."""
    text, found = re.subn(rf"(?m)^({key}\s*= ).*$", rf'\g<1>"{value}"', policy)
    assert found == 1
    return text
