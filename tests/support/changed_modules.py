"""Tests of a module that was changed in memory: each run is a process forked from this one.

This process has imported the test tools and nothing of Spotter, so a child imports Spotter's modules itself, the
changed one among them; no file is written. Its properties are tried from a fixed seed and are not reduced.
"""

import importlib
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import CodeType
from typing import Any

from tests.support.proof_page import REPOSITORY

TOOLS = ("pytest", "hypothesis", "boto3", "moto", "moto.dynamodb.models", "aws_lambda_powertools")
WORDS = (
    "-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-m", "not proof and not frameworks and not laptop",
    "--hypothesis-profile=once", "-W", "ignore::pytest.PytestAssertRewriteWarning",
)  # fmt: skip

INTERRUPTED = 2  # pytest's exit code where a plugin stopped the session


class Outcome(StrEnum):
    """What the tests of a change did."""

    NOTICED = "noticed"
    ENDLESS = "ran for ever"
    SURVIVED = "survived"


@dataclass(frozen=True)
class Found:
    """How the tests of a change ended, and the one that failed first."""

    outcome: Outcome
    test: str | None = None


def limit_next_test(seconds: int) -> None:
    """End this process, by SIGXCPU, when the test that begins now has taken so many seconds of processor time."""
    limit = math.ceil(time.process_time()) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


class FirstFailure:
    """A plugin of pytest that writes the name of the test that failed first, and limits each test.

    After `budget` seconds of processor time no further test begins, and the change counts as not noticed.
    """

    def __init__(self, descriptor: int, seconds: int, budget: float) -> None:
        self.descriptor, self.written = descriptor, False
        self.seconds, self.budget = seconds, budget

    def pytest_runtest_setup(self, item: Any) -> None:
        limit_next_test(self.seconds)

    def pytest_runtest_teardown(self, item: Any) -> None:
        if time.process_time() > self.budget:
            item.session.shouldstop = "the budget is used up"

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.written:
            os.write(self.descriptor, report.nodeid.encode()[:4000])
            self.written = True

    pytest_collectreport = pytest_runtest_logreport


def warm() -> None:
    """Import the test tools before the first fork."""
    for tool in TOOLS:
        importlib.import_module(tool)


def module_of(path: str) -> str:
    """The name under which a file of the repository is imported."""
    within = path.removeprefix("lambdas/") if path.startswith("lambdas/spotter/") else path
    name = within.removesuffix(".py").replace("/", ".")
    return name.removeprefix("lambdas.").removesuffix(".__init__")


def outcome(
    path: str, code: CodeType, tests: Sequence[str], seconds: int, budget: float = math.inf
) -> Found:
    """Run the tests until one fails, each for so many seconds of processor time at the most."""
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        os._exit(_run(path, code, tests, FirstFailure(writes, seconds, budget)))
    os.close(writes)
    status = _waited(child, 20 * seconds)
    os.set_blocking(reads, False)
    try:
        test = os.read(reads, 4000).decode() or None
    except BlockingIOError:  # a process that the test started holds the other end
        test = None
    os.close(reads)
    if status in (None, -signal.SIGXCPU):
        return Found(Outcome.ENDLESS, test)
    stopped = status == INTERRUPTED and not test
    assert status == 0 or test or stopped, (
        f"{path}: pytest ended with {status} and no test failed: {tests}"
    )
    return Found(Outcome.NOTICED if test else Outcome.SURVIVED, test)


def _waited(child: int, seconds: int) -> int | None:
    """How the child ended; None if it had to be ended."""
    deadline = time.monotonic() + seconds  # of the clock: it may wait for something
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _run(path: str, code: CodeType, tests: Sequence[str], failure: FirstFailure) -> int:
    import pytest

    limit_next_test(failure.seconds)  # also of the imports before the first one
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.meta_path.insert(0, _Changed(module_of(path), code))
    os.chdir(REPOSITORY)
    code_of_pytest = int(pytest.main([*WORDS, *tests], plugins=[failure]))
    if code_of_pytest == pytest.ExitCode.USAGE_ERROR:  # so it is where conftest.py cannot import it
        try:
            importlib.import_module(module_of(path))
        except Exception:
            os.write(failure.descriptor, b"its import")
    return code_of_pytest


class _Changed:
    """Finds one module as it was changed, and leaves all others to Python."""

    def __init__(self, name: str, code: CodeType) -> None:
        self.name, self.code = name, code

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        spec = PathFinder.find_spec(name, path)
        assert spec
        assert spec.loader
        spec.loader.get_code = lambda _: self.code  # type: ignore[attr-defined]
        return spec


def source(path: str) -> str:
    """The text of a file of the repository."""
    return Path(REPOSITORY / path).read_text()
