"""Bugs that are planted on purpose, one at a time, and the test that catches each: `python -m tests.planted_bugs`.

Each is a change of one text in one module, in memory. A bug is caught if its tests fail.
tests/test_planted_bugs.py holds that each text is still there.
"""

import argparse
import sys
from dataclasses import dataclass

from tests.support.changed_modules import Outcome, outcome, source, warm
from tests.support.planted_bugs_table import TABLE
from tests.support.proof_page import LongRun

LONGEST = 300


@dataclass(frozen=True)
class PlantedBug:
    """In this file `old` is replaced by `new`; what that breaks, and the tests that show it."""

    area: str
    what: str
    path: str
    old: str
    new: str
    tests: str

    def planted(self, text: str) -> str:
        """The file's text with the bug; `old` is there exactly once."""
        assert text.count(self.old) == 1, (
            f"{self.path} holds {self.old!r} {text.count(self.old)} times"
        )
        return text.replace(self.old, self.new)


BUGS = tuple(PlantedBug(*row) for row in TABLE)


def noticed_by(bug: PlantedBug) -> str | None:
    """The first of its tests that fails with the bug; None if none does."""
    code = compile(bug.planted(source(bug.path)), bug.path, "exec")
    found = outcome(bug.path, code, bug.tests.split(), LONGEST)
    return found.test or found.outcome.value if found.outcome is not Outcome.SURVIVED else None


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--area", help="only the bugs of one area")
    words.add_argument(
        "--record", action="store_true", help="note the run in docs/proof-records.json"
    )
    given = words.parse_args()
    chosen = [bug for bug in BUGS if given.area in (None, bug.area)]
    run, missed = LongRun("planted bugs, each with the tests that catch it"), []
    warm()
    for bug in chosen:
        test = noticed_by(bug)
        missed += [] if test else [bug.what]
        print(f"{f'caught by {test}' if test else 'MISSED'}: {bug.area}: {bug.what}", flush=True)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} bugs were caught")
    if given.record and given.area is None:
        result = f"{len(chosen) - len(missed)} caught; missed: {', '.join(missed) or 'none'}"
        run.record(len(chosen), "none", result)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
