"""The DynamoDB in memory answers as two other engines do, moto's and MiniStack's, over random sequences.

Compared are the answers of every call, the codes of refusals, and in the end all that is there, in
the table and in its indexes. The expressions are those that the ledger makes, and relatives of them.
"""

import random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from spotter.aws.ledger import codec
from spotter.core.ledger import row_keys
from tests.support.fake_dynamodb import FakeDynamoDB, UnsupportedRequest
from tests.support.spotter_in_one_process import create_table

SEQUENCES, CALLS, IN_A_TEST = 1000, 14, 20
BESIDE_MINISTACK = 200
"""So many for the table of `make proof`; `python -m tests.engines` tries more."""
CONDITIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("attribute_not_exists(pk)", ()),
    ("attribute_exists(pk) AND attribute_not_exists(turn)", ()),
    ("turn = :a", (":a",)),
    ("attribute_not_exists(pk) OR turn < :a OR gone = :yes", (":a", ":yes")),
    ("turn = :a AND modified < :b", (":a", ":b")),
    (
        "attribute_not_exists(pk) OR (turn = :a AND attribute_not_exists(gone) AND turn <> :text)",
        (":a", ":text"),
    ),
    ("NOT (turn >= :a) OR modified <> :b", (":a", ":b")),
    ("note = :text OR turn <= :a", (":text", ":a")),
)
KINDS = ("put", "put", "claim", "claim", "get", "partition", "backwards", "index", "begins")


def some_row(chance: random.Random, world: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "pk": f"{world}#{chance.choice('ab')}",
        "sk": f"S#{chance.randint(0, 2)}",
    }
    if chance.random() < 0.7:
        row["turn"] = chance.randint(0, 3)
    if chance.random() < 0.5:
        row |= {"modified": chance.randint(0, 9), "note": chance.choice([7, "a text"])}
    if chance.random() < 0.3:
        row["gone"] = True
    if chance.random() < 0.6:
        row |= {row_keys.OPEN_PK: f"OPEN#{world}", row_keys.OPEN_SK: str(chance.randint(0, 99))}
    return row


def put(chance: random.Random, table: str, world: str) -> dict[str, Any]:
    condition, names = chance.choice(CONDITIONS)
    known = {
        ":a": chance.randint(0, 3),
        ":b": chance.randint(0, 9),
        ":yes": True,
        ":text": "a text",
    }
    values = codec.written({name: known[name] for name in names})
    request = {"TableName": table, "Item": codec.written(some_row(chance, world))}
    request["ConditionExpression"] = condition
    return request | ({"ExpressionAttributeValues": values} if values else {})


def call(chance: random.Random, table: str, world: str) -> tuple[str, dict[str, Any]]:
    """A method of the client, and its arguments."""
    kind, pk = chance.choice(KINDS), f"{world}#{chance.choice('ab')}"
    query: dict[str, Any] = {"TableName": table, "KeyConditionExpression": "pk = :pk"}
    values = {":pk": pk}
    if kind == "put":
        return "put_item", put(chance, table, world)
    if kind == "claim":
        puts = [{"Put": put(chance, table, world)} for _ in range(chance.randint(1, 3))]
        return "transact_write_items", {"TransactItems": puts}
    if kind == "get":
        keys = [{"pk": pk, "sk": f"S#{n}"} for n in range(chance.randint(1, 5))]
        request = {"Keys": list(map(codec.written, keys)), "ConsistentRead": True}
        if chance.random() < 0.5:
            names = {"#0": "pk", "#1": chance.choice(["sk", "turn", "nothing"])}
            request |= {"ProjectionExpression": "#0, #1", "ExpressionAttributeNames": names}
        return "batch_get_item", {"RequestItems": {table: request}}
    if kind == "index":
        query |= {
            "IndexName": row_keys.OPEN,
            "KeyConditionExpression": "open_pk = :pk AND open_sk >= :s",
        }
        values = {":pk": f"OPEN#{world}", ":s": str(chance.randint(0, 60))}
    if kind == "begins":
        query["KeyConditionExpression"] = "pk = :pk AND begins_with(sk, :s)"
        values |= {":s": chance.choice(["S#", "S#1", "T"])}
    if kind == "backwards":
        query |= {"ScanIndexForward": False, "ConsistentRead": True, "Limit": chance.randint(1, 4)}
    return "query", query | {"ExpressionAttributeValues": codec.written(values)}


