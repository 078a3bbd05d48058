"""The price file, schema `spotter.prices/1`: written by `spotter prices`, read by reports and by the stack.

    {
      "schema": "spotter.prices/1",
      "region": "us-east-1",
      "currency": "USD",
      "fetched_at": "2026-11-26T08:00:00.000Z",
      "published_at": "2026-11-20T17:03:12.000Z",
      "unit": "instance-hour",
      "prices": {"ml.g5.xlarge": "1.408"}
    }

Prices are decimal texts, since a JSON number is read as a binary fraction. The file can be written by hand where
AWS has no Price List endpoint (AWS GovCloud): `published_at` may then be left out.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from spotter.core.model.times import iso
from spotter.core.prices.table import PriceTable

SCHEMA, UNIT = "spotter.prices/1", "instance-hour"
FILE_NAME = "prices.json"
"""Where the stack looks for it: beside the policy file."""
IN_TEMPLATE = "SpotterPrices"
"""The key in the template's Metadata, from which readers take the prices of a deployed stack."""
LONGEST = 200_000
"""Characters: some thousand types, and a fifth of what a CloudFormation template may hold."""
_INSTANCE_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9-]+", re.ASCII)
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,12})?", re.ASCII)
_CURRENCY, _REGION = (
    re.compile(r"[A-Z]{3}", re.ASCII),
    re.compile(r"[a-z]{2}(-[a-z0-9]+)+", re.ASCII),
)
_KNOWN = {"schema", "region", "currency", "fetched_at", "published_at", "unit", "prices"}
_SHOWN = 5


class PriceFileError(ValueError):
    """The file holds no prices that can be used; the message names the file, the cause and what to do."""


def written(table: PriceTable) -> str:
    """The file's text: keys in a fixed order, types sorted, so that two files can be compared."""
    held = {
        "schema": SCHEMA,
        "region": table.region,
        "currency": table.currency,
        "fetched_at": iso(table.fetched),
        **({"published_at": iso(table.published)} if table.published else {}),
        "unit": UNIT,
        "prices": {kind: _plain(table.prices[kind]) for kind in sorted(table.prices)},
    }
    return json.dumps(held, indent=2) + "\n"


def read(source: str, text: str, *, region: str | None = None) -> PriceTable:
    """The prices in a file's text; `source` is what messages call the file.

    PriceFileError if it is no such file, or if its prices are of another Region than `region`.
    """
    held = _held(source, text)
    mistakes = [*_mistakes(held)]
    if mistakes:
        shown = "\n  ".join(mistakes[:_SHOWN])
        more = f"\n  and {len(mistakes) - _SHOWN} more" if len(mistakes) > _SHOWN else ""
        raise PriceFileError(
            f"{source} is not a price file:\n  {shown}{more}\nWrite it with spotter prices."
        )
    if region is not None and held["region"] != region:
        raise PriceFileError(
            f"{source} holds the prices of {held['region']}, and jobs run in {region}: prices differ from "
            f"Region to Region. Run spotter prices --region {region}."
        )
    published = held.get("published_at")
    return PriceTable(
        region=held["region"],
        currency=held["currency"],
        fetched=datetime.fromisoformat(held["fetched_at"]),
        published=datetime.fromisoformat(published) if published else None,
        prices={kind: Decimal(price) for kind, price in held["prices"].items()},
    )


def _held(source: str, text: str) -> Mapping[str, Any]:
    if len(text) > LONGEST:
        raise PriceFileError(
            f"{source} is longer than {LONGEST:,} characters: it is no price file."
        )
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        held = None
    if not isinstance(held, dict) or held.get("schema") != SCHEMA:
        raise PriceFileError(
            f'{source} is not a price file: it has no "schema": "{SCHEMA}". Write it with spotter prices.'
        )
    return held


def _mistakes(held: Mapping[str, Any]) -> Any:
    for name in sorted(held.keys() - _KNOWN):
        yield f"{name[:80]}: is not a key of this file"
    yield from _of("region", held, _REGION, 'a Region, such as "us-east-1"')
    yield from _of("currency", held, _CURRENCY, 'three capital letters, such as "USD"')
    yield from _instant("fetched_at", held)
    if "published_at" in held:
        yield from _instant("published_at", held)
    if held.get("unit", UNIT) != UNIT:
        yield f'unit: must be "{UNIT}"'
    prices = held.get("prices")
    if not isinstance(prices, dict) or not prices:
        yield 'prices: must be a table such as {"ml.g5.xlarge": "1.408"}'
        return
    for kind, price in prices.items():
        if not _INSTANCE_TYPE.fullmatch(kind):
            yield f"prices.{kind[:80]}: is no instance type of SageMaker"
        if not isinstance(price, str) or not _DECIMAL.fullmatch(price) or not Decimal(price):
            yield f'prices.{kind[:80]}: must be a decimal number above 0 in quotes, such as "1.408"'


def _of(name: str, held: Mapping[str, Any], pattern: re.Pattern[str], allowed: str) -> Any:
    value = held.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        yield f"{name}: must be {allowed}"


def _instant(name: str, held: Mapping[str, Any]) -> Any:
    try:
        right = datetime.fromisoformat(held.get(name) or "").tzinfo is not None
    except (ValueError, TypeError):
        right = False
    if not right:
        yield f'{name}: must be an instant, such as "2026-11-26T08:00:00.000Z"'


def _plain(price: Decimal) -> str:
    """`1.408`: without zeros at the end, and never as `1E+1`."""
    text = f"{price:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
