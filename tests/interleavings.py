"""Every interleaving of functions at their AWS calls, as far as there is time: `python -m tests.interleavings`.

`make proof` tries all of the smaller situations and draws from the others; this tries all of all.
"""

import argparse
import logging
import os
import sys
import time
import warnings

os.environ |= {"POWERTOOLS_SERVICE_NAME": "tests", "POWERTOOLS_METRICS_NAMESPACE": "Spotter"}

from handlers import resubmit as handler
from tests.support.contended_situations import SITUATIONS
from tests.support.every_interleaving import explore
from tests.support.proof_page import record

ALL = sorted(SITUATIONS)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("situations", nargs="*", choices=[*ALL, []], help="all of them by default")
    words.add_argument("--functions", type=int, default=2)
    words.add_argument("--crashes", type=int, default=2, help="at most so many in one interleaving")
    words.add_argument("--most-runs", type=int, help="end a situation early, incomplete")
    words.add_argument("--record", action="store_true", help="note them in docs/proof-records.json")
    given = words.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    handler.logger.setLevel(logging.CRITICAL)
    broken = 0
    for name in given.situations or ALL:
        begun = time.process_time()
        try:
            found = explore(SITUATIONS[name](given.functions), given.crashes, given.most_runs)
        except AssertionError as violation:
            print(f"{name}: {violation}", file=sys.stderr, flush=True)
            broken += 1
            continue
        took = time.process_time() - begun
        rest = "all" if found.complete else "not all"
        ways = f"{found.ways():.2g}" if found.complete else "unknown"
        result = f"{rest}: {ways} interleavings, {found.ends} ends, 0 broke a promise"
        print(
            f"{name}: {found.states:,} states, {result} ({took:.0f} s)", file=sys.stderr, flush=True
        )
        if given.record:
            what = f"{given.functions} functions with up to {given.crashes} crashes, {name}: states"
            record(what, found.states, "none", took, result)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
