"""uv installs the bundle's packages for another platform, and finds Python installations.

It is the one that `make` installs in the repository, else the one on the path.
"""

import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent


class NoBundle(Exception):
    """The bundle cannot be built here; the message says what to do."""


def install(lock: Path, tree: Path, version: str) -> None:
    """Every package of the lock file, as it would be on Lambda; copied, as uv's own cache is linked."""
    exactly = "--quiet --require-hashes --no-deps --only-binary :all:"
    platform = f"--python-platform aarch64-manylinux2014 --python-version {version}"
    options = f"{exactly} {platform} --no-compile-bytecode --link-mode copy".split()
    here = ["--python", sys.executable, "--target", str(tree), "-r", str(lock)]
    try:
        subprocess.run([find_uv(), "pip", "install", *options, *here], check=True)
    except subprocess.CalledProcessError as error:
        raise NoBundle(f"uv could not install {lock}; it says why above.") from error


def find_uv() -> str:
    """The repository's own uv, else the one on the path."""
    own = REPOSITORY / ".venvs/uv/bin/uv"
    if uv := str(own) if own.exists() else shutil.which("uv"):
        return uv
    raise NoBundle("The bundle is laid out by uv, and there is none: `make synth` brings it.")


def find_python(version: str) -> str | None:
    """A Python of this version on this machine, or None; none is fetched."""
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        return sys.executable
    search = [find_uv(), "python", "find", "--no-python-downloads", "--system", version]
    found = subprocess.run(search, capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else None


def version_of(compiler: str) -> str:
    """Byte code may differ between patch versions, so the whole of it."""
    return subprocess.run([compiler, "-VV"], capture_output=True, text=True, check=True).stdout
