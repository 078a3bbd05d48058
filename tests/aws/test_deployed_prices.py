"""The prices in the bundle are used where they are of the Region in which the function runs, and nowhere else."""

import json

import pytest

from spotter.aws import deployed_policy, deployed_prices
from spotter.core.prices.file import FILE_NAME

HELD = {
    "schema": "spotter.prices/1",
    "region": "eu-west-1",
    "currency": "USD",
    "fetched_at": "2026-11-26T08:00:00.000Z",
    "prices": {"ml.g5.xlarge": "1.57"},
}


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    monkeypatch.setattr(deployed_policy, "ROOT", tmp_path)
    deployed_prices.prices.cache_clear()
    yield tmp_path
    deployed_prices.prices.cache_clear()


def test_a_bundle_without_prices_has_none(bundle):
    assert deployed_prices.prices() is None


@pytest.mark.parametrize(("region", "used"), [("eu-west-1", True), ("us-east-1", False)])
def test_prices_of_another_region_are_not_used(bundle, monkeypatch, region, used):
    monkeypatch.setenv("AWS_REGION", region)
    (bundle / FILE_NAME).write_text(json.dumps(HELD))
    assert (deployed_prices.prices() is not None) is used
