"""Where Spotter lists checkpoints survives the way through an output of CloudFormation."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.checkpoints.watched_locations import WatchedLocations, watched_locations
from spotter.core.policy.model import AlertsPolicy, Policy
from spotter.core.policy.parse import parse_policy

PLACES = st.lists(
    st.from_regex(r"\As3://[a-z0-9]{3,9}/([^\[\x00-\x1f\x7f\ud800-\udfff$]){1,30}\Z"), max_size=60
)


def of(*places: str, **alerts) -> Policy:
    return Policy(checkpoint_locations=places, alerts=replace(AlertsPolicy(), **alerts))


@given(PLACES)
def test_what_an_output_says_is_read_back(places):
    output = watched_locations(of(*places))
    assert len(output.encode()) <= 1024
    read = WatchedLocations.read(output)
    assert read is not None
    assert read.patterns == tuple(places[: len(read.patterns)])
    assert read.whole is (len(read.patterns) == len(places))


def test_a_place_is_watched_or_not_or_it_is_not_known():
    some = WatchedLocations.read(watched_locations(of("s3://a/x/*", "s3://b] and 3 more/*")))
    assert (some.holds("s3://a/x/1/"), some.holds("s3://a/y/")) == (True, False)
    assert some.holds("s3://b] and 3 more/1/")
    many = WatchedLocations.read(
        watched_locations(of(*(f"s3://bucket-{n:03}/{'x' * 30}/*" for n in range(50))))
    )
    assert many.holds(f"s3://bucket-001/{'x' * 30}/1") is True
    assert many.holds(f"s3://bucket-049/{'x' * 30}/1") is None


@pytest.mark.parametrize("policy", [Policy(), of("s3://a/*", checkpoint_quiet=None)])
def test_where_nothing_is_listed_the_output_says_so_and_names_the_key(policy):
    output = watched_locations(policy)
    assert output.startswith("nowhere")
    assert (
        "checkpoint_locations" if policy.alerts.checkpoint_quiet else "checkpoint_quiet"
    ) in output
    assert WatchedLocations.read(output).holds("s3://a/x") is False


def test_an_older_spotter_says_nothing_about_it():
    assert WatchedLocations.read(None) is None


def test_the_shipped_policy_looks_nowhere():
    assert watched_locations(parse_policy("p", "")).startswith("nowhere")
