"""DynamoDB in memory, as far as the ledger uses it: the same answers, some hundred times sooner.

tests/aws/ledger/test_dynamodb.py holds it against another engine. What it does not know it refuses, loudly.
"""

import marshal
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from operator import gt, lt
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]
_TOKEN = re.compile(r"\s*(attribute_(?:not_)?exists|begins_with|<=|>=|<>|[=<>(),]|:?\w+)")
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class UnsupportedRequest(Exception):
    """Something that this engine was never taught; so a test cannot pass by a guess of its own."""


class Expression:
    """A condition: OR of ANDs of comparisons and functions, with parentheses and NOT."""

    def __init__(self, text: str, values: Mapping[str, Any]):
        self.tokens = _tokens(text)
        self.values = values

    def holds(self, item: Item) -> bool:
        """True if it is so for this item; an item that is not there has no attributes."""
        rest = list(self.tokens)
        try:
            found = self._either(rest, item)
        except (IndexError, KeyError) as end:
            raise UnsupportedRequest(f"an expression that breaks off: {self.tokens}") from end
        if rest:
            raise UnsupportedRequest(f"an expression that goes on with {rest}")
        return found

    def _either(self, rest: list[str], item: Item) -> bool:
        found = self._both(rest, item)
        while rest and rest[0] == "OR":
            rest.pop(0)
            found = self._both(rest, item) or found
        return found

    def _both(self, rest: list[str], item: Item) -> bool:
        found = self._one(rest, item)
        while rest and rest[0] == "AND":
            rest.pop(0)
            found = self._one(rest, item) and found
        return found

    def _one(self, rest: list[str], item: Item) -> bool:
        first = rest.pop(0)
        if first == "NOT":
            return not self._one(rest, item)
        if first == "(":
            found = self._either(rest, item)
            _expect(rest, ")")
            return found
        if first in ("attribute_exists", "attribute_not_exists", "begins_with"):
            return self._function(first, rest, item)
        left, operator, right = self._operand(first, item), rest.pop(0), rest.pop(0)
        return _compare(operator, left, self._operand(right, item))

    def _operand(self, token: str, item: Item) -> Any:
        """What a placeholder stands for, or an attribute's value; None where the item has none."""
        return self.values[token] if token.startswith(":") else item.get(token)

    def _function(self, name: str, rest: list[str], item: Item) -> bool:
        _expect(rest, "(")
        attribute = rest.pop(0)
        if name == "begins_with":
            _expect(rest, ",")
            start = self._value(rest.pop(0))["S"]
            _expect(rest, ")")
            return str(item.get(attribute, {}).get("S", "")).startswith(start) and attribute in item
        _expect(rest, ")")
        return (attribute in item) == (name == "attribute_exists")

    def _value(self, token: str) -> Any:
        return self.values[token]


@dataclass
class FakeTable:
    """One table: its items by key, and its indexes by name."""

    indexes: dict[str, tuple[str, str]]
    key: tuple[str, str]
    items: dict[tuple[str, str], Item] = field(default_factory=dict)
    partitions: dict[str, dict[str, Item]] = field(default_factory=lambda: defaultdict(dict))
    listed: dict[str, dict[str, dict[tuple[str, str], Item]]] = field(default_factory=dict)

    def put(self, item: Item) -> None:
        """In place of whatever was there, in every index too."""
        key = self.key_of(item)
        before = self.items.get(key)
        for name, (pk, sk) in self.indexes.items():
            index = self.listed.setdefault(name, defaultdict(dict))
            if before and pk in before and sk in before:
                index[before[pk]["S"]].pop(key, None)
            if pk in item and sk in item:
                index[item[pk]["S"]][key] = {k: item[k] for k in dict.fromkeys((*self.key, pk, sk))}
        self.items[key] = item
        self.partitions[key[0]][key[1]] = item

    def key_of(self, item: Item) -> tuple[str, str]:
        return item[self.key[0]]["S"], item[self.key[1]]["S"]

    def sort_key(self, index: str | None) -> str:
        return self.indexes[index][1] if index else self.key[1]

    def place(self, index: str | None, item: Item) -> tuple[bytes, tuple[str, str]]:
        """Where a row stands in the order of its partition, also one that is no longer there."""
        return _bytes(item[self.sort_key(index)]["S"]), self.key_of(item)

    def rows(self, index: str | None, partition: str) -> list[Item]:
        """The rows of a partition in its order."""
        held = self.listed.get(index, {}) if index else self.partitions
        return sorted(held.get(partition, {}).values(), key=partial(self.place, index))


