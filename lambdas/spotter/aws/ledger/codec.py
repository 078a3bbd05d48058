"""Rows to DynamoDB's attribute values and back, whole numbers as int.

boto3 has the same conversion, but it comes with all of boto3, which no function loads.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Clamped, Context, Decimal, Inexact, Overflow, Rounded, Underflow
from typing import Any

from spotter.core.ledger.row_keys import PK, SK, Row

_NUMBERS = Context(prec=38, traps=[Clamped, Overflow, Inexact, Rounded, Underflow])
"""DynamoDB keeps 38 digits of a number:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""


def written(row: Row) -> dict[str, Any]:
    """A row in DynamoDB's wire format. TypeError for a value that no row is made of, such as a float."""
    return {name: _attribute(value) for name, value in row.items()}


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


def _attribute(value: Any) -> dict[str, Any]:
    match value:
        case str():
            return {"S": value}
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(_NUMBERS.create_decimal(value))}
        case list() | tuple():
            return {"L": [_attribute(one) for one in value]}
        case Mapping():
            return {"M": written(dict(value))}
        case None:
            return {"NULL": True}
    raise TypeError(f"a row holds no {type(value).__name__}: {value!r}")


def _plain(value: Any) -> Any:
    ((kind, held),) = value.items()
    return _PLAIN[kind](held)


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
    "NULL": lambda _: None,
    "B": lambda held: held,
    "SS": set,
    "NS": lambda held: set(map(_number, held)),
    "BS": set,
}
"""The kinds of values that rows are made of; from `B` on, what somebody else put into a row."""
