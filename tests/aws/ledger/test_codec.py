"""Rows are converted as boto3 converts them, which the functions do not load."""

from decimal import Decimal

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from spotter.aws.ledger import codec

WHOLE = st.integers(-(10**37), 10**37)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.text()
    | WHOLE
    | st.decimals(-(10**9), 10**9, allow_nan=False, places=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_a_row_is_written_as_boto3_writes_it_and_read_as_it_was(row):
    boto3s = {name: TypeSerializer().serialize(value) for name, value in row.items()}
    assert codec.written(row) == boto3s
    assert codec.read(boto3s) == row


@pytest.mark.parametrize("value", [0.5, {"a"}, b"bytes", object()])
def test_what_no_row_is_made_of_is_not_written(value):
    with pytest.raises(TypeError, match="a row holds no"):
        codec.written({"name": value})


@pytest.mark.parametrize("value", [10**38 + 1, Decimal("1." + 38 * "1")])
def test_a_number_with_more_digits_than_dynamodb_keeps_is_not_rounded(value):
    with pytest.raises(ArithmeticError):
        codec.written({"number": value})


@pytest.mark.parametrize(
    "value", [{"NULL": True}, {"SS": ["a", "b"]}, {"NS": ["1", "2"]}, {"B": b"a"}, {"BS": [b"a"]}]
)
def test_what_somebody_else_put_into_a_row_is_read_too(value):
    boto3s = TypeDeserializer().deserialize(value)
    plain = {b.value for b in boto3s} if "BS" in value else boto3s
    plain = plain.value if isinstance(plain, Binary) else plain
    assert codec.read({"odd": value}) == {"odd": plain}
