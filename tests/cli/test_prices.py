"""`spotter prices` asks the Price List through botocore, page by page, and writes a dated file."""

import json
import os
from datetime import UTC, datetime

import pytest

from laptop.simulated_sagemaker import SimulatedSageMaker, SpotMarket, price_list
from laptop.simulated_sagemaker.server import Server
from spotter.core.prices.file import read
from spotter_cli.commands.prices import prices
from spotter_cli.errors import CommandError
from spotter_cli.stack.list_prices import endpoint_region


@pytest.fixture
def there(monkeypatch):
    """The laptop's Price List, as this process's AWS."""
    world = SimulatedSageMaker(
        account="111122223333", region="eu-west-1", clock=lambda: datetime.now(UTC), market=SpotMarket(), emit=print
    )  # fmt: skip
    with Server(world) as server:
        for name, value in {
            "AWS_ENDPOINT_URL_PRICING": server.endpoint,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            monkeypatch.setenv(name, value)
        yield


@pytest.mark.parametrize(("region", "currency"), [("us-east-1", "USD"), ("cn-north-1", "CNY")])
def test_the_file_holds_every_training_price_of_the_region(
    there, tmp_path, capsys, region, currency
):
    file = tmp_path / "prices.json"
    prices(file, region, None)
    found = read(str(file), file.read_text(), region=region)
    assert {kind: f"{price:f}" for kind, price in found.prices.items()} == price_list.PRICES
    assert (found.currency, len(found.prices) > 20) == (currency, True)
    assert f"{len(found.prices)} instance types in {region}, {currency}" in capsys.readouterr().err


def test_it_takes_more_than_one_page(there):
    listed = price_list.get_products(
        {
            "ServiceCode": "AmazonSageMaker",
            "Filters": [{"Field": "regionCode", "Value": "us-east-1"}],
        }
    )
    assert len(listed["PriceList"]) == 100
    assert listed["NextToken"]


def test_standard_output_gets_the_file_alone(there, capsysbinary):
    prices("-", "eu-west-1", None)
    written = capsysbinary.readouterr()
    assert json.loads(written.out)["schema"] == "spotter.prices/1"
    assert written.err.startswith(b"Written to standard output: ")


def test_a_region_without_prices_writes_nothing(there, tmp_path):
    with pytest.raises(CommandError, match="no SageMaker training prices for eu-north-1"):
        prices(tmp_path / "prices.json", "eu-north-1", None)
    assert not list(tmp_path.iterdir())


def test_the_price_list_is_asked_in_the_partitions_own_endpoint():
    assert endpoint_region("ap-south-1") == "us-east-1"
    assert endpoint_region("cn-north-1") == "cn-northwest-1"
    with pytest.raises(CommandError, match="aws-us-gov has no Price List endpoint"):
        endpoint_region("us-gov-west-1")
    with pytest.raises(CommandError, match="has not the form"):
        endpoint_region("Frankfurt")
