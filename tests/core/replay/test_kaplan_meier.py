"""The curve is Kaplan and Meier's: beside a published table, and beside another way to compute it exactly.

Efron's redistribution to the right gives the same curve by other arithmetic: each length has an equal mass, and
what is censored passes its mass on to everything that was seen for longer. In fractions it is exact. (lifelines 0.30.3
gave the same shares and bands on 200 random samples, to 2e-15; it needs pandas, scipy and matplotlib, so it is
not in the lock files.)
"""

from fractions import Fraction
from math import inf, log

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from spotter.core.replay.kaplan_meier import Observed, SurvivalCurve, curve

REMISSIONS = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
"""Weeks in remission under 6-mercaptopurine; + is censored (Freireich and others, Blood 21, 1963)."""
PUBLISHED = {
    6: (0.857, 0.0764), 7: (0.807, 0.0869), 10: (0.753, 0.0963), 13: (0.690, 0.1068),
    16: (0.627, 0.1141), 22: (0.538, 0.1282), 23: (0.448, 0.1346),
}  # fmt: skip
"""The share and its standard error, as textbooks print them (Klein and Moeschberger, section 4.2)."""


def seen(text: str) -> list[Observed]:
    return [Observed(float(one.rstrip("+")), not one.endswith("+")) for one in text.split()]


lengths = st.lists(
    st.builds(Observed, st.integers(0, 12).map(float), st.booleans()), min_size=1, max_size=25
)


def redistributed(observed: list[Observed]) -> dict[float, Fraction]:
    """S after each end, by redistribution to the right."""
    order = sorted(observed, key=lambda one: (one.length, not one.ended))
    mass = [Fraction(1, len(order))] * len(order)
    for at, one in enumerate(order):
        later = len(order) - at - 1
        if not one.ended and later:
            share = mass[at] / later
            mass[at + 1 :] = [m + share for m in mass[at + 1 :]]
            mass[at] = Fraction(0)
    left, found = Fraction(1), {}
    for at, one in enumerate(order):
        if one.ended:
            left -= mass[at]
            found[one.length] = left
    return found


def test_the_published_table_of_remissions():
    found = curve(seen(REMISSIONS))
    assert found.times == tuple(map(float, PUBLISHED))
    for time, share, hazard in zip(found.times, found.shares, found.hazards, strict=True):
        assert share == pytest.approx(PUBLISHED[int(time)][0], abs=6e-4)
        assert share * hazard**0.5 == pytest.approx(PUBLISHED[int(time)][1], abs=6e-5)
    assert found.quantile(0.5) == 23
    assert (found.observed, found.ended, found.longest) == (21, 9, 35)


@given(lengths)
@example([Observed(0.0, ended=True), Observed(0.0, ended=False)])
def test_the_shares_are_those_of_redistribution_to_the_right(observed):
    found, exact = curve(observed), redistributed(observed)
    assert found.times == tuple(exact)
    assert found.shares == pytest.approx([float(share) for share in exact.values()], abs=1e-12)


@given(lengths)
def test_a_band_holds_its_share_and_a_quantiles_band_its_quantile(observed):
    found = curve(observed)
    for time, share in zip(found.times, found.shares, strict=True):
        band = found.band(time)
        assert 0 <= band.least <= share <= band.most <= 1
    band = found.quantile_band(0.5)
    assert band.least <= found.quantile(0.5) <= band.most


def test_the_band_is_greenwoods_on_the_scale_of_log_minus_log():
    """Shares and bands by lifelines 0.30, alpha 0.1."""
    found = curve(seen(REMISSIONS))
    assert tuple(found.band(6)) == pytest.approx((0.671107, 0.942159), abs=1e-5)
    assert tuple(found.band(23)) == pytest.approx((0.226462, 0.648114), abs=1e-5)
    assert tuple(found.quantile_band(0.5)) == (13, inf)


def test_that_the_longest_of_few_ended_gives_no_upper_end():
    """R's survfit gives NA there: its variance is infinite where nothing lasts longer."""
    assert tuple(curve(seen("720")).quantile_band(0.5)) == (720, inf)
    assert tuple(curve(seen("60 720")).quantile_band(0.5)) == (60, inf)


def test_what_lasts_counts_for_as_long_as_it_was_seen():
    """Without it, half of the waits would seem to last up to 10 s."""
    found = curve([*seen("10 20"), *seen("100+ 100+ 100+")])
    assert found.quantile(0.5) == inf
    assert found.share(50) == pytest.approx(0.6)


def test_a_capacity_at_once_is_a_mass_at_zero():
    found = curve(seen("0 0 0 600"))
    assert found.share(0) == 0.25
    assert found.draw(lambda: 0.9) == 0.0
    assert found.draw(lambda: 0.2) == 600.0
    assert found.draw(lambda: 0.9, elapsed=0.0) == 600.0, "it has waited already"


uniforms = st.floats(1e-6, 1.0)


@given(lengths, uniforms, st.floats(0, 30))
def test_what_is_drawn_is_longer_than_what_has_passed(observed, uniform, elapsed):
    assert curve(observed).draw(lambda: uniform, elapsed) >= elapsed


@given(lengths, st.integers(0, 11))
def test_draws_follow_the_curve_given_what_has_passed(observed, elapsed):
    found = curve(observed)
    assume(found.share(elapsed) > 1e-9 and elapsed < found.longest)
    drawn = [found.draw(lambda n=n: (n + 0.5) / 1000, float(elapsed)) for n in range(1000)]
    for time in (one for one in found.times if one > elapsed):
        longer = sum(one > time for one in drawn) / 1000
        assert longer == pytest.approx(found.share(time) / found.share(elapsed), abs=2e-3)


def test_beyond_what_was_seen_the_rate_of_the_last_ends_goes_on():
    found = curve([*seen("1 1 1 1"), *seen("10 20 30 40 50"), *[Observed(100.0, ended=False)] * 5])
    assert found.rate == pytest.approx(5 / (9 + 19 + 29 + 39 + 49 + 5 * 99))
    beyond = found.draw(lambda: 0.5, elapsed=100.0)
    assert beyond == pytest.approx(100 + log(2) / found.rate)


def test_where_nothing_was_seen_to_end_half_an_end_stands_for_it():
    assert curve(seen("50+ 150+")).rate == 0.5 / 200
    assert SurvivalCurve().draw(lambda: 0.5) == inf


@given(lengths, st.data())
def test_a_weight_is_so_many_copies(observed, data):
    counts = [data.draw(st.integers(1, 3)) for _ in observed]
    copies = [one for one, count in zip(observed, counts, strict=True) for _ in range(count)]
    weighed, copied = curve(observed, list(map(float, counts))), curve(copies)
    assert weighed.times == copied.times
    assert weighed.shares == pytest.approx(copied.shares)
