"""Mutants that change the body of a function, tried in one session of pytest: a plugin.

The session has collected all tests. For each mutant it forks; the child gives the function its changed code, which
whoever imported the function then runs too, and runs the tests that reach the line until one fails. Nothing is
imported or collected anew, so a mutant takes as long as its tests. A mutant that no test noticed before its budget of
time was used up survived.
"""

import functools
import gc
import json
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from tests.support.changed_modules import limit_next_test
from tests.support.mutants import Mutant

Reaching = Callable[[Mutant], list[str]]
NOTICED, SURVIVED, NOT_POSSIBLE = 1, 0, 7
SECONDS, BUDGET = 40, 15
"""Of processor time: for each test, and after how many of them no further test of a mutant begins."""


class MutantRuns:
    """Writes a line of JSON for each mutant: its place in the list, how it ended, the first test that failed."""

    def __init__(
        self, mutants: list[Mutant], reaching: Reaching, output: int, workers: int
    ) -> None:
        self.mutants, self.reaching, self.output = mutants, reaching, output
        self.workers = workers
        self.failed: str | None = None
        self.functions: dict[str, list[FunctionType]] = defaultdict(list)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        for one in gc.get_objects():
            if type(one) is FunctionType:
                self.functions[one.__code__.co_filename].append(one)
        gc.freeze()
        children = []
        for first in range(self.workers):
            children.append(os.fork())
            if not children[-1]:
                self._work(first, items)
                os._exit(0)
        for child in children:
            os.waitpid(child, 0)
        return True

    def _work(self, first: int, items: dict[str, pytest.Item]) -> None:
        for place in range(first, len(self.mutants), self.workers):
            mutant = self.mutants[place]
            tests = [items[name] for name in self.reaching(mutant) if name in items]
            status, test = self._tried(mutant, tests)
            line = json.dumps([place, status, test]) + "\n"
            os.write(self.output, line.encode())  # short enough to be written at once

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or (report.nodeid if report.failed else None)

    def _tried(self, mutant: Mutant, tests: list[pytest.Item]) -> tuple[int, str]:
        reads, writes = os.pipe()
        child = os.fork()
        if not child:
            os._exit(self._run(mutant, tests, writes))
        os.close(writes)
        with os.fdopen(reads, "rb") as pipe:
            test = pipe.read().decode()
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code in (NOTICED, SURVIVED, NOT_POSSIBLE, -signal.SIGXCPU), (code, mutant)
        return code, test

    def _run(self, mutant: Mutant, tests: list[pytest.Item], writes: int) -> int:
        if not self._changed(mutant):
            return NOT_POSSIBLE
        for item, following in zip(tests, [*tests[1:], None], strict=True):
            limit_next_test(SECONDS)
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                os.write(writes, self.failed.encode()[:4000])
                return NOTICED
            if time.process_time() > BUDGET:
                break
        return SURVIVED

    def _changed(self, mutant: Mutant) -> bool:
        """Give every function of the file its new code; False if that cannot be done."""
        code = mutant.code()
        new: dict[tuple[str, int], CodeType] = {}
        for one in _functions(code):
            key = one.co_qualname, one.co_firstlineno
            if key in new and new[key] != one:
                return False
            new[key] = one
        changed = False
        for function in self.functions[code.co_filename]:
            old = function.__code__
            found = new.get((old.co_qualname, old.co_firstlineno))
            if found is None or found == old:
                continue
            if found.co_freevars != old.co_freevars:
                return False
            function.__code__ = found
            changed = True
        _forget()
        return changed


def _functions(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _functions(one)


def _forget() -> None:
    """What was computed before the change, while tests were collected."""
    for name, module in list(sys.modules.items()):
        if name.startswith("spotter.core"):
            for one in vars(module).values():
                if isinstance(one, functools._lru_cache_wrapper):
                    one.cache_clear()


def where(mutant: Mutant) -> str:
    """Its place, for people."""
    return f"{Path(mutant.path)}:{mutant.line}"
