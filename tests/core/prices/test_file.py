"""The price file: written and read back, its mistakes named, of one Region."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.prices.file import LONGEST, PriceFileError, read, written
from spotter.core.prices.table import PriceTable

FETCHED = datetime(2026, 11, 26, 8, tzinfo=UTC)
GOOD = {
    "schema": "spotter.prices/1",
    "region": "us-gov-west-1",
    "currency": "USD",
    "fetched_at": "2026-11-26T08:00:00Z",
    "prices": {"ml.g5.xlarge": "1.774"},
}
prices = st.dictionaries(
    st.from_regex(r"\Aml\.[a-z0-9]{1,5}\.[a-z0-9]{1,8}\Z"),
    st.decimals("0.0001", 900, places=5).filter(bool),
    min_size=1,
    max_size=5,
)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
    lambda d: d.replace(tzinfo=UTC, microsecond=d.microsecond // 1000 * 1000)
)


@given(prices, instants, st.none() | instants)
def test_a_file_is_read_back_as_it_was(found, fetched, published):
    table = PriceTable("eu-west-1", "USD", fetched, published, found)
    assert read("file", written(table), region="eu-west-1") == table


def test_prices_are_decimal_texts_and_types_are_sorted():
    table = PriceTable(
        "us-east-1",
        "USD",
        FETCHED,
        None,
        {"ml.p5.48xlarge": Decimal("1E+2"), "ml.g5.xlarge": Decimal("1.4080")},
    )
    assert json.loads(written(table))["prices"] == {
        "ml.g5.xlarge": "1.408",
        "ml.p5.48xlarge": "100",
    }
    assert "E" not in written(table).partition('"prices"')[2]


def test_a_file_by_hand_needs_no_date_of_publication():
    found = read("prices.json", json.dumps(GOOD))
    assert (found.prices, found.published) == ({"ml.g5.xlarge": Decimal("1.774")}, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prices": {"ml.g5.xlarge": 1.774}}, r"prices\.ml\.g5\.xlarge: must be a decimal number above 0 in quotes"),
        ({"prices": {"ml.g5.xlarge": "0.0"}}, "above 0"),
        ({"prices": {"ml.g5.xlarge": "1e9"}}, "above 0"),
        ({"prices": {"ml.g5.xlarge": "NaN"}}, "above 0"),
        ({"prices": {"g5.xlarge": "1"}}, "no instance type of SageMaker"),
        ({"prices": {}}, "must be a table"),
        ({"currency": "$"}, 'such as "USD"'),
        ({"region": "Ireland"}, "must be a Region"),
        ({"fetched_at": "today"}, "must be an instant"),
        ({"published_at": "2026-11-26T08:00:00"}, "published_at: must be an instant"),
        ({"unit": "month"}, "unit: must be"),
        ({"price": {}}, "price: is not a key of this file"),
        ({"schema": "spotter.prices/2"}, "is not a price file"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_what_belongs_there(change, message):
    with pytest.raises(PriceFileError, match=message):
        read("prices.json", json.dumps(GOOD | change))


@pytest.mark.parametrize("text", ["", "[]", "null", "[" * 5000, "x" * (LONGEST + 1)])
def test_what_is_no_such_file_is_one_sentence(text):
    with pytest.raises(PriceFileError, match="price file"):
        read("prices.json", text)


def test_prices_of_another_region_are_refused():
    with pytest.raises(
        PriceFileError, match="the prices of us-gov-west-1, and jobs run in us-east-1"
    ):
        read("prices.json", json.dumps(GOOD), region="us-east-1")
