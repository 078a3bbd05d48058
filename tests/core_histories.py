"""A million random histories of the pure core: `python -m tests.core_histories --count 1000000`.

Progress goes to the terminal. A broken promise is printed with its seed.
"""

import argparse
import gc
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta

from tests.support.core_histories import core_history
from tests.support.proof_page import LongRun

EVERY = 20_000


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--first", type=int, default=0, help="the first seed")
    words.add_argument("--count", type=int, default=1_000_000)
    words.add_argument(
        "--record", action="store_true", help="note the run in docs/proof-records.json"
    )
    given = words.parse_args()
    gc.freeze()
    run = LongRun("random histories of the pure core: fold, record, decide, deadline")
    begun, done, seen = time.process_time(), 0, Counter[str]()
    with suppress(KeyboardInterrupt):
        for seed in range(given.first, given.first + given.count):
            found = core_history(seed)
            seen["broken"] += bool(found.broken)
            seen["cut off"] += found.cut_off
            seen["resubmitted"] += found.resubmitted
            seen["handed over"] += found.handed_over
            if found.broken:
                print(f"seed {seed}: {'; '.join(found.broken)}", flush=True)
            done += 1
            if done % EVERY == 0:
                print(f"{done:,} histories, {seen['broken']} broke a promise", flush=True)
    result = (
        f"{seen['cut off']:,} recordings were cut off, {seen['resubmitted']:,} attempts resubmitted, "
        f"{seen['handed over']:,} handed over; {seen['broken']} histories broke a promise"
    )
    spent = timedelta(seconds=round(time.process_time() - begun))
    print(f"{done:,} histories: {result} ({spent} of processor time)")
    if given.record and done:
        run.record(done, f"{given.first:,} to {given.first + done - 1:,}", result)
    return 1 if seen["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
