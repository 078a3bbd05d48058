"""A million random histories of the pure core: `python -m tests.core_histories --count 1000000`.

Progress goes to the terminal. A broken promise is printed with its seed.
"""

import argparse
import sys
import time
from contextlib import suppress
from datetime import timedelta

from tests.support.core_histories import broken_by
from tests.support.proof_page import record

EVERY = 20_000


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--first", type=int, default=0, help="the first seed")
    words.add_argument("--count", type=int, default=1_000_000)
    words.add_argument(
        "--record", action="store_true", help="note the run in docs/proof-records.json"
    )
    given = words.parse_args()
    begun, done, broken = time.process_time(), 0, 0
    with suppress(KeyboardInterrupt):
        for seed in range(given.first, given.first + given.count):
            found = broken_by(seed)
            broken += bool(found)
            if found:
                print(f"seed {seed}: {'; '.join(found)}", flush=True)
            done += 1
            if done % EVERY == 0:
                print(f"{done:,} histories, {broken} broke a promise", flush=True)
    took = time.process_time() - begun
    spent = timedelta(seconds=round(took))
    print(f"{done:,} histories, {broken} broke a promise ({spent} of processor time)")
    if given.record:
        seeds = f"{given.first:,} to {given.first + done - 1:,}"
        what = "random histories of the pure core: fold, record, decide, deadline"
        record(what, done, seeds, took, f"{broken} broke a promise")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
