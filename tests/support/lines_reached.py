"""Which tests reach which line of the pure core: a plugin of pytest, for tests/mutation.py.

Tracing costs time, so a test stops being traced in a file's function once all of it was seen.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

CORE = str(Path(__file__).parents[2] / "lambdas/spotter/core") + "/"
ROOT = Path(__file__).parents[2]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lines-reached", type=Path)


class LinesReached:
    """Of each file and line, the tests that reach it, each with the time that it took."""

    def __init__(self, output: Path) -> None:
        self.output = output
        self.found: dict[str, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        lines: set[tuple[str, int]] = set()

        def in_function(frame: Any, event: str, _: Any) -> Any:
            lines.add((frame.f_code.co_filename, frame.f_lineno))
            return in_function

        def called(frame: Any, event: str, _: Any) -> Any:
            return (
                in_function(frame, event, None)
                if frame.f_code.co_filename.startswith(CORE)
                else None
            )

        begun, before = time.monotonic(), sys.gettrace()
        sys.settrace(called)
        try:
            result = yield
        finally:
            sys.settrace(before)
        took = time.monotonic() - begun  # a test that fails while it is traced judges no mutant
        for path, line in lines:
            self.found[str(Path(path).relative_to(ROOT))][line][item.nodeid] = took
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
