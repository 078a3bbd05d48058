"""The command line as somebody installs it: its wheel in an environment that holds nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
DEPENDENCIES = REPOSITORY / ".venvs/cli"
"""Made by make: what the wheel depends on, by its hashes."""
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


def build(folder: Path) -> Path:
    """The wheel of this checkout, in this folder."""
    command = [sys.executable, "-c", BUILD, str(folder)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return folder / done.stdout.strip()


def installed(folder: Path) -> Path:
    """The command `spotter` of an environment of its own; nothing is fetched."""
    environment = folder / "environment"
    shutil.copytree(DEPENDENCIES, environment, symlinks=True)
    uv = str(REPOSITORY / ".venvs/uv/bin/uv")
    install = [uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--compile-bytecode"]
    python, wheel = str(environment / "bin/python"), str(build(folder))
    subprocess.run([*install, "--python", python, wheel], check=True)
    return environment / "bin/spotter"


def megabytes(folder: Path) -> float:
    """What the files of a folder take; of links, nothing."""
    files = (file for file in folder.rglob("*") if not file.is_symlink() and file.is_file())
    return sum(file.stat().st_size for file in files) / 1e6
