"""Fleets at random until you stop it: `make soak`, or ARGS="--first 300 --count 10000". Progress goes to the terminal.

A broken promise is printed with its seed, which plays it again: `python -m tests.soak --first SEED --count 1`.
"""

import argparse
import json
import os
import sys
import time
from contextlib import redirect_stdout, suppress
from datetime import timedelta
from itertools import count, islice
from pathlib import Path

from tests import conftest
from tests.support.proof_page import LongRun
from tests.support.random_fleets import JOBS, FleetHistory, fleet_history

EVERY = 20


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--first", type=int, default=0, help="the first seed")
    words.add_argument(
        "--count", type=int, help="as many fleets as this, instead of until you stop it"
    )
    words.add_argument(
        "--record", action="store_true", help="note the run in docs/proof-records.json"
    )
    words.add_argument("--log", type=Path, help="append one line of JSON a fleet")
    given = words.parse_args()
    assert conftest.os.environ["AWS_ACCESS_KEY_ID"] == "testing"
    run = LongRun("fleets of twenty jobs over the real handlers")
    begun, done, faults, broken = time.monotonic(), 0, 0, 0
    with suppress(KeyboardInterrupt):
        for seed in islice(count(given.first), given.count):
            fleet = _quietly(seed)
            done, faults = done + 1, faults + fleet.faults
            if fleet.broken:
                broken += 1
                print(f"seed {seed}: {'; '.join(fleet.broken)}", flush=True)
            if given.log:
                _note(given.log, fleet)
            if done % EVERY == 0:
                _progress(done, seed, faults, broken, time.monotonic() - begun)
    _progress(done, given.first + done - 1, faults, broken, time.monotonic() - begun)
    if given.record and done:
        seeds = f"{given.first:,} to {given.first + done - 1:,}"
        result = f"{faults:,} calls went wrong, {broken} fleets broke a promise"
        run.record(done, seeds, result)
    return 1 if broken else 0


def _quietly(seed: int) -> FleetHistory:
    """The functions write their metrics to standard output."""
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        return fleet_history(seed)


def _progress(done: int, seed: int, faults: int, broken: int, seconds: float) -> None:
    spent = timedelta(seconds=round(seconds))
    print(
        f"{done:,} fleets of {JOBS} jobs, up to seed {seed}: {faults:,} calls went wrong, "
        f"{broken} fleets broke a promise ({spent})",
        flush=True,
    )


def _note(log: Path, fleet: FleetHistory) -> None:
    line = {
        "seed": fleet.seed,
        "calls": fleet.calls,
        "faults": fleet.faults,
        "broken": fleet.broken,
    }
    with log.open("a") as lines:
        lines.write(
            json.dumps(
                line
                | {
                    "resubmitted": fleet.resubmitted,
                    "stopped": fleet.stopped,
                    "digest": fleet.digest,
                }
            )
            + "\n"
        )


if __name__ == "__main__":
    sys.exit(main())
