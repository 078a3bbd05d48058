"""Whatever is brought from elsewhere is known by its hash, and no lock file says from where."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = sorted((ROOT / "requirements").glob("*.txt"))
NODE = [ROOT / "toolchain/package-lock.json", ROOT / "tests/browser/package-lock.json"]


@pytest.mark.parametrize(
    "lock", [*PYTHON, *NODE], ids=lambda lock: f"{lock.parent.name}-{lock.name}"
)
def test_a_lock_file_names_no_address(lock):
    assert "://" not in lock.read_text()


@pytest.mark.parametrize("lock", PYTHON, ids=lambda lock: lock.name)
def test_every_python_package_is_pinned_and_has_a_hash(lock):
    for one in lock.read_text().replace("\\\n", " ").splitlines():
        assert re.match(r"[\w.\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", one), one


@pytest.mark.parametrize("lock", NODE, ids=lambda lock: lock.parent.name)
def test_every_node_package_has_a_hash(lock):
    packages = json.loads(lock.read_text())["packages"]
    assert [name for name, one in packages.items() if name and "integrity" not in one] == []
