"""Reads from AWS's Price List a Region's SageMaker training prices, with the reader's own credentials."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from spotter_cli.errors import CommandError

if TYPE_CHECKING:
    from spotter.core.prices.table import PriceTable

PERMISSION = "pricing:GetProducts"


def fetch(region: str | None, profile: str | None, now: datetime) -> "PriceTable":
    """The prices of a Region, by default the profile's; CommandError where AWS shows none."""
    import boto3
    from botocore.exceptions import ClientError

    from spotter.core.prices.price_list import PriceListError, price_table

    session: Any = boto3.Session(profile_name=profile, region_name=region)
    wanted = session.region_name
    if not wanted:
        raise CommandError("No Region is configured: use --region, or set AWS_REGION.")
    client = session.client("pricing", region_name=endpoint_region(wanted))
    try:
        return price_table(_products(client, wanted), wanted, now)
    except PriceListError as error:
        raise CommandError(str(error)) from None
    except ClientError as error:
        if "AccessDenied" not in error.response["Error"]["Code"]:
            raise
        raise CommandError(
            f"AWS's Price List denies the request: your credentials need {PERMISSION} (on the resource *)."
        ) from None


def endpoint_region(region: str) -> str:
    """The endpoint that has the prices of a Region; CommandError if its partition has no Price List."""
    from spotter.core.model.partitions import partition_of
    from spotter.core.prices.price_list import ENDPOINTS

    partition = partition_of(region)
    if partition is None:
        raise CommandError(f"{region} has not the form of an AWS Region's name.")
    if partition.name not in ENDPOINTS:
        raise CommandError(
            f"The partition {partition.name} has no Price List endpoint, so the prices of {region} cannot be "
            "fetched. Write the file by hand from AWS's price page: docs/figures.md shows its form."
        )
    return ENDPOINTS[partition.name]


def _products(client: Any, region: str) -> Iterator[Any]:
    from spotter.core.prices.price_list import request

    parameters = request(region)
    while True:
        answer = client.get_products(**parameters)
        yield from answer.get("PriceList", ())
        if not answer.get("NextToken"):
            return
        parameters["NextToken"] = answer["NextToken"]
