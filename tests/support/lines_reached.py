"""Which tests reach which line of the pure core: a plugin of pytest, for tests/mutation.py.

Tracing costs time, so within a test a function is traced until all its lines were seen, and 100 times at the most.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

CORE = str(Path(__file__).parents[2] / "lambdas/spotter/core") + "/"
ROOT = f"{Path(__file__).parents[2]}/"
MOST = 100


class Seen:
    """A function's code, its lines, and those that the test has not reached yet."""

    def __init__(self, code: CodeType) -> None:
        self.code, self.calls = code, 0
        self.lines = _lines(code) if code.co_filename.startswith(CORE) else frozenset[int]()
        self.unseen = set(self.lines)


def _lines(code: CodeType) -> frozenset[int]:
    """Those that tracing reports; the line of `def` itself is none of them."""
    lines = {line for _, _, line in code.co_lines() if line is not None}
    return frozenset(lines - {code.co_firstlineno} or lines)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lines-reached", type=Path)


class LinesReached:
    """Of each file and line, the tests that reach it, each with the time that it took."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.found: dict[str, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        seen: dict[int, Seen] = {}  # by the code's identity: to hash a code object is slow

        def in_function(frame: Any, event: str, _: Any) -> Any:
            seen[id(frame.f_code)].unseen.discard(frame.f_lineno)
            return in_function

        def called(frame: Any, event: str, _: Any) -> Any:
            one = seen.get(id(frame.f_code))
            if one is None:
                one = seen[id(frame.f_code)] = Seen(frame.f_code)
            one.calls += 1
            return in_function if one.unseen and one.calls <= MOST else None

        begun, before = time.monotonic(), sys.gettrace()
        sys.settrace(called)
        try:
            result = yield
        finally:
            sys.settrace(before)
        took = time.monotonic() - begun  # a test that fails while it is traced judges no mutant
        for one in seen.values():
            for line in one.lines - one.unseen:
                self.found[one.code.co_filename.removeprefix(ROOT)][line][item.nodeid] = took
        return result

    def pytest_sessionfinish(self) -> None:
        quickest = {
            path: {line: sorted(tests, key=tests.__getitem__) for line, tests in lines.items()}
            for path, lines in self.found.items()
        }
        self.output.write_text(json.dumps(quickest))


def pytest_configure(config: pytest.Config) -> None:
    if output := config.getoption("--lines-reached"):
        config.pluginmanager.register(LinesReached(output))
