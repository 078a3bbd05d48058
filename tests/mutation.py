"""A random sample of mutants of the pure core: `python -m tests.mutation --sample 1000 --seed 0 --record`.

Once, the core's tests run with coverage of each test, into build/mutation.json. Then only the tests that reach a
mutant's line run, until one fails. A mutant that no test reaches counts as a survivor. What changes a function is
tried in one session of pytest (tests/support/mutant_runs.py); what runs when a module is imported, and what
survived there, in a process that imports all anew (tests/support/changed_modules.py).
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import chain, zip_longest

from tests.support.changed_modules import WORDS, Outcome, outcome, warm
from tests.support.equivalent_mutants import judgement
from tests.support.mutant_runs import NOT_POSSIBLE, NOTICED, SURVIVED, MutantRuns, where
from tests.support.mutants import Mutant, mutants
from tests.support.proof_page import REPOSITORY, LongRun, machine

MAP = REPOSITORY / "build/mutation.json"
SURVIVORS = REPOSITORY / "docs/surviving-mutants.md"
TESTS = ("tests/core", "tests/aws/ledger")
MOST_TESTS, LONGEST = 150, 60
Lines = dict[str, list[str]]


def reached() -> dict[str, Lines]:
    """Of each file and line the tests that reach it, quickest first, as the run with coverage showed."""
    if not MAP.exists():
        measure()
    found: dict[str, Lines] = json.loads(MAP.read_text())
    return found


def reaching(lines: Lines, line: int) -> list[str]:
    """The tests that reach a line, of each test file in turn; of a line that runs at import, those of its file."""
    whole = dict.fromkeys(test for tests in lines.values() for test in tests)
    files: dict[str, list[str]] = {}
    for test in lines.get(str(line)) or list(whole):
        files.setdefault(test.partition("::")[0], []).append(test)
    turns = chain.from_iterable(zip_longest(*files.values()))
    return [test for test in turns if test][:MOST_TESTS]


def measure() -> None:
    MAP.parent.mkdir(exist_ok=True)
    plugin = ["-p", "tests.support.lines_reached", "--lines-reached", str(MAP)]
    words = ["-q", "-p", "no:xdist", "--hypothesis-profile=once", *plugin]
    subprocess.run([sys.executable, "-m", "pytest", *words, *TESTS], cwd=REPOSITORY, check=False)


def in_one_session(chosen: list[Mutant], tests: dict[str, Lines]) -> Iterator[tuple[Mutant, int]]:
    """How each mutant of a function ended; the first test that noticed it is printed nowhere."""
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.chdir(REPOSITORY)
        _session(chosen, tests, writes)
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as lines:
        for line in lines:
            place, status, _ = json.loads(line)
            yield chosen[place], status
    os.waitpid(child, 0)


def _session(chosen: list[Mutant], tests: dict[str, Lines], writes: int) -> None:
    import pytest

    plugin = MutantRuns(chosen, lambda m: reaching(tests.get(m.path, {}), m.line), writes)
    pytest.main([*WORDS, *TESTS], plugins=[plugin])


def ended(chosen: list[Mutant], tests: dict[str, Lines]) -> Iterator[tuple[Mutant, Outcome]]:
    """How each mutant ended: first those in one session, then all others and the survivors of it anew."""
    again = [mutant for mutant in chosen if not mutant.in_function]
    for mutant, status in in_one_session([m for m in chosen if m.in_function], tests):
        if status in (SURVIVED, NOT_POSSIBLE):
            again.append(mutant)
        else:
            yield mutant, Outcome.NOTICED if status == NOTICED else Outcome.ENDLESS
    for mutant in again:
        known = reaching(tests.get(mutant.path, {}), mutant.line)
        if known:
            yield mutant, outcome(mutant.path, mutant.code(), known, LONGEST).outcome
        else:
            yield mutant, Outcome.SURVIVED


def page(survivors: list[Mutant], done: int, seed: int) -> str:
    """The survivors, each judged."""
    lines = [
        "# Mutants that no test noticed",
        "",
        f"`python -m tests.mutation` made this page: of {done:,} mutants of the pure core (seed {seed}), the tests that",
        f"reach their lines did not notice these {len(survivors)}. Not judged: a test may be missing. ({machine()})",
        "",
        "| place | line | change | judged |",
        "|---|---|---|---|",
    ]
    for mutant in sorted(survivors, key=lambda one: (one.path, one.line, one.number)):
        text = mutant.text.replace("|", "\\|")
        judged = judgement(mutant.path, mutant.text, mutant.what) or "not judged"
        lines.append(f"| {where(mutant)} | `{text}` | {mutant.what} | {judged} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--sample", type=int, default=1000)
    words.add_argument("--seed", type=int, default=0)
    words.add_argument(
        "--minutes", type=float, default=600, help="stop after so long, with a smaller sample"
    )
    words.add_argument(
        "--record", action="store_true", help="note the run in docs, and the survivors"
    )
    given = words.parse_args()
    run = LongRun("mutants of the pure core, drawn at random")
    tests, every = reached(), list(mutants())
    chosen = random.Random(given.seed).sample(every, min(given.sample, len(every)))
    warm()
    counts, survivors = dict.fromkeys(Outcome, 0), list[Mutant]()
    until = time.monotonic() + given.minutes * 60
    for mutant, how in ended(chosen, tests):
        counts[how] += 1
        if how is Outcome.SURVIVED:
            survivors.append(mutant)
            print(f"survived: {where(mutant)}: {mutant.what}: {mutant.text}", flush=True)
        if sum(counts.values()) % 50 == 0:
            print(_told(counts), flush=True)
        if time.monotonic() > until:
            break
    done = sum(counts.values())
    print(f"of {len(every):,} mutants: {_told(counts)}")
    if given.record and done == len(chosen):
        SURVIVORS.write_text(page(survivors, done, given.seed))
        result = f"of {len(every):,}: {_told(counts)} ([list](surviving-mutants.md))"
        run.record(done, f"seed {given.seed}", result)
    return 0


def _told(counts: dict[Outcome, int]) -> str:
    done, lost = sum(counts.values()), counts[Outcome.SURVIVED]
    ended = counts[Outcome.ENDLESS]
    return f"{done:,} tried, {1 - lost / done:.1%} noticed ({ended} by running for ever), {lost} survived"


if __name__ == "__main__":
    sys.exit(main())