class FakeDynamoDB:
    """As much of boto3's low-level client as the ledger calls."""

    def __init__(self) -> None:
        self.tables: dict[str, FakeTable] = {}

    def create_table(self, **arguments: Any) -> None:
        indexes = {
            index["IndexName"]: _names(index["KeySchema"])
            for index in arguments.get("GlobalSecondaryIndexes", ())
        }
        self.tables[arguments["TableName"]] = FakeTable(indexes, _names(arguments["KeySchema"]))

    def get_item(self, TableName: str, Key: Item, **_: Any) -> dict[str, Any]:  # noqa: N803
        table = self.tables[TableName]
        found = table.items.get(table.key_of(Key))
        return {"Item": _copy(found)} if found else {}

    def put_item(self, **arguments: Any) -> dict[str, Any]:
        if not self._may(arguments):
            raise _error("ConditionalCheckFailedException", "PutItem")
        self.tables[arguments["TableName"]].put(_copy(arguments["Item"]))
        return {}

    def transact_write_items(self, TransactItems: list[Any]) -> dict[str, Any]:  # noqa: N803
        puts = [action["Put"] for action in TransactItems]
        keys = [(p["TableName"], self.tables[p["TableName"]].key_of(p["Item"])) for p in puts]
        if len(set(keys)) < len(keys):
            raise _error("ValidationException", "TransactWriteItems")
        if not all(map(self._may, puts)):
            raise _error("TransactionCanceledException", "TransactWriteItems")
        for put in puts:
            self.tables[put["TableName"]].put(_copy(put["Item"]))
        return {}

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        answer: dict[str, Any] = {"Responses": {}, "UnprocessedKeys": {}}
        for name, arguments in RequestItems.items():
            table = self.tables[name]
            keys = [table.key_of(key) for key in arguments["Keys"]]
            if len(set(keys)) < len(keys) or not 0 < len(keys) <= 100:
                raise _error("ValidationException", "BatchGetItem")
            only = _projection(arguments)
            found = [_copy(table.items[k]) for k in keys if k in table.items]
            answer["Responses"][name] = [
                {n: v for n, v in item.items() if not only or n in only} for item in found
            ]
        return answer

    def query(self, **arguments: Any) -> dict[str, Any]:
        """Pages are cut by `Limit` only."""
        table, index = self.tables[arguments["TableName"]], arguments.get("IndexName")
        if index and arguments.get("ConsistentRead"):
            raise _error("ValidationException", "Query")
        conditions = Expression(
            arguments["KeyConditionExpression"], arguments["ExpressionAttributeValues"]
        )
        pk = table.indexes[index][0] if index else table.key[0]
        partition = _equals(conditions.tokens, pk, arguments["ExpressionAttributeValues"])
        found = [item for item in table.rows(index, partition) if conditions.holds(item)]
        forward = arguments.get("ScanIndexForward", True)
        if start := arguments.get("ExclusiveStartKey"):
            place, beyond = partial(table.place, index), gt if forward else lt
            found = [item for item in found if beyond(place(item), place(start))]
        page = (found if forward else found[::-1])[: arguments.get("Limit")]
        named = dict.fromkeys((*table.key, pk, table.sort_key(index)))
        cut = bool(page) and len(page) == arguments.get("Limit")  # also where nothing follows
        last = {"LastEvaluatedKey": {n: page[-1][n] for n in named}} if cut else {}
        return {"Items": [_copy(item) for item in page], "Count": len(page), **last}

    def get_paginator(self, name: str) -> "FakeDynamoDB":
        if name != "scan":
            raise UnsupportedRequest(name)
        return self

    def paginate(self, TableName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        yield {"Items": [_copy(item) for item in self.tables[TableName].items.values()]}

    def _may(self, put: Mapping[str, Any]) -> bool:
        condition = put.get("ConditionExpression")
        table = self.tables[put["TableName"]]
        before = table.items.get(table.key_of(put["Item"]), {})
        values = put.get("ExpressionAttributeValues", {})
        return condition is None or Expression(condition, values).holds(before)


@cache
def _tokens(text: str) -> tuple[str, ...]:
    """The same few expressions, again and again."""
    found, place = [], 0
    while text[place:].strip():
        token = _TOKEN.match(text, place)
        if token is None:
            raise UnsupportedRequest(f"an expression that holds {text[place:]!r}")
        found.append(token[1])
        place = token.end()
    return tuple(found)


def _expect(rest: list[str], token: str) -> None:
    if not rest or rest.pop(0) != token:
        raise UnsupportedRequest(f"an expression without its {token}")


def _compare(operator: str, left: Any, right: Any) -> bool:
    """Values of two types are never equal, and in no order; what is not there is only unequal."""
    if left is None or right is None:
        return operator == "<>"
    ((kind, a),), ((other, b),) = left.items(), right.items()
    if kind != other:
        return operator == "<>"
    return COMPARED[operator](*((Decimal(a), Decimal(b)) if kind == "N" else (a, b)))


def _equals(tokens: Sequence[str], name: str, values: Mapping[str, Any]) -> str:
    """What a key condition says that the partition key is."""
    place = tokens.index(name)
    if tokens[place + 1] != "=":
        raise UnsupportedRequest("a partition key that is not equal to something")
    return str(values[tokens[place + 2]]["S"])


def _projection(arguments: Mapping[str, Any]) -> set[str]:
    """The attributes that are projected, each by a placeholder; none means all."""
    expression = arguments.get("ProjectionExpression", "")
    return {
        arguments["ExpressionAttributeNames"][name.strip()]
        for name in expression.split(",")
        if name
    }


def _names(schema: list[dict[str, str]]) -> tuple[str, str]:
    by_kind = {key["KeyType"]: key["AttributeName"] for key in schema}
    return by_kind["HASH"], by_kind["RANGE"]


def _bytes(text: str) -> bytes:
    return text.encode()


def _copy(item: Any) -> Any:
    """Dicts, lists and strings alone: this is some ten times faster than a deep copy."""
    return marshal.loads(marshal.dumps(item))


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "as DynamoDB answers"}}, operation)
