"""A random sample of mutants of the pure core: `python -m tests.mutation --sample 1000 --seed 0 --record`.

Once, the core's tests run with coverage of each test, into build/mutation.json. Each mutant changes one operator, constant,
condition or return value of one line; then only the tests that reach that line run, in a child process, until one
fails. Mutants that no test reaches count as survivors. The child is forked from a process that has imported the
test tools already, and none of Spotter.
"""

import argparse
import ast
import importlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.proof_page import record

REPOSITORY = Path(__file__).parents[1]
CORE = REPOSITORY / "lambdas/spotter/core"
MAP = REPOSITORY / "build/mutation.json"
ROOMS = (
    "deadline",
    "ledger",
    "model",
    "policy",
    "record",
    "resubmit",
    "checkpoints",
    "alerts",
    "money",
)
TESTS = ("tests/core", "tests/aws/ledger")
MOST_TESTS, LONGEST = 40, 60
TOOLS = ("pytest", "hypothesis", "boto3", "moto", "aws_lambda_powertools")
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the how-many-th of a module's places, on this line."""

    path: str
    number: int
    line: int
    what: str


class Places(ast.NodeTransformer):
    """Counts the places of a module that can change, and changes the one that is `wanted`."""

    def __init__(self, wanted: int = -1) -> None:
        self.wanted, self.found = wanted, list[tuple[int, str]]()

    def _here(self, node: Any, what: str) -> bool:
        self.found.append((node.lineno, what))
        return len(self.found) - 1 == self.wanted

    def visit_Compare(self, node: ast.Compare) -> Any:
        self.generic_visit(node)
        old = type(node.ops[0])
        if old in SWAPS and self._here(node, f"{old.__name__} to {SWAPS[old].__name__}"):
            node.ops[0] = SWAPS[old]()  # type: ignore[call-overload]
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        self.generic_visit(node)
        if self._here(node, f"{type(node.op).__name__} to the other"):
            node.op = SWAPS[type(node.op)]()  # type: ignore[assignment]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        self.generic_visit(node)
        old = type(node.op)
        if old in SWAPS and self._here(node, f"{old.__name__} to {SWAPS[old].__name__}"):
            node.op = SWAPS[old]()  # type: ignore[assignment]
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and self._here(node, "not left out"):
            return node.operand
        return node

    def visit_If(self, node: ast.If) -> Any:
        self.generic_visit(node)
        if self._here(node, "the condition is never true"):
            node.test = ast.copy_location(ast.Constant(False), node.test)
        return node

    def visit_Return(self, node: ast.Return) -> Any:
        self.generic_visit(node)
        nothing = node.value is None or (
            isinstance(node.value, ast.Constant) and node.value.value is None
        )
        if not nothing and self._here(node, "None is returned"):
            node.value = ast.copy_location(ast.Constant(None), node)
        return node

    def visit_Constant(self, node: ast.Constant) -> Any:
        value = node.value
        if type(value) is bool and self._here(node, f"{value} to {not value}"):
            return ast.copy_location(ast.Constant(not value), node)
        if type(value) is int and self._here(node, f"{value} to {value + 1}"):
            return ast.copy_location(ast.Constant(value + 1), node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node


def mutants() -> Iterator[Mutant]:
    """All of them, of the rooms that decide."""
    for room in ROOMS:
        for path in sorted((CORE / room).rglob("*.py")):
            places = Places()
            places.visit(ast.parse(path.read_text()))
            name = str(path.relative_to(REPOSITORY))
            yield from (Mutant(name, n, line, what) for n, (line, what) in enumerate(places.found))


def mutated(mutant: Mutant) -> Any:
    """The code of the changed module."""
    tree = ast.parse((REPOSITORY / mutant.path).read_text())
    changed = ast.fix_missing_locations(Places(mutant.number).visit(tree))
    return compile(changed, str(REPOSITORY / mutant.path), "exec")


def reached() -> dict[str, dict[str, list[str]]]:
    """Of each file and line the tests that reach it, quickest first, as the run with coverage showed."""
    if not MAP.exists():
        measure()
    found: dict[str, dict[str, list[str]]] = json.loads(MAP.read_text())
    return found


def reaching(lines: dict[str, list[str]], line: int) -> list[str]:
    """The tests that reach a line; of a line that runs at import, those that reach others of its file."""
    whole = dict.fromkeys(test for tests in lines.values() for test in tests)
    return (lines.get(str(line)) or list(whole))[:MOST_TESTS]


def measure() -> None:
    MAP.parent.mkdir(exist_ok=True)
    words = [
        "-q",
        "-p",
        "no:xdist",
        "-p",
        "tests.support.lines_reached",
        "--lines-reached",
        str(MAP),
    ]
    subprocess.run([sys.executable, "-m", "pytest", *words, *TESTS], cwd=REPOSITORY, check=False)


def survives(mutant: Mutant, tests: list[str]) -> bool:
    """True if no test that reaches the line fails."""
    if not tests:
        return True
    child = os.fork()
    if not child:
        os._exit(_killed(mutant, tests))
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)  # it loops for ever: that is noticed
    os.waitpid(child, 0)
    return False


def _killed(mutant: Mutant, tests: list[str]) -> int:
    import pytest

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    module = mutant.path.removeprefix("lambdas/").removesuffix(".py").replace("/", ".")
    sys.meta_path.insert(0, _Changed(module.removesuffix(".__init__"), mutated(mutant)))
    words = ["-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", ""]
    return int(pytest.main([*words, *tests]))


class _Changed:
    """Finds one module as it was changed, and leaves all others to Python."""

    def __init__(self, name: str, code: Any) -> None:
        self.name, self.code = name, code

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self.name:
            return None
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec(name, path)
        assert spec
        assert spec.loader
        spec.loader.get_code = lambda _: self.code  # type: ignore[attr-defined]
        return spec


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--sample", type=int, default=1000)
    words.add_argument("--seed", type=int, default=0)
    words.add_argument(
        "--minutes", type=float, default=600, help="stop after so long, with a smaller sample"
    )
    words.add_argument(
        "--record", action="store_true", help="note the run in docs/proof-records.json"
    )
    given = words.parse_args()
    tests, every = reached(), list(mutants())
    chosen = random.Random(given.seed).sample(every, min(given.sample, len(every)))
    for tool in TOOLS:  # before the fork
        importlib.import_module(tool)

    begun, done, survivors = time.monotonic(), 0, list[Mutant]()
    for mutant in chosen:
        if time.monotonic() - begun > given.minutes * 60:
            break
        known = reaching(tests.get(mutant.path, {}), mutant.line)
        if survives(mutant, known):
            survivors.append(mutant)
            print(
                f"survived ({len(known)} tests): {mutant.path}:{mutant.line}: {mutant.what}",
                flush=True,
            )
        done += 1
        if done % 50 == 0:
            print(
                f"{done} of {len(chosen)}: {1 - len(survivors) / done:.1%} were noticed", flush=True
            )
    score = f"{1 - len(survivors) / max(done, 1):.1%} noticed, {len(survivors)} survived"
    print(f"{done} mutants of {len(every):,}: {score}")
    if given.record and done:
        what = f"mutants of the pure core, a sample of {len(every):,}"
        record(what, done, f"seed {given.seed}", time.monotonic() - begun, score)
    return 0


if __name__ == "__main__":
    sys.exit(main())
