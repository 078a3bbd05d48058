"""Gathers the counts of all tests that have a row in the table of `make proof`, over all workers.

A test's counts travel with its report, which pytest-xdist hands to the process that prints the table.
"""

import functools
import os
import platform
import time
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.proof_page import page
from tests.support.proof_table import GROUPS, Name, ProofCount, ProofTable

MARK, COUNT = "shows", "proof-count"
OPTION = "--proof-page"


class ProofSession:
    """A plugin of pytest. With --proof-page it prints the table and writes the page."""

    def __init__(self, config: pytest.Config) -> None:
        self.table, self.begun = ProofTable(), time.monotonic()
        self.page: str | None = config.getoption(OPTION)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """A property is tried as often as hypothesis runs it to its end."""
        given = getattr(getattr(item, "obj", None), "hypothesis", None)
        if given is None or not item.get_closest_marker(MARK):
            return (yield)
        whole = given.inner_test
        given.inner_test = _counting(whole, item.stash.setdefault(COUNTS, ProofCount()))
        try:
            return (yield)
        finally:
            given.inner_test = whole

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: Any) -> Generator[None, Any, Any]:
        report: Any = yield
        if call.when == "call" and not report.skipped:
            counted: ProofCount = item.stash.get(COUNTS, ProofCount())
            for mark in item.iter_markers(MARK):
                group, what = mark.args
                assert group in GROUPS, f"tests/support/proof_table.py has no group {group!r}"
                tried = (counted.tries, counted.fired)
                if not counted.tries and COUNTS not in item.stash:
                    tried = (1, 1)
                given = (group, what, *tried, int(report.failed))
                report.user_properties.append((COUNT, given))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, given in report.user_properties:
            if name == COUNT and report.when == "call":
                self.table.add(*_row(given))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._prints(session.config) and self._faults(session.config):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        if not self._prints(config):
            return
        terminalreporter.section("proof")
        for line in self.table.text():
            terminalreporter.write_line(line)
        for fault in self._faults(config):
            terminalreporter.write_line(fault, red=True)
        if _is_whole(config) and self.page:
            Path(self.page).write_text(page(self.table, self._circumstances()))

    def _prints(self, config: pytest.Config) -> bool:
        return bool(self.page) and not hasattr(config, "workerinput") and bool(self.table.rows)

    def _faults(self, config: pytest.Config) -> list[str]:
        return self.table.broken() + (self.table.missing() if _is_whole(config) else [])

    def _circumstances(self) -> str:
        minutes = (time.monotonic() - self.begun) / 60
        return (
            f"Run on {datetime.now(UTC):%d %B %Y} with Python {platform.python_version()} on "
            f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()}), in {minutes:.0f} minutes. Every "
            "random choice follows from seeds that the tests name, counted from 0."
        )


COUNTS = pytest.StashKey[ProofCount]()


def _is_whole(config: pytest.Config) -> bool:
    """True unless only some of the tests were chosen."""
    return config.args_source is not pytest.Config.ArgsSource.ARGS and not config.option.keyword


def _counting(test: Callable[..., Any], counted: ProofCount) -> Callable[..., Any]:
    @functools.wraps(test)
    def counting(*given: Any, **named: Any) -> Any:
        answer = test(*given, **named)
        counted.count(tries=1, fired=1)
        return answer

    return counting


def _row(given: Any) -> tuple[Name, int, int, int]:
    """A row's name, tries, fired and violations, also where they came from another process as a list."""
    group, what, tries, fired, violations = given
    return (group, what), tries, fired, violations


def counts(request: pytest.FixtureRequest) -> ProofCount:
    """The counts of the test that asks for them; a test without a row in the table may count nothing."""
    assert request.node.get_closest_marker(MARK), f"mark it @pytest.mark.{MARK}(group, what)"
    counted: ProofCount = request.node.stash.setdefault(COUNTS, ProofCount())
    return counted