def answer(client: Any, method: str, request: dict[str, Any]) -> Any:
    """The answer; of a query all pages, since DynamoDB may or may not add an empty one."""
    try:
        answered = getattr(client, method)(**request)
    except ClientError as error:
        return error.response["Error"]["Code"]
    if method == "query":
        after = answered.get("LastEvaluatedKey")
        return answered["Items"] + (
            answer(client, method, request | {"ExclusiveStartKey": after}) if after else []
        )
    return sorted(map(str, answered.get("Responses", {}).get("t", ())))


def everything(client: Any, table: str) -> list[str]:
    pages = client.get_paginator("scan").paginate(TableName=table)
    return sorted(str(sorted(codec.read(item).items())) for page in pages for item in page["Items"])


def sequence(seed: int, theirs: Any) -> None:
    """The same calls to both engines; AssertionError where an answer differs, or what is there in the end."""
    ours, table, chance = FakeDynamoDB(), f"compared-{seed}", random.Random(seed)
    for client in (ours, theirs):
        create_table(client, table)
    for _ in range(CALLS):
        method, request = call(chance, table, str(seed))
        answers = [answer(client, method, request) for client in (ours, theirs)]
        assert answers[0] == answers[1], (seed, method, request)
    assert everything(ours, table) == everything(theirs, table), seed
    theirs.delete_table(TableName=table)


def batches(sequences: int) -> list[Any]:
    """The seeds of each test; of ten tests one runs for `make test`."""
    return [
        pytest.param(
            range(n, n + IN_A_TEST), marks=[pytest.mark.proof] if n % 200 else [], id=str(n)
        )
        for n in range(0, sequences, IN_A_TEST)
    ]


@pytest.mark.shows("engines", "DynamoDB beside moto's: sequences of 14 calls")
@pytest.mark.parametrize("seeds", batches(SEQUENCES))
def test_moto_answers_alike(dynamodb, seeds, proof):
    for seed in seeds:
        sequence(seed, dynamodb)
        proof.count(tries=1, fired=1)


@pytest.mark.shows("engines", "DynamoDB beside MiniStack's: sequences of 14 calls")
@pytest.mark.parametrize("seeds", batches(BESIDE_MINISTACK))
def test_ministack_answers_alike(ministack, seeds, proof):
    for seed in seeds:
        sequence(seed, ministack)
        proof.count(tries=1, fired=1)


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("moved", [None, "05", "95"])
def test_the_next_page_begins_where_the_last_one_ended_though_its_row_has_left_meanwhile(
    dynamodb, forward, moved
):
    """Rows leave an index, or move in it, while somebody reads its pages."""
    ours, table = FakeDynamoDB(), f"paged-{forward}-{moved}"
    query = {
        "TableName": table,
        "IndexName": row_keys.OPEN,
        "KeyConditionExpression": "open_pk = :pk",
        "ExpressionAttributeValues": codec.written({":pk": "OPEN"}),
        "ScanIndexForward": forward,
    }
    found = []
    for client in (ours, dynamodb):
        create_table(client, table)
        for n in range(1, 7):
            place(client, table, n, f"{n}0")
        first = client.query(**query, Limit=3)
        last = first["LastEvaluatedKey"]
        place(client, table, int(last["sk"]["S"]), moved)
        rest = client.query(**query, ExclusiveStartKey=last)["Items"]
        found.append([item["sk"]["S"] for item in (*first["Items"], *rest)])
    assert found[0] == found[1]
    assert {*"123456"} == {*found[0]}


def place(client: Any, table: str, n: int, open_sk: str | None) -> None:
    """A row in the index, or out of it."""
    row = {"pk": "p", "sk": str(n)}
    indexed = {row_keys.OPEN_PK: "OPEN", row_keys.OPEN_SK: open_sk} if open_sk else {}
    client.put_item(TableName=table, Item=codec.written(row | indexed))


@pytest.mark.parametrize("text", ["size(pk) > :a", "pk IN (:a)", "contains(pk, :a)", "pk = :a AND"])
def test_an_expression_that_it_does_not_know_is_refused(text):
    client = FakeDynamoDB()
    create_table(client, "t")
    item = codec.written({"pk": "p", "sk": "s"})
    with pytest.raises(UnsupportedRequest):
        client.put_item(
            TableName="t",
            Item=item,
            ConditionExpression=text,
            ExpressionAttributeValues=codec.written({":a": 1}),
        )
