"""docs/proof.md, made from the table of `make proof` and from the long runs that were made once."""

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.support.proof_table import ProofTable

REPOSITORY = Path(__file__).parents[2]
RECORDS = REPOSITORY / "docs/proof-records.json"
HEAD = """# Proof

`make proof` makes this page: each row names a fault or a threat, how often it was tried, how often it came to pass,
and how often a promise of Spotter was broken by it. A row whose fault never came to pass fails the run, and so does
a violation. The handlers run as they are; AWS is a pretence in memory, which is held against other engines
(below). Nothing here was tried in an AWS account: [unverified.md](unverified.md) lists what that leaves open.
"""
ONCE = """
## Long runs, made once

Too long for CI. `make soak`, `python -m tests.planted_bugs`, `python -m tests.mutation` and
`python -m tests.core_histories` make them again; with `--record` they note the run here.
"""


@dataclass(frozen=True)
class Record:
    """One long run: how often it was tried, from which seeds, at which commit, and what came of it."""

    what: str
    count: int
    seeds: str
    commit: str
    machine: str
    hours: float
    date: str
    result: str

    def row(self) -> str:
        took = f"{self.hours:.2f} hours of processor time, {self.date}, {self.machine}"
        cells = (self.what, f"{self.count:,}", self.seeds, self.commit, took, self.result)
        return f"| {' | '.join(cells)} |"


class LongRun:
    """A long run from its begin, with the commit that it began at."""

    def __init__(self, what: str) -> None:
        self.what, self.begun, self.commit = what, _processor_seconds(), _commit()

    def record(self, count: int, seeds: str, result: str) -> None:
        """Note the run in place of an earlier one of the same kind."""
        hours = round((_processor_seconds() - self.begun) / 3600, 3)
        date = f"{datetime.now(UTC):%d %B %Y}"
        one = Record(self.what, count, seeds, self.commit, machine(), hours, date, result)
        kept = [other for other in records() if other.what != self.what]
        every = [asdict(other) for other in sorted([*kept, one], key=lambda other: other.what)]
        RECORDS.write_text(json.dumps(every, indent=2) + "\n")


def records() -> list[Record]:
    """The long runs that were noted."""
    found = json.loads(RECORDS.read_text()) if RECORDS.exists() else []
    return [Record(**one) for one in found]


def machine() -> str:
    """What a figure depends on."""
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"{platform.machine()}, {platform.system()}"
    )


def _processor_seconds() -> float:
    """Of this process and of those that it started and that have ended."""
    return sum(os.times()[:4])


def _commit() -> str:
    words = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def page(table: ProofTable, circumstances: str) -> str:
    return f"{HEAD}\n{circumstances}\n\n{table.markdown()}\n{_once()}"


def _once() -> str:
    rows = [one.row() for one in records()]
    if not rows:
        return ""
    heads = ["| what | count | seeds | commit | took | result |", "|---|---:|---|---|---|---|"]
    return "\n".join([ONCE, *heads, *rows, ""])
