"""docs/proof.md, made from the table of `make proof` and from the long runs that were made once."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.support.proof_table import ProofTable

RECORDS = Path(__file__).parents[2] / "docs/proof-records.json"
HEAD = """# Proof

`make proof` makes this page: each row names a fault or a threat, how often it was tried, how often it came to pass,
and how often a promise of Spotter was broken by it. A row whose fault never came to pass fails the run, and so does
a violation. The handlers run as they are; AWS is a pretence in memory, which is held against other engines
(below). Nothing here was tried in an AWS account: [unverified.md](unverified.md) lists what that leaves open.
"""
ONCE = """
## Long runs, made once

Too long for CI. `make soak`, `python -m tests.core_histories` and `python -m tests.mutation` make them again.
"""


def records() -> list[dict[str, Any]]:
    """What was run once: what it was, its figures, its seeds and the time it took."""
    found: list[dict[str, Any]] = json.loads(RECORDS.read_text()) if RECORDS.exists() else []
    return found


def record(what: str, count: int, seeds: str, processor_seconds: float, result: str) -> None:
    """Note a long run, in place of an earlier one of the same kind; `make proof` writes it into the page."""
    took = f"{processor_seconds / 3600:.2f} hours of processor time, {datetime.now(UTC):%d %B %Y}"
    one = {"what": what, "count": count, "seeds": seeds, "took": took, "result": result}
    kept = [other for other in records() if other["what"] != what]
    RECORDS.write_text(json.dumps([*kept, one], indent=2) + "\n")


def page(table: ProofTable, circumstances: str) -> str:
    return f"{HEAD}\n{circumstances}\n\n{table.markdown()}\n{_once()}"


def _once() -> str:
    rows = [
        f"| {one['what']} | {one['count']:,} | {one['seeds']} | {one['took']} | {one['result']} |"
        for one in records()
    ]
    if not rows:
        return ""
    return "\n".join(
        [ONCE, "| what | count | seeds | took | result |", "|---|---:|---|---|---|", *rows, ""]
    )
