"""The core is the standard library's alone, and nothing imports upwards."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = sorted((ROOT / "lambdas/spotter/core").rglob("*.py"))
SHELL = sorted((ROOT / "lambdas/spotter/shell").rglob("*.py"))
IMPURE = {"os", "time", "random", "socket", "subprocess", "threading", "urllib", "secrets", "uuid"}


def imported(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("module", CORE, ids=lambda m: m.stem)
def test_a_core_module_needs_the_standard_library_only(module):
    pure = ("spotter.core", "urllib.parse")
    names = {n for n in imported(module) if not n.startswith(pure)}
    tops = {n.partition(".")[0] for n in names}
    assert tops <= sys.stdlib_module_names
    assert not tops & IMPURE


@pytest.mark.parametrize("module", CORE, ids=lambda m: m.stem)
def test_the_core_reads_no_clock(module):
    assert ".now(" not in module.read_text()


@pytest.mark.parametrize("module", [*CORE, *SHELL], ids=lambda m: f"{m.parent.name}-{m.stem}")
def test_what_runs_in_aws_imports_nothing_above_it(module):
    above = ("handlers", "infra", "console", "laptop", "tests")
    assert not [n for n in imported(module) if n.partition(".")[0] in above]


@pytest.mark.parametrize(
    "handler", ["record", "alert", "resubmit", "sweep", "notify_slack", "dashboard"]
)
def test_a_handler_imports_nothing_heavy(handler):
    heavy = "{'asyncio', 'pydantic', 'aws_xray_sdk'}"
    code = f"import sys, handlers.{handler}; sys.exit(len({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_every_module_says_what_it_is():
    modules = [*CORE, *SHELL, *(ROOT / "lambdas/handlers").glob("*.py")]
    assert all(ast.get_docstring(ast.parse(m.read_text())) for m in modules)
