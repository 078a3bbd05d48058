"""docs/proof.md, made from the table of `make proof` and from the long runs that were made once."""

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.support.lambdas_own_calls import OUTSIDE
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

Too long for CI. `make soak` (`python -m tests.soak`), `python -m tests.core_histories`, `tests.interleavings`, `tests.engines`,
`tests.planted_bugs` and `tests.mutation` make them again; with `--record` they note the run here.
[surviving-mutants.md](surviving-mutants.md) lists the mutants that no test noticed.
"""

NOT_COVERED = """
## Not covered

- AWS itself: no figure here comes from an account. What SageMaker, DynamoDB, SQS, SNS and IAM do is taken from their
  documentation and models; [unverified.md](unverified.md) names each assumption.
- Lambda's own retries, freezes and concurrency: a function is called, dies or runs beside another one between two of
  its calls of AWS, never within one.
- More than two functions at one lineage in every order: with three and more, orders are drawn at random.
- S3, SSM, Secrets Manager and EventBridge Scheduler beside a second engine.
- Service control policies, permission boundaries and session policies: the evaluator of IAM knows identity and
  resource policies with their conditions.
- Mutants outside the pure core; there, bugs are planted by hand.
- Training scripts other than those of `make test-rehearse`.
"""


@dataclass(frozen=True)
class Record:
    """One long run: how often it was tried, from which seeds, at which commit, and what came of it."""

    what: str
    count: int
    seeds: str
    commit: str
    machine: str
    hours: float | None
    date: str
    result: str

    def row(self) -> str:
        hours = (
            "time not measured"
            if self.hours is None
            else f"{self.hours:.2f} hours of processor time"
        )
        took = f"{hours}, {self.date}, {self.machine}"
        cells = (self.what, f"{self.count:,}", self.seeds, self.commit, took, self.result)
        return f"| {' | '.join(cells)} |"


class LongRun:
    """A long run from its begin, with the commit that it began at."""

    def __init__(self, what: str) -> None:
        self.what, self.begun, self.commit = what, _processor_seconds(), _commit()

    def record(self, count: int, seeds: str, result: str) -> None:
        """Note the run in place of an earlier one of the same kind."""
        record(self.what, count, seeds, _processor_seconds() - self.begun, result, self.commit)


def record(
    what: str, count: int, seeds: str, processor_seconds: float, result: str, commit: str = ""
) -> None:
    """Note a long run in place of an earlier one of the same kind; without a commit it is the present one."""
    hours, date = round(processor_seconds / 3600, 3), f"{datetime.now(UTC):%d %B %Y}"
    one = Record(what, count, seeds, commit or _commit(), machine(), hours, date, result)
    kept = [other for other in records() if other.what != what]
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
    return f"{HEAD}\n{circumstances}\n\n{table.markdown()}\n{_once()}{_exceptions()}{NOT_COVERED}"


def _exceptions() -> str:
    named = "".join(f"- `{action}`: {why}.\n" for action, why in sorted(OUTSIDE.items()))
    return (
        "\n## Permissions that no call of ours uses\n\nThe rows about unused permissions leave these out, and what Lambda sends to "
        f"the queues of dead letters:\n\n{named}"
    )


def _once() -> str:
    rows = [one.row() for one in records()]
    if not rows:
        return ""
    heads = ["| what | count | seeds | commit | took | result |", "|---|---:|---|---|---|---|"]
    return "\n".join([ONCE, *heads, *rows, ""])
