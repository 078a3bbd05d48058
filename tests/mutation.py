"""A random sample of mutants of the pure core: `python -m tests.mutation --sample 1000 --seed 0 --record`.

Once, the tests run with coverage of each test, into build/mutation.json (half an hour of one core). Then only the
tests that reach a mutant's line run, until one fails. A mutant that no test reaches counts as a survivor. What changes a function is
tried in one session of pytest (tests/support/mutant_runs.py); what runs when a module is imported, and what
survived there, in a process that imports all anew (tests/support/changed_modules.py).
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, zip_longest
from pathlib import Path

from tests.support.changed_modules import WORDS, Outcome, outcome, warm
from tests.support.equivalent_mutants import judgement
from tests.support.mutant_runs import BUDGET, NOT_POSSIBLE, NOTICED, SURVIVED, MutantRuns, where
from tests.support.mutants import Mutant, mutants
from tests.support.proof_page import REPOSITORY, LongRun, machine

MAP = REPOSITORY / "build/mutation.json"
SURVIVORS = REPOSITORY / "docs/surviving-mutants.md"
TESTS = ("tests/core", "tests/aws", "tests/stories", "tests/cli")
MOST_TESTS, LONGEST = 250, 60  # seconds of processor time, for one test
Lines = dict[str, list[str]]


def reached() -> dict[str, Lines]:
    """Of each file and line the tests that reach it, quickest first, as the run with coverage showed."""
    if not MAP.exists():
        measure()
    found: dict[str, Lines] = json.loads(MAP.read_text())
    return found


def reaching(lines: Lines, line: int, room: str = "") -> list[str]:
    """The tests that reach a line, of each test file in turn: those of its room first, whole stories last.

    Of a line that runs at import they are those that reach others of its file.
    """
    whole = dict.fromkeys(test for tests in lines.values() for test in tests)
    files: dict[str, list[str]] = {}
    for test in lines.get(str(line)) or list(whole):
        files.setdefault(test.partition("::")[0], []).append(test)
    ranks: dict[int, list[list[str]]] = {0: [], 1: [], 2: []}
    for file, tests in files.items():
        own, story = file.startswith(f"tests/core/{room}/"), file.startswith("tests/stories/")
        ranks[0 if own else 2 if story else 1].append(tests)
    turns = chain.from_iterable(chain(*zip_longest(*rank)) for rank in ranks.values())
    return [test for test in turns if test][:MOST_TESTS]


def measure() -> None:
    MAP.parent.mkdir(exist_ok=True)
    plugin = ["-p", "tests.support.lines_reached", "--lines-reached", str(MAP)]
    words = ["-q", "-p", "no:xdist", "--hypothesis-profile=once", *plugin]
    subprocess.run([sys.executable, "-m", "pytest", *words, *TESTS], cwd=REPOSITORY, check=False)


def in_one_session(
    chosen: list[Mutant], tests: dict[str, Lines], workers: int = 1
) -> Iterator[tuple[Mutant, int]]:
    """How each mutant of a function ended, as so many forks of one session find it."""
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        os.setpgrp()
        _session(chosen, tests, writes, workers)
        os._exit(0)
    os.close(writes)
    try:
        with os.fdopen(reads) as lines:
            for line in lines:
                place, status, _ = json.loads(line)
                yield chosen[place], status
    finally:  # also where nobody reads on, because the time is over
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _session(chosen: list[Mutant], tests: dict[str, Lines], writes: int, workers: int) -> None:
    import pytest

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.chdir(REPOSITORY)
    plugin = MutantRuns(
        chosen, lambda m: reaching(tests.get(m.path, {}), m.line, m.room), writes, workers
    )
    pytest.main([*WORDS, *TESTS], plugins=[plugin])


def ended(
    chosen: list[Mutant], tests: dict[str, Lines], workers: int
) -> Iterator[tuple[Mutant, Outcome]]:
    """How each mutant ended. Those of functions that survived in one session are tried again, with all imported anew."""
    in_functions = [mutant for mutant in chosen if mutant.in_function]
    again = [mutant for mutant in chosen if not mutant.in_function]
    for mutant, status in in_one_session(in_functions, tests, workers):
        if status == NOT_POSSIBLE:
            again.append(mutant)
        elif status == SURVIVED:
            again.append(mutant)
            yield mutant, Outcome.SURVIVED
        else:
            yield mutant, Outcome.NOTICED if status == NOTICED else Outcome.ENDLESS
    for mutant in again:
        known = _whole(reaching(tests.get(mutant.path, {}), mutant.line, mutant.room))
        if known:
            yield mutant, outcome(mutant.path, mutant.code(), known, LONGEST, BUDGET).outcome
        else:
            yield mutant, Outcome.SURVIVED


def _whole(tests: list[str]) -> list[str]:
    """The tests with all of their parameters, whose names may hold the constant that was changed."""
    return list(dict.fromkeys(test.partition("[")[0] for test in tests))


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
    words.add_argument("--log", type=Path, help="write a line of JSON for each mutant")
    words.add_argument("--workers", type=int, default=1, help="sessions at once")
    words.add_argument(
        "--record", action="store_true", help="note the run in docs, and the survivors"
    )
    given = words.parse_args()
    run = LongRun("mutants of the pure core, drawn at random")
    tests, every = reached(), list(mutants())
    chosen = random.Random(given.seed).sample(every, min(given.sample, len(every)))
    warm()
    found = dict[Mutant, Outcome]()
    until = time.monotonic() + given.minutes * 60
    log = None if given.log is None else given.log.open("w")
    for mutant, how in ended(chosen, tests, given.workers):
        found[mutant] = how
        if log:
            print(json.dumps([mutant.path, mutant.line, mutant.what, how]), file=log, flush=True)
        if how is Outcome.SURVIVED:
            print(f"survived: {where(mutant)}: {mutant.what}: {mutant.text}", flush=True)
        if len(found) % 50 == 0:
            print(_told(found), flush=True)
        if time.monotonic() > until:
            break
    done = len(found)
    survivors = [mutant for mutant, how in found.items() if how is Outcome.SURVIVED]
    print(f"of {len(every):,} mutants: {_told(found)}")
    if given.record and done:
        SURVIVORS.write_text(page(survivors, done, given.seed))
        left = f"; {len(chosen) - done} of the sample were not tried" if done < len(chosen) else ""
        result = f"of {len(every):,}: {_told(found)}{left} ([list](surviving-mutants.md))"
        run.record(done, f"seed {given.seed}", result)
    return 0


def _told(found: dict[Mutant, Outcome]) -> str:
    counts = Counter(found.values())
    done, lost, ended = len(found), counts[Outcome.SURVIVED], counts[Outcome.ENDLESS]
    noticed = f"{1 - lost / max(done, 1):.1%} noticed"
    return f"{done:,} tried, {noticed} ({ended} by running for ever), {lost} survived"


if __name__ == "__main__":
    sys.exit(main())
