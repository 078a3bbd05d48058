"""From the products of AWS's Price List to a table of training prices.

GetProducts of the service AmazonSageMaker answers with JSON texts, one a product. A product is SageMaker
training if its `usagetype` ends in `Train:ml.<type>`: `USE1-Train:ml.g5.xlarge`, and in us-east-1 perhaps
without the Region's letters. Other usage types have the same instance types at other prices (hosting,
notebooks, processing, HyperPod), so neither `instanceType` nor `instanceName` tells them apart. The list
shows on-demand prices and none of spot; spot is billed by seconds (BillableTimeInSeconds), not by a price.
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from spotter.core.prices.table import PriceTable

SERVICE = "AmazonSageMaker"
FORMAT = "aws_v1"
MOST_A_PAGE = 100
HOURS = "Hrs"
_TRAINING = re.compile(r"(?:.*-)?Train:(ml\.[a-z0-9-]+\.[a-z0-9-]+)", re.ASCII)
_REGION = "AWS Region"
"""A product's locationType, where it is not an Outpost's."""
ENDPOINTS = {"aws": "us-east-1", "aws-cn": "cn-northwest-1"}
"""The Region of the Price List's endpoint, by partition: one endpoint has the prices of all Regions. The partitions
that are not named here have none (AWS GovCloud and the isolated ones), and need a file from elsewhere."""


class PriceListError(ValueError):
    """The list cannot be turned into prices; the message says which product and why."""


def request(region: str) -> dict[str, Any]:
    """The parameters of GetProducts: only the Region is filtered, everything else is chosen here."""
    return {
        "ServiceCode": SERVICE,
        "FormatVersion": FORMAT,
        "MaxResults": MOST_A_PAGE,
        "Filters": [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}],
    }


def price_table(products: Iterable[Any], region: str, now: datetime) -> PriceTable:
    """The training prices of a Region.

    PriceListError if there is none, if a type has two different prices, or if prices are in two currencies.
    """
    found: dict[str, set[Decimal]] = defaultdict(set)
    currencies: set[str] = set()
    published: list[datetime] = []
    for product in map(_read, products):
        kind = _training_type(product, region)
        for currency, price in _hourly(product) if kind else ():
            found[kind].add(price)
            currencies.add(currency)
            published += _published(product)
    if not found:
        raise PriceListError(
            f"AWS's Price List names no SageMaker training prices for {region}: check the Region's name."
        )
    if len(currencies) > 1:
        raise PriceListError(f"The prices of {region} are in {' and '.join(sorted(currencies))}.")
    for kind, prices in found.items():
        if len(prices) > 1:
            shown = " and ".join(str(price.normalize()) for price in sorted(prices))
            raise PriceListError(
                f"AWS's Price List has two prices for training on {kind} in {region}: {shown}. No file is "
                "written, since one of them would be wrong."
            )
    single = {kind: next(iter(prices)) for kind, prices in sorted(found.items())}
    return PriceTable(region, currencies.pop(), now, max(published, default=None), single)


def _read(product: Any) -> Mapping[str, Any]:
    """A product is a JSON text; a client that parses it already gives the object."""
    try:
        read = json.loads(product) if isinstance(product, str | bytes) else product
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, Mapping):
        raise PriceListError("AWS's Price List holds a product that is no JSON object.")
    return read


def _training_type(product: Mapping[str, Any], region: str) -> str:
    """The instance type if this product is an instance that trains in the Region, else an empty text."""
    attributes = _mapping(_mapping(product.get("product")).get("attributes"))
    if attributes.get("regionCode", region) != region:
        return ""
    if attributes.get("locationType", _REGION) != _REGION:
        return ""
    if str(attributes.get("platoinstancetype", "")).startswith("Spot"):
        return ""
    found = _TRAINING.fullmatch(str(attributes.get("usagetype", "")))
    return found[1] if found else ""


def _hourly(product: Mapping[str, Any]) -> Iterator[tuple[str, Decimal]]:
    """Currency and price of each on-demand price by the hour; a free allowance has the price 0 and is none."""
    for term in _mapping(_mapping(product.get("terms")).get("OnDemand")).values():
        for dimension in _mapping(_mapping(term).get("priceDimensions")).values():
            if _mapping(dimension).get("unit") != HOURS:
                continue
            for currency, price in _mapping(dimension.get("pricePerUnit")).items():
                if amount := _decimal(price):
                    yield str(currency), amount


def _decimal(price: Any) -> Decimal | None:
    try:
        amount = Decimal(str(price))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise PriceListError(f"AWS's Price List has {str(price)[:40]!r} where a price belongs.")
    return amount.normalize() or None


def _published(product: Mapping[str, Any]) -> Iterator[datetime]:
    try:
        when = datetime.fromisoformat(str(product.get("publicationDate")))
    except ValueError:
        return
    if when.tzinfo:
        yield when


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
