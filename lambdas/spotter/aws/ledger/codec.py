"""Rows to DynamoDB's attribute values and back, whole numbers as int."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from spotter.core.ledger.row_keys import PK, SK, Row

_to, _from = TypeSerializer(), TypeDeserializer()


def written(row: Row) -> dict[str, Any]:
    """A row in DynamoDB's wire format."""
    return {name: _to.serialize(value) for name, value in row.items()}


def key(pk: str, sk: str) -> dict[str, Any]:
    """A row's key in DynamoDB's wire format."""
    return {PK: {"S": pk}, SK: {"S": sk}}


def read(item: Mapping[str, Any]) -> Row:
    """A row as Python values."""
    return {name: _plain(value) for name, value in item.items()}


def as_it_comes(client: Any) -> Any:
    """The same DynamoDB client, which does not validate answers against its model.

    botocore holds every value of an answer against its model, which takes a second of ten thousand
    heads, and gives what the answer's JSON says already, but for binary values: the ledger has none.
    """
    for operation in ("BatchGetItem", "Query"):
        client.meta.events.register(f"before-parse.dynamodb.{operation}", _unparsed)
    return client


def _unparsed(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any
) -> None:
    """Errors stay botocore's to read."""
    if response_dict["status_code"] == 200:
        customized_response_dict.update(json.loads(response_dict["body"]))
        response_dict["body"] = b"{}"


def _plain(value: Any) -> Any:
    ((kind, held),) = value.items()
    plain = _PLAIN.get(kind)
    return plain(held) if plain else _from.deserialize(value)


def _number(held: str) -> int | Decimal:
    """A whole number as int; what is none is no figure of the ledger's, and stays what it is."""
    try:
        return int(held)
    except ValueError:
        number = Decimal(held)
        return int(number) if number == number.to_integral_value() else number


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "S": lambda held: held,
    "BOOL": lambda held: held,
    "N": lambda held: _number(held),
    "L": lambda held: [_plain(one) for one in held],
    "M": lambda held: {name: _plain(one) for name, one in held.items()},
}
"""The kinds of values that rows are made of; any other is boto3's to read."""
