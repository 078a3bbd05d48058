"""Rows to DynamoDB's attribute values and back, whole numbers as int."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from spotter.core.rows import Row

_to, _from = TypeSerializer(), TypeDeserializer()


def written(row: Row) -> dict[str, Any]:
    """A row as the wire has it."""
    return {name: _to.serialize(value) for name, value in row.items()}


def read(item: Mapping[str, Any]) -> Row:
    """A row as Python has it."""
    return {name: _plain(_from.deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value
