"""Products of the Price List become a table of training prices, and nothing else does."""

import json
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.prices.price_list import PriceListError, price_table, request

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
PRODUCT = {
    "product": {
        "productFamily": "ML Instance",
        "attributes": {
            "regionCode": "us-east-1",
            "servicecode": "AmazonSageMaker",
            "usagetype": "USE1-Train:ml.g5.xlarge",
            "locationType": "AWS Region",
            "location": "US East (N. Virginia)",
            "servicename": "Amazon SageMaker",
            "instanceType": "ml.g5.xlarge-Training",
            "instanceName": "ml.g5.xlarge",
            "operation": "RunInstance",
            "platoinstancetype": "Training",
        },
        "sku": "2CDWWPBSYYZTGK4S",
    },
    "serviceCode": "AmazonSageMaker",
    "terms": {
        "OnDemand": {
            "2CDWWPBSYYZTGK4S.JRTCKXETXF": {
                "priceDimensions": {
                    "2CDWWPBSYYZTGK4S.JRTCKXETXF.6YS6EN2CT7": {
                        "unit": "Hrs",
                        "endRange": "Inf",
                        "description": "$1.408 per Training ml.g5.xlarge hour in US East (N. Virginia)",
                        "appliesTo": [],
                        "rateCode": "2CDWWPBSYYZTGK4S.JRTCKXETXF.6YS6EN2CT7",
                        "beginRange": "0",
                        "pricePerUnit": {"USD": "1.4080000000"},
                    }
                },
                "sku": "2CDWWPBSYYZTGK4S",
                "effectiveDate": "2026-11-01T00:00:00Z",
                "offerTermCode": "JRTCKXETXF",
                "termAttributes": {},
            }
        }
    },
    "version": "20261120170312",
    "publicationDate": "2026-11-20T17:03:12Z",
}


def product(
    usage="USE1-Train:ml.g5.xlarge", price="1.4080000000", unit="Hrs", currency="USD", **more
):
    one = deepcopy(PRODUCT)
    one["product"]["attributes"] |= {"usagetype": usage} | more
    (term,) = one["terms"]["OnDemand"].values()
    (dimension,) = term["priceDimensions"].values()
    dimension |= {"unit": unit, "pricePerUnit": {currency: price}}
    return json.dumps(one)


def table(*products, region="us-east-1"):
    return price_table(products, region, NOW)


def test_a_training_product_becomes_a_price_with_its_dates():
    found = table(product())
    assert found.prices == {"ml.g5.xlarge": Decimal("1.408")}
    assert (found.region, found.currency, found.fetched) == ("us-east-1", "USD", NOW)
    assert found.published == datetime(2026, 11, 20, 17, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "usage", ["Train:ml.p4d.24xlarge", "EU-Train:ml.p4d.24xlarge", "A-B-Train:ml.p4d.24xlarge"]
)
def test_the_end_of_a_usage_type_decides_however_it_begins(usage):
    assert list(table(product(usage)).prices) == ["ml.p4d.24xlarge"]


@pytest.mark.parametrize(
    "other",
    [
        product("USE1-Host:ml.g5.xlarge", "9"),
        product("USE1-Notebk:ml.g5.xlarge", "9"),
        product("USE1-Processing:ml.g5.xlarge", "9"),
        product("USE1-Cluster:ml.g5.xlarge", "9"),
        product("USE1-SpotTrain:ml.g5.xlarge", "9"),
        product("USE1-Train:VolumeUsage.gp2", "9", unit="GB-Mo"),
        product("USE1-Train:ml.g5.xlarge-Warm", "9"),
        product(price="9", unit="Seconds"),
        product(price="0.0000000000"),
        product(price="9", regionCode="eu-west-1"),
        product(price="9", locationType="AWS Outposts"),
        product(price="9", platoinstancetype="SpotTraining"),
        json.dumps(json.loads(product(price="9")) | {"terms": {"Reserved": {}}}),
        json.dumps({"product": {"sku": "X"}}),
    ],
)  # fmt: skip
def test_what_is_not_training_on_demand_by_the_hour_in_this_region_is_left_out(other):
    assert table(other, product()).prices == {"ml.g5.xlarge": Decimal("1.408")}


def test_two_different_prices_for_one_type_are_an_error_and_the_same_twice_is_none():
    assert table(product(), product("Train:ml.g5.xlarge", "1.408")).prices
    with pytest.raises(
        PriceListError,
        match=r"two prices for training on ml\.g5\.xlarge in us-east-1: 1\.408 and 1\.5",
    ):
        table(product(), product(price="1.5000000000"))


@pytest.mark.parametrize(
    ("products", "message"),
    [
        ([], "no SageMaker training prices for us-east-1"),
        ([product("USE1-Host:ml.g5.xlarge")], "no SageMaker training prices"),
        ([product(), product("CNN1-Train:ml.p3.2xlarge", currency="CNY")], "in CNY and USD"),
        ([product(price="free")], "'free' where a price belongs"),
        ([product(price="-1")], "'-1' where a price belongs"),
        (["no JSON"], "no JSON object"),
        (["[]"], "no JSON object"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_used_is_one_sentence(products, message):
    with pytest.raises(PriceListError, match=message):
        table(*products)


def test_products_that_a_client_has_parsed_already_are_read_as_well():
    assert table(json.loads(product())) == table(product())


def test_only_the_region_is_filtered():
    parameters = request("cn-north-1")
    assert parameters["ServiceCode"] == "AmazonSageMaker"
    assert parameters["Filters"] == [
        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "cn-north-1"}
    ]


def test_each_instance_group_has_its_own_price_and_one_without_a_price_has_none():
    found = table(product(), product("USE1-Train:ml.m5.large", "0.1150000000"))
    assert found.rate((("ml.g5.xlarge", 2), ("ml.m5.large", 3))) == Fraction(3161, 1000)
    assert found.rate((("ml.g5.xlarge", 2), ("ml.p5.48xlarge", 1))) is None
    assert found.without_price((("ml.g5.xlarge", 2), ("ml.p5.48xlarge", 1))) == ("ml.p5.48xlarge",)
    assert found.rate(()) is None
    assert found.rate((("ml.g5.xlarge", 0),)) is None


@given(st.lists(st.from_type(dict) | st.text() | st.none() | st.integers(), max_size=3))
def test_whatever_a_list_holds_it_is_prices_or_one_error(products):
    with suppress(PriceListError):
        assert table(*products, product()).prices
