"""A capacity option is written one way in the policy, in a tag and in the ledger, and means the same there."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.policy.capacity_options import ON_DEMAND, SPOT, CapacityOption

KINDS = ["ml.g5.xlarge", "ml.g5.4xlarge", "ml.p4d.24xlarge", "ml.trn1n.32xlarge", "ml.m5.large"]
counts = st.none() | st.integers(1, 1000)
waits = st.none() | st.integers(1, 5_000_000).map(lambda s: timedelta(seconds=s))


def some(most: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(KINDS), max_size=most, unique=True).map(tuple)


on_spot = st.builds(CapacityOption, types=some(1), instances=counts, volume=counts, max_wait=waits)
on_demand = st.builds(
    CapacityOption, spot=st.just(False), types=some(5), instances=counts, volume=counts
)


@given(on_spot | on_demand)
def test_what_is_written_is_read_back(option):
    assert CapacityOption.parse(str(option)) == option


def test_the_plain_ones_are_written_plainly():
    assert (str(SPOT), str(ON_DEMAND)) == ("spot", "on-demand")
    assert CapacityOption.parse("  spot   max_wait=1h30m ").max_wait == timedelta(minutes=90)


@pytest.mark.parametrize(
    "text",
    [
        "", "ml.g5.xlarge", "Spot", "spot ml.g5", "spot ml.g5.xlarge ml.g5.2xlarge",
        "on-demand ml.a.b ml.a.b", "on-demand ml.a.a ml.a.b ml.a.c ml.a.d ml.a.e ml.a.f",
        "on-demand max_wait=1h", "spot max_wait=0s", "spot max_wait=61d", "spot max_wait=soon",
        "spot instances=0", "spot instances=-1", "spot instances=1.5", "spot volume=16385",
        "spot instances=1 instances=1", "spot colour=red", "spot =1", "spot ml.*.xlarge",
        "spot instances=\N{SUPERSCRIPT TWO}", "spot instances=\N{ARABIC-INDIC DIGIT THREE}",
        "spot max_wait=99999999999999999999d", "spot max_wait=\N{ARABIC-INDIC DIGIT THREE}h",
    ],
)  # fmt: skip
def test_anything_else_is_no_capacity_option(text):
    with pytest.raises(ValueError, match=r".?"):
        CapacityOption.parse(text)
