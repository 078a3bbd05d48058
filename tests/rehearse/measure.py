"""Rehearse the scripts of the corpus with several seeds, and count the verdicts.

Run by hand:

    python -m tests.rehearse.measure PYTHON OUTPUT [--seeds N] [--first N] [--only NAME ...]
    python -m tests.rehearse.measure - OUTPUT

PYTHON is an interpreter with the frameworks; a NAME is `plain/right`, `plain`, or `right` for all right variants. Each
rehearsal is written to OUTPUT, a CSV file, as a row at once, and what stands there already is not repeated. The second form
only counts the rows. The framework is imported once: `tests/rehearse/warm.py`.
"""

import argparse
import csv
import tempfile
import time
from collections import Counter
from itertools import product
from pathlib import Path

from tests.rehearse.corpus import ScriptVariant, rehearse, variants
from tests.rehearse.warm import IMPORTED, warm

COLUMNS = ("script", "seed", "is_right", "met", "false_alarm", "result", "findings", "restarts", "at", "seconds", "reason")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python")
    parser.add_argument("output", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=1)
    given = parser.parse_args()
    if given.python != "-":
        chosen = [one for one in variants() if not given.only or _names(one) & set(given.only)]
        for framework in dict.fromkeys(one.framework for one in chosen):
            cases = [one for one in chosen if one.framework == framework]
            rehearse_all(given.python, given.output, cases, range(given.first, given.first + given.seeds))  # fmt: skip
    count(given.output)


def _names(variant: ScriptVariant) -> set[str]:
    right = {"right"} if variant.is_right else set()
    return {variant.full_name, variant.framework} | right


def rehearse_all(python: str, output: Path, cases: list[ScriptVariant], seeds: range) -> None:
    """Each of one framework's variants with each seed."""
    done = {(row["script"], int(row["seed"])) for row in rows(output)}
    with (
        tempfile.TemporaryDirectory() as folder,
        warm(python, Path(folder), IMPORTED[cases[0].framework]) as warmed,
    ):
        for seed, variant in product(seeds, cases):
            if (variant.full_name, seed) not in done:
                row = measured(variant, warmed, seed)
                is_new = not output.exists()
                with output.open("a", newline="") as file:
                    writer = csv.DictWriter(file, COLUMNS)
                    if is_new:
                        writer.writeheader()
                    writer.writerow(row)


def rows(output: Path) -> list[dict[str, str]]:
    """What was measured so far."""
    if not output.exists():
        return []
    with output.open(newline="") as file:
        return list(csv.DictReader(file))


def measured(variant: ScriptVariant, python: str, seed: int) -> dict[str, object]:
    """One rehearsal, as plain values."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        verdict = rehearse(variant, python, Path(folder), seed, in_namespace=False)
    return {
        "script": variant.full_name,
        "seed": seed,
        "is_right": variant.is_right,
        "met": variant.is_met(verdict),
        "false_alarm": variant.is_right and bool(verdict.findings),
        "result": str(verdict.result),
        "findings": "; ".join(f"{one.fault}: {one.part or one.detail}" for one in verdict.findings),
        "restarts": len(verdict.restarts),
        "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()),
        "seconds": round(time.monotonic() - began, 1),
        "reason": verdict.reason,
    }


def count(output: Path) -> None:
    """Print one line for each script and for each family."""
    found = rows(output)
    for of in (lambda row: row["script"], lambda row: row["script"].partition("/")[0], lambda _: "all"):  # fmt: skip
        for name in sorted({of(row) for row in found}):
            ours = [row for row in found if of(row) == name]
            met = sum(row["met"] == "True" for row in ours)
            right = sum(row["is_right"] == "True" for row in ours)
            alarms = sum(row["false_alarm"] == "True" for row in ours)
            print(f"{name:32} {met:4} of {len(ours):4}; of right scripts {right:4}, false alarms {alarms}")  # fmt: skip
    for (script, result, findings), times in Counter(
        (row["script"], row["result"], row["findings"]) for row in found if row["met"] != "True"
    ).items():
        print(f"wrong: {script} {times} x {result}: {findings}")


if __name__ == "__main__":
    main()
