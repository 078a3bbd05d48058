"""Whatever is brought from elsewhere is known by its hash, and no lock file says from where."""

import json
import re
import subprocess
import sys
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


def test_make_lock_compiles_and_checks_every_list():
    """It ends well: the last command of its recipe prints the files that name an address, and fails only then."""
    makefile = (ROOT / "Makefile").read_text()
    recipe = makefile[makefile.index("\nlock:") : makefile.index("\nclean:")]
    compiled = re.findall(r"(\w+)\.in -o (\w+)\.txt", recipe)
    checked = makefile[makefile.index("\nLOCK :=") : makefile.index("\nsupported :=")]
    names = {path.stem for path in (ROOT / "requirements").glob("*.in")}
    assert {source for source, _ in compiled} == {made for _, made in compiled} == names
    assert {path.stem for path in PYTHON} == names
    assert [lock for lock in [*PYTHON, *NODE] if str(lock.relative_to(ROOT)) not in checked] == []


@pytest.mark.parametrize(("text", "code"), [("six==1.0\n", 0), ("six @ https://x/six\n", 1)])
def test_the_check_of_make_lock_fails_only_where_a_lock_file_names_an_address(tmp_path, text, code):
    (tmp_path / "one.txt").write_text(text)
    makefile = (ROOT / "Makefile").read_text()
    check = re.search(
        r"(?m)^\t@(\$\(PYTHON\) -c 'import pathlib, sys; named[^\n]*\\\n[^\n]*)$", makefile
    )
    assert check
    shell = (
        check[1]
        .replace("\\\n", "")
        .replace("$(LOCK)", "one.txt")
        .replace("$(PYTHON)", sys.executable)
    )
    done = subprocess.run(["sh", "-c", shell], cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == code
