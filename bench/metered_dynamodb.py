"""The DynamoDB in memory of the tests, which counts calls and units, and knows what the usual design sends besides."""

import re
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from botocore.exceptions import ClientError

from bench import capacity
from tests.support.fake_dynamodb import FakeDynamoDB

_NAME = re.compile(r"#\w+")
_SET = re.compile(r"(\w+)\s*=\s*(:\w+)")


@dataclass
class Meter:
    """What was called and used. Units of the indexes are part of `writes`."""

    calls: Counter[str] = field(default_factory=Counter)
    writes: float = 0.0
    reads: float = 0.0

    def reset(self) -> None:
        self.calls.clear()
        self.writes = self.reads = 0.0


class MeteredDynamoDB(FakeDynamoDB):
    """One call at a time; `changes` are what its streams would give. The indexes of tables in `all_projected` hold whole items; all others hold keys."""

    def __init__(self) -> None:
        super().__init__()
        self.meter, self.lock, self.all_projected = Meter(), RLock(), set[str]()
        self.changes: deque[Any] = deque()

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in CALLS:
            return found

        def counted(**arguments: Any) -> Any:
            with self.lock:
                self.meter.calls[f"dynamodb.{CALLS[name]}"] += 1
                return found(**arguments)

        return counted

    def put_item(self, **arguments: Any) -> dict[str, Any]:
        put = _named(arguments)
        before = self._held(put["TableName"], put["Item"])
        try:
            answer = FakeDynamoDB.put_item(self, **put)
        except ClientError:
            self.meter.writes += capacity.write_units(before, {})
            raise
        self._wrote(put["TableName"], before, put["Item"])
        return answer

    def update_item(self, **arguments: Any) -> dict[str, Any]:
        """As much as idempotency needs: SET of values."""
        update = _named(arguments)
        name, values = update["TableName"], update["ExpressionAttributeValues"]
        before = self._held(name, update["Key"])
        found = _SET.findall(update["UpdateExpression"].removeprefix("SET "))
        after = {**(before or update["Key"]), **{one: values[value] for one, value in found}}
        FakeDynamoDB.put_item(self, TableName=name, Item=after)
        self._wrote(name, before, after)
        return {}

    def transact_write_items(self, TransactItems: list[Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        puts = [_named(action["Put"]) for action in TransactItems]
        before = [self._held(put["TableName"], put["Item"]) for put in puts]
        try:
            answer = FakeDynamoDB.transact_write_items(self, [{"Put": put} for put in puts])
        except ClientError:
            for put, old in zip(puts, before, strict=True):
                self.meter.writes += capacity.write_units(old, put["Item"], transaction=True)
            raise
        for put, old in zip(puts, before, strict=True):
            self._wrote(put["TableName"], old, put["Item"], transaction=True)
        return answer

    def get_item(self, TableName: str, Key: Any, **more: Any) -> dict[str, Any]:  # noqa: N803
        answer = FakeDynamoDB.get_item(self, TableName, Key)
        self._read([answer.get("Item")], consistent=more.get("ConsistentRead", False))
        return answer

    def batch_get_item(self, RequestItems: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        for name, arguments in RequestItems.items():
            consistent = arguments.get("ConsistentRead", False)
            for key in arguments["Keys"]:
                self._read([self._held(name, key)], consistent=consistent)
        return FakeDynamoDB.batch_get_item(self, RequestItems)

    def query(self, **arguments: Any) -> dict[str, Any]:
        answer = FakeDynamoDB.query(self, **arguments)
        self._read(answer["Items"], consistent=arguments.get("ConsistentRead", False))
        return answer

    def _held(self, table: str, item: Mapping[str, Any]) -> Any:
        found = self.tables[table]
        return found.items.get(found.key_of(dict(item)))

    def _wrote(self, name: str, before: Any, after: Any, *, transaction: bool = False) -> None:
        table = self.tables[name]
        units = capacity.write_units(before, after, transaction=transaction)
        for keys in table.indexes.values():
            whole = name in self.all_projected
            units += capacity.index_units(
                before, after, dict.fromkeys((*keys, *table.key)), all_projected=whole
            )
        self.meter.writes += units
        if before != after:
            kind = "MODIFY" if before else "INSERT"
            image = {"Keys": {one: after[one] for one in table.key}, "NewImage": after}
            self.changes.append({"eventName": kind, "dynamodb": image})

    def _read(self, items: list[Any], *, consistent: bool) -> None:
        """Items of one request together, each key of a batch by itself."""
        total = sum(capacity.size(one) for one in items)
        self.meter.reads += capacity.read_units(total, consistent=consistent)


CALLS = {
    "put_item": "PutItem",
    "update_item": "UpdateItem",
    "transact_write_items": "TransactWriteItems",
    "get_item": "GetItem",
    "batch_get_item": "BatchGetItem",
    "query": "Query",
}


def _named(request: Mapping[str, Any]) -> dict[str, Any]:
    """A request whose expressions hold the names themselves."""
    names = request.get("ExpressionAttributeNames", {})
    made = {k: v for k, v in request.items() if k not in NOT_READ}
    for one in ("ConditionExpression", "UpdateExpression"):
        if one in made:
            made[one] = _NAME.sub(lambda found: names[found[0]], made[one])
    return made


NOT_READ = (
    "ExpressionAttributeNames",
    "ReturnValuesOnConditionCheckFailure",
    "ReturnConsumedCapacity",
)
