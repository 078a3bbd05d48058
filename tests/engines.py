"""More sequences for the engines of the tests than `make proof` tells: `python -m tests.engines --count 1000`.

A sequence in which two engines differ is printed with its seed.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
from moto import mock_aws

from tests.aws import test_sns_engines, test_sqs_engines
from tests.aws.ledger import test_dynamodb
from tests.aws.ledger import test_engines as test_ledger
from tests.laptop.simulated_sagemaker import test_engines as test_sagemaker
from tests.support.ministack_dynamodb import ministack_dynamodb
from tests.support.proof_page import record

EVERY = 100
OfSeed = Callable[[int], Any]
Sequence = Callable[[int, Any], Any]


@contextmanager
def beside_moto(sequence: Sequence, service: str) -> Iterator[OfSeed]:
    """Each sequence has a new AWS of moto's."""

    def of_seed(seed: int) -> None:
        with mock_aws():
            sequence(seed, boto3.client(service, "us-east-1"))

    yield of_seed


@contextmanager
def beside_ministack(sequence: Sequence) -> Iterator[OfSeed]:
    """All sequences have one DynamoDB of MiniStack's."""
    with tempfile.TemporaryDirectory() as home, ministack_dynamodb(Path(home)) as client:
        yield lambda seed: sequence(seed, client)


ENGINES: dict[str, tuple[str, Callable[[], AbstractContextManager[OfSeed]]]] = {
    "dynamodb": (
        "sequences of DynamoDB beside moto's",
        lambda: beside_moto(test_dynamodb.sequence, "dynamodb"),
    ),
    "dynamodb-ministack": (
        "sequences of DynamoDB beside MiniStack's",
        lambda: beside_ministack(test_dynamodb.sequence),
    ),
    "ledger": (
        "sequences of the ledger's own calls beside moto's DynamoDB",
        lambda: beside_moto(test_ledger.sequence, "dynamodb"),
    ),
    "ledger-ministack": (
        "sequences of the ledger's own calls beside MiniStack's DynamoDB",
        lambda: beside_ministack(test_ledger.sequence),
    ),
    "sqs": (
        "sequences of SQS beside moto's",
        lambda: beside_moto(test_sqs_engines.sequence, "sqs"),
    ),
    "sns": (
        "sequences of SNS beside moto's",
        lambda: beside_moto(test_sns_engines.sequence, "sns"),
    ),
    "sagemaker": (
        "sequences of SageMaker beside botocore's model",
        lambda: nullcontext(test_sagemaker.sequence),
    ),
    "sagemaker-moto": (
        "sequences of SageMaker beside moto's",
        lambda: beside_moto(test_sagemaker.beside_moto, "sagemaker"),
    ),
}


def told(sequence: OfSeed, seeds: range) -> int:
    """How many of these sequences differed."""
    differed = 0
    for done, seed in enumerate(seeds, start=1):
        try:
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
        what, opened = ENGINES[name]
        begun = time.process_time()
        with opened() as sequence:
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
