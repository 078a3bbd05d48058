"""Print the newest Python of this machine that Spotter supports, if it is newer than the one that runs this.

Looked for on the PATH and among pyenv's, whether they are switched on or not.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SUPPORTED = ((3, 13), (3, 12), (3, 11))
VERSION = "import sys; print(*sys.version_info[:2])"


def candidates(version: str) -> Iterator[str]:
    yield f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}")))


def answers(python: str, version: str) -> bool:
    """A name on the PATH may be a shim that only says that no version is chosen."""
    try:
        done = subprocess.run([python, "-c", VERSION], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return done.stdout.split() == version.split(".")


def newest() -> str:
    """The name or path of it; empty if there is none."""
    newer = (
        f"{major}.{minor}" for major, minor in SUPPORTED if (major, minor) > sys.version_info[:2]
    )
    found = (
        python for version in newer for python in candidates(version) if answers(python, version)
    )
    return next(found, "")


if __name__ == "__main__":
    print(newest())
