"""Who may import whom: the core is the standard library's alone, rooms import downwards, no circles."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = {
    "spotter": ROOT / "lambdas",
    "handlers": ROOT / "lambdas",
    **dict.fromkeys(("spotter_cli", "infra", "laptop", "sagemaker_api", "bench", "smoke"), ROOT),
}
IMPURE = {"os", "time", "random", "socket", "subprocess", "threading", "urllib", "secrets", "uuid"}
FLOORS = (
    "spotter.core",
    "spotter.aws",
    "spotter.request_guard",
    "spotter.notebook",
    "handlers",
    "spotter_cli",
)
"""From the ground up: each may import those before it."""
ROOMS = {
    "spotter.core": (
        "version", "model", "deadline", "ledger", "policy", "prices", "checkpoints", "record", "resubmit", "money", "replay", "reports", "alerts",
        "check",
    ),
    "spotter.aws": (
        "trust", "clients", "api_model", "deployed_policy", "deployed_prices", "ledger", "deployed_stack", "checkpoints", "deadline", "alerts", "record", "resubmit", "sweep",
        "reports",
    ),
    "spotter_cli": (
        "errors", "output", "stack", "options", "checkout", "policy", "check", "doctor", "rehearse", "views", "commands", "main", "entry",
    ),
    "spotter_cli.rehearse": (
        "hook", "uploads", "observed", "stage", "state", "verdict", "times", "runs",
    ),
}  # fmt: skip
"""Of each floor, and of a room that has rooms, from the ground up: a room may import those before it."""


def modules() -> Iterator[tuple[str, Path]]:
    for package, root in SOURCES.items():
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            yield ".".join(parts).removesuffix(".__init__"), path


MODULES = dict(modules())
CORE = sorted(name for name in MODULES if name.startswith("spotter.core"))


@cache
def imported(module: str) -> frozenset[str]:
    """The modules that a module imports anywhere in its text, ours by their full names."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            full = {f"{node.module}.{name.name}" for name in node.names}
            found |= {one if one in MODULES else node.module for one in full}
    return frozenset(found)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def room(module: str, floor: str) -> str:
    return module.removeprefix(f"{floor}.").partition(".")[0]


@pytest.mark.parametrize("module", CORE)
def test_a_core_module_needs_the_standard_library_only(module: str) -> None:
    names = {n for n in imported(module) if not n.startswith(("spotter.core", "urllib.parse"))}
    tops = {n.partition(".")[0] for n in names}
    assert tops <= sys.stdlib_module_names
    assert not tops & IMPURE


@pytest.mark.parametrize("module", CORE)
def test_the_core_reads_no_clock(module: str) -> None:
    assert ".now(" not in MODULES[module].read_text()


@pytest.mark.parametrize("floor", FLOORS)
def test_no_floor_imports_one_above_it(floor: str) -> None:
    above = (*FLOORS[FLOORS.index(floor) + 1 :], "infra", "sagemaker_api", "tests", "bench")
    if floor != "spotter_cli":
        above = (*above, "laptop")
    wrong = [
        (module, other)
        for module in MODULES
        if within(module, floor)
        for other in imported(module)
        if any(within(other, one) for one in above)
    ]
    assert wrong == []


@pytest.mark.parametrize("floor", ROOMS)
def test_rooms_import_downwards_only(floor: str) -> None:
    order = ROOMS[floor]
    ours = [m for m in MODULES if within(m, floor) and m != floor]
    assert {room(m, floor) for m in ours} == set(order)
    wrong = [
        (module, other)
        for module in ours
        for other in imported(module)
        if within(other, floor) and other != floor
        if order.index(room(other, floor)) > order.index(room(module, floor))
    ]
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    done: set[str] = set()
    for start in MODULES:
        assert circle(start, [], done) is None


def circle(module: str, path: list[str], done: set[str]) -> list[str] | None:
    """A circle that is reached from a module; a package's own __init__ stands for its whole."""
    if module in path:
        return [*path[path.index(module) :], module]
    if module in done or module not in MODULES:
        return None
    for other in sorted(imported(module)):
        found = circle(other, [*path, module], done)
        if found and set(found) != {module}:
            return found
    done.add(module)
    return None


@pytest.mark.parametrize(
    "handler", ["record", "alert", "resubmit", "sweep", "notify_slack", "dashboard"]
)
def test_a_handler_imports_nothing_heavy(handler: str) -> None:
    """Nor what only a command line or a notebook needs."""
    heavy = "{'asyncio', 'boto3', 'multiprocessing', 'pydantic', 's3transfer', 'aws_xray_sdk', 'spotter.aws.deployed_stack'}"
    code = f"import sys, handlers.{handler}; sys.exit(len({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


UNNEEDED = {
    "record": (
        "core.prices",
        "core.money",
        "core.resubmit",
        "core.checkpoints",
        "core.alerts.rules",
        "core.ledger.alert",
        "core.ledger.deadline",
        "core.ledger.lineage_rows",
    ),
    "alert": ("core.prices", "core.money", "core.resubmit.rules", "core.checkpoints.content"),
    "resubmit": ("core.prices", "core.money", "core.reports"),
    "sweep": ("core.resubmit.rules", "core.checkpoints.content", "core.reports.html"),
    "notify_slack": (
        "aws.ledger",
        "core.prices",
        "core.money",
        "core.policy.parse",
        "core.alerts.rules",
    ),
    "dashboard": ("core.resubmit.rules", "core.checkpoints.content"),
}
"""What a handler must not import, so that no cold start pays for it."""


@pytest.mark.parametrize("handler", UNNEEDED)
def test_a_handler_imports_nothing_that_only_others_need(handler: str) -> None:
    code = f"import sys, handlers.{handler}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    unneeded = [f"spotter.{one}" for one in UNNEEDED[handler]]
    assert [m for m in loaded if any(within(m, one) for one in unneeded)] == []


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is(module: str) -> None:
    assert ast.get_docstring(ast.parse(MODULES[module].read_text()))


def test_a_class_has_a_name_of_its_own() -> None:
    """Within the product, and within infra."""
    for packages in (("spotter", "handlers", "spotter_cli", "laptop", "sagemaker_api"), ("infra",)):
        named: dict[str, list[str]] = {}
        for module, path in MODULES.items():
            if module.partition(".")[0] in packages:
                for node in ast.parse(path.read_text()).body:
                    if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                        named.setdefault(node.name, []).append(module)
        assert {name: found for name, found in named.items() if len(found) > 1} == {}
