"""Amounts and percentages as people read them: no more digits than help, and what is not known is a dash."""

from fractions import Fraction

import pytest

from spotter.core.money.text import ABSENT, amount, amounts, exact, percents
from spotter.core.money.totals import AmountRange, PercentRange


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0.00"),
        (Fraction(9999, 100), "99.99"),
        (Fraction(100), "100"),
        (Fraction(-100), "-100"),
        (Fraction(-1248, 100), "-12.48"),
        (Fraction(1248037, 100), "12,480"),
    ],
)
def test_a_large_amount_has_no_cents(value, text):
    assert amount(value) == amounts(AmountRange(value, value)) == text


@pytest.mark.parametrize(
    ("least", "most", "text"),
    [
        (Fraction(1), Fraction(99), "1.00 to 99.00"),
        (Fraction(1), Fraction(100), "1 to 100"),
        (Fraction(-100), Fraction(1), "-100 to 1"),
        (Fraction(10001, 100), Fraction(10002, 100), "100"),
    ],
)
def test_a_range_has_cents_on_both_sides_or_on_none(least, most, text):
    assert amounts(AmountRange(least, most)) == text


def test_an_exact_amount_always_has_cents():
    assert exact(Fraction(1248037, 100)) == "12,480.37"


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        (None, ABSENT),
        (PercentRange(None, Fraction(54)), "at most 54 %"),
        (PercentRange(Fraction(52), Fraction(54)), "52 to 54 %"),
        (PercentRange(Fraction(534, 10), Fraction(53)), "53 %"),
    ],
)
def test_a_percentage_that_is_not_known_is_none(bounds, text):
    assert percents(bounds) == text
