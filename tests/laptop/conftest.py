"""A laptop that is up: the real template on an embedded AWS, brought up once for all its tests."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from laptop.place import Place

Spotter = Callable[..., subprocess.CompletedProcess[str]]
COMMAND = Path(sys.executable).with_name("spotter")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("laptop") / "home"


@pytest.fixture(scope="session")
def spotter(home: Path) -> Spotter:
    """The command line, as a person runs it; its laptop is in a folder of the tests."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        told = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        told |= {"SPOTTER_LAPTOP": str(home), "COLUMNS": "80"}
        command = [str(COMMAND), *words]
        return subprocess.run(command, env=told, capture_output=True, text=True, check=False)

    return run


@pytest.fixture(scope="session")
def place(home: Path, spotter: Spotter) -> Iterator[Place]:
    came_up = spotter("laptop", "up")
    assert came_up.returncode == 0, came_up.stderr
    try:
        yield Place.read(home / "up")
    finally:
        spotter("laptop", "down")


@pytest.fixture
def shell(place: Place, spotter: Spotter) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """A shell after `eval "$(spotter laptop env)"`."""
    exports = spotter("laptop", "env").stdout

    def run(command: str) -> subprocess.CompletedProcess[str]:
        told = os.environ | {"AWS_PROFILE": "nowhere", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
        told |= {"PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"}
        script = f"{exports}\n{command}"
        return subprocess.run(
            ["bash", "-c", script], env=told, capture_output=True, text=True, check=False
        )

    return run
