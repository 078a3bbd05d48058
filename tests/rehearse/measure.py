"""Rehearse the scripts of the corpus with several seeds, and count the verdicts.

Run by hand:

    python -m tests.rehearse.measure PYTHON OUTPUT [--seeds N] [--only NAME ...]

PYTHON is an interpreter with the frameworks; a NAME is `plain/right` or `plain`. Each rehearsal is written to
OUTPUT as a line of JSON at once, and what stands there already is not repeated. The framework is imported once:
`tests/rehearse/warm.py`.
"""

import argparse
import json
import os
import tempfile
import time
from itertools import product
from pathlib import Path

from tests.rehearse.corpus import ExpectedVerdict, expected, rehearse
from tests.rehearse.warm import warm

MODULES = {
    "plain": ["torch", "torch._dynamo", "numpy"],
    "huggingface": ["transformers.trainer", "torch._dynamo"],
    "lightning": ["lightning.pytorch", "torch._dynamo"],
    "keras": ["keras", "tensorflow"],
    "xgboost": ["xgboost", "numpy"],
}
"""What is imported before the attempts."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python")
    parser.add_argument("output", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args()
    lines = given.output.read_text().splitlines() if given.output.exists() else []
    done = {(row["script"], row["seed"]) for row in map(json.loads, lines)}
    cases = [
        case
        for case in expected()
        if not given.only or {case.full_name, case.framework} & set(given.only)
    ]
    for framework in dict.fromkeys(case.framework for case in cases):
        with (
            tempfile.TemporaryDirectory() as folder,
            warm(given.python, Path(folder), MODULES[framework]) as python,
        ):
            for seed, case in product(range(1, given.seeds + 1), cases):
                if case.framework == framework and (case.full_name, seed) not in done:
                    row = measured(case, python, seed)
                    with given.output.open("a") as file:
                        file.write(json.dumps(row) + "\n")
                    print(
                        row["met"], case.full_name, seed, row["result"], row["findings"], flush=True
                    )


def measured(case: ExpectedVerdict, python: str, seed: int) -> dict[str, object]:
    """One rehearsal, as plain values."""
    began, used = time.monotonic(), os.times()
    with tempfile.TemporaryDirectory() as folder:
        verdict = rehearse(case, python, Path(folder), seed, in_namespace=False)
    now = os.times()
    return {
        "script": case.full_name,
        "seed": seed,
        "met": case.is_met(verdict),
        "right": case.is_right,
        "result": str(verdict.result),
        "reason": verdict.reason,
        "findings": [f"{one.fault}: {one.part or one.detail}" for one in verdict.findings],
        "restarts": len(verdict.restarts),
        "seconds": round(time.monotonic() - began, 1),
        "processor_seconds": round(now.children_user + now.children_system - used.children_user - used.children_system, 1),
    }  # fmt: skip


if __name__ == "__main__":
    main()
