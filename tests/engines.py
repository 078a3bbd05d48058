"""More sequences for the engines of the tests than `make proof` tells: `python -m tests.engines --count 1000`.

A sequence in which two engines differ is printed with its seed.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
from moto import mock_aws

from tests.aws import test_sns_engines, test_sqs_engines
from tests.laptop.simulated_sagemaker import test_engines
from tests.support.proof_page import record

EVERY = 100
ENGINES: dict[str, tuple[str, Callable[[int], Any]]] = {
    "sqs": (
        "sequences of SQS beside moto's",
        lambda seed: test_sqs_engines.sequence(seed, boto3.client("sqs", "us-east-1")),
    ),
    "sns": (
        "sequences of SNS beside moto's",
        lambda seed: test_sns_engines.sequence(seed, boto3.client("sns", "us-east-1")),
    ),
    "sagemaker": (
        "sequences of SageMaker beside botocore's model",
        test_engines.sequence,
    ),
    "sagemaker-moto": (
        "sequences of SageMaker beside moto's",
        lambda seed: test_engines.beside_moto(seed, boto3.client("sagemaker", "us-east-1")),
    ),
}


def told(sequence: Callable[[int], Any], seeds: range) -> int:
    """How many of these sequences differed; each has an AWS of its own."""
    differed = 0
    for done, seed in enumerate(seeds, start=1):
        try:
            with mock_aws():
                sequence(seed)
        except AssertionError as difference:
            differed += 1
            print(f"seed {seed}: {difference}", flush=True)
        if done % EVERY == 0:
            print(f"{done:,} sequences, {differed} differed", flush=True)
    return differed


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("engines", nargs="*", choices=[*ENGINES, []], help="all of them by default")
    words.add_argument("--first", type=int, default=0, help="the first seed")
    words.add_argument("--count", type=int, default=1000)
    words.add_argument(
        "--record", action="store_true", help="note the runs in docs/proof-records.json"
    )
    given = words.parse_args()
    seeds, differed = range(given.first, given.first + given.count), 0
    for name in given.engines or ENGINES:
        what, sequence = ENGINES[name]
        begun = time.process_time()
        found = told(sequence, seeds)
        took, differed = time.process_time() - begun, differed + found
        spent = timedelta(seconds=round(took))
        print(f"{name}: {len(seeds):,} {what}, {found} differed ({spent} of processor time)")
        if given.record:
            numbers = f"{seeds[0]:,} to {seeds[-1]:,}"
            record(what, len(seeds), numbers, took, f"{found} differed")
    return 1 if differed else 0


if __name__ == "__main__":
    sys.exit(main())
