"""The wheel holds two packages whose names are ours, and the command line runs from it alone."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from spotter.core.version import VERSION
from spotter_cli.main import ENDS_WITH_PARENT
from tests.cli.test_command_line import ABSENT, ROOT
from tests.support.installed_cli import build

ALONE = """
import sys
ours = ("spotter", "spotter_cli", "infra", "handlers", "laptop", "sagemaker_api", "tests", "bench")
root, checkout = sys.argv.pop(1), sys.argv.pop(1)
sys.path[:] = [root, *(path for path in sys.path if path and not path.startswith(checkout + "/lambdas"))]
sys.path[:] = [path for path in sys.path if path != checkout]
sys.meta_path[:] = [one for one in sys.meta_path if "editable" not in repr(one)]
import spotter_cli.main
assert spotter_cli.__file__.startswith(root), spotter_cli.__file__
sys.argv[0] = "spotter"
if len(sys.argv) > 1:
    spotter_cli.main.main()
import importlib, pkgutil
for module in pkgutil.walk_packages(spotter_cli.__path__, "spotter_cli."):
    if module.name != "spotter_cli.views.laptop_report":  # it is for the demo in a checkout
        importlib.import_module(module.name)
assert "aws_lambda_powertools" not in sys.modules, "the wheel does not depend on it"
found = {name.partition(".")[0] for name in sys.modules} & set(ours)
assert found == {"spotter", "spotter_cli"}, found
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def unpacked(wheel: Path) -> Path:
    folder = wheel.parent / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(unpacked: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", ALONE, str(unpacked), str(ROOT), *words]
    here = os.environ | ABSENT | {"AWS_EC2_METADATA_DISABLED": "true"}
    here.pop(ENDS_WITH_PARENT, None)
    return subprocess.run(command, cwd=unpacked, env=here, capture_output=True, text=True)


def test_nothing_generic_is_installed(unpacked: Path) -> None:
    tops = {path.name for path in unpacked.iterdir()}
    assert {name for name in tops if not name.endswith(".dist-info")} == {"spotter", "spotter_cli"}
    assert [name.partition("-")[0] for name in tops if "-" in name] == ["sagemaker_spotter"]


def test_the_command_line_is_importable_from_the_wheel_alone(unpacked: Path) -> None:
    done = run(unpacked)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_request_is_checked_from_the_wheel_alone(unpacked: Path) -> None:
    done = run(unpacked, "check", "--offline", str(ROOT / "laptop/job.json"))
    assert done.returncode in (0, 3), done.stderr
    assert "MaxWaitTimeInSeconds" in done.stdout


@pytest.mark.parametrize("words", [("demo",), ("laptop", "up"), ("laptop", "env")], ids=" ".join)
def test_what_needs_a_checkout_says_so_in_one_sentence(
    unpacked: Path, words: tuple[str, ...]
) -> None:
    done = run(unpacked, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("spotter laptop and spotter demo need a checkout")
    assert done.stderr.count("\n") == 1


def test_the_lock_of_the_command_line_is_of_what_the_wheel_depends_on(unpacked: Path) -> None:
    [metadata] = unpacked.glob("*.dist-info/METADATA")
    found = re.findall(r"(?m)^Requires-Dist: ([\w-]+)", metadata.read_text())
    locked = (ROOT / "requirements/cli.in").read_text().splitlines()
    assert sorted(found) == sorted(line for line in locked if not line.startswith("#"))


def test_its_version_is_the_one_of_the_wheel(wheel: Path) -> None:
    assert wheel.name.split("-")[1] == VERSION
