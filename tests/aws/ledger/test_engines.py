"""Every condition that the ledger makes is taken alike by the tests' own DynamoDB, by moto's and by MiniStack's.

The calls are the ledger's own methods over random rows, so a condition that changes is compared as it
then stands.
"""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spotter.aws.ledger.jobs import Conflict
from spotter.aws.ledger.table import Ledger
from spotter.core.ledger import row_keys
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt, JobId
from spotter.core.record.delta import Delta
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.spotter_in_one_process import create_table

SEQUENCES, CALLS, IN_A_TEST = 240, 12, 20
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
METHODS = ("record", "record", "record", "mark_gone", "put_new", "replace", "claim")


def head(chance: random.Random, world: str) -> JobRecord:
    """One of a few heads, so that most puts meet another that knows more, less or as much."""
    job = JobId("111122223333", "eu-west-1", f"job-{world}", NOON)
    ending = chance.choice([None, Ending.OUT_OF_WAIT])
    return JobRecord(
        id=job,
        arn="arn",
        attempt=Attempt(job, 1),
        in_scope=True,
        status="Stopped" if ending else "InProgress",
        secondary="Training",
        modified=NOON + timedelta(seconds=chance.randint(0, 2)),
        spot=True,
        recorded=chance.randint(0, 2),
        ending=ending,
        gone=chance.random() < 0.1,
    )


def row(chance: random.Random, world: str) -> StoredRow:
    found: Row = {PK: f"LINEAGE#{world}", SK: row_keys.ended_sk(chance.randint(1, 2)), "job": "x"}
    return StoredRow(found | ({"turn": chance.randint(0, 2)} if chance.random() < 0.6 else {}))


def call(chance: random.Random, world: str) -> tuple[str, tuple[Any, ...]]:
    """A method of the ledger, and its arguments."""
    method = chance.choice(METHODS)
    if method == "record":
        return method, (Delta(head=head(chance, world), notable=True),)
    if method == "mark_gone":
        return method, (replace(head(chance, world), gone=False),)
    if method == "put_new":
        return method, (row(chance, world),)
    if method == "replace":
        old = row(chance, world)
        return method, (old, old.changed(settled="refuse"))
    old, number = row(chance, world), chance.randint(1, 3)
    slot = {PK: f"{row_keys.CREATIONS}{world}", SK: row_keys.slot_sk(number), "turn": 0}
    return method, ([StoredRow(slot)], old, old.changed(settled="resubmit"))


def answer(ledger: Ledger, method: str, given: tuple[Any, ...]) -> Any:
    try:
        return getattr(ledger, method)(*given)
    except Conflict:
        return "conflict"


def sequence(seed: int, theirs: Any) -> None:
    """The same calls to a ledger on each engine; AssertionError where an answer or a row differs."""
    table, chance, world = f"ledger-{seed}", random.Random(seed), str(seed)
    ledgers = [Ledger(client, table) for client in (FakeDynamoDB(), theirs)]
    for ledger in ledgers:
        create_table(ledger.client, table)
    for _ in range(CALLS):
        method, given = call(chance, world)
        answers = [answer(ledger, method, given) for ledger in ledgers]
        assert answers[0] == answers[1], (seed, method, given)
    for pk in (f"JOB#111122223333/eu-west-1/job-{world}", f"LINEAGE#{world}"):
        rows = [ledger.rows.partition(pk) for ledger in ledgers]
        assert rows[0] == rows[1], (seed, pk)
    theirs.delete_table(TableName=table)


FIRST = range(0, SEQUENCES, IN_A_TEST)


@pytest.mark.shows(
    "engines", "the ledger's own calls beside moto's DynamoDB: sequences of 12 calls"
)
@pytest.mark.parametrize("first", FIRST)
def test_the_ledgers_own_calls_have_the_same_effect_on_motos_engine(dynamodb, first, proof):
    for seed in range(first, first + IN_A_TEST):
        sequence(seed, dynamodb)
        proof.count(tries=1, fired=1)


@pytest.mark.shows(
    "engines", "the ledger's own calls beside MiniStack's DynamoDB: sequences of 12 calls"
)
@pytest.mark.parametrize(
    "first", [pytest.param(n, marks=[pytest.mark.proof] if n else []) for n in FIRST]
)
def test_the_ledgers_own_calls_have_the_same_effect_on_ministacks_engine(ministack, first, proof):
    for seed in range(first, first + IN_A_TEST):
        sequence(seed, ministack)
        proof.count(tries=1, fired=1)


def test_a_head_with_an_ending_takes_the_place_of_one_that_knows_as_much_without(new_world):
    """The last clause of NEWER: the same instant and the same transitions, now with an ending."""
    ledger = new_world().ledger
    running = replace(head(random.Random(0), "x"), ending=None, gone=False, status="InProgress")
    finished = replace(running, ending=Ending.OUT_OF_WAIT, status="Stopped")

    def put(one: JobRecord) -> bool:
        return ledger.record(Delta(head=one, notable=True))[1]

    assert put(running)
    assert not put(running)
    assert put(finished)
    assert not put(finished)
    assert not put(running)
