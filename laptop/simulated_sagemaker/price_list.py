"""The Price List of a laptop: GetProducts for AmazonSageMaker, products in the shape in which AWS returns them.

botocore's model calls the products plain texts, so the shape here follows answers that others have published:
`product` with `attributes` (usagetype, regionCode, platoinstancetype, …), `terms` with OnDemand, price
dimensions by rate code, and prices as texts of ten decimals. Beside training there is what a reader must tell
apart from it: hosting, notebooks, processing, HyperPod, storage by the month, free hours, spot training.
The prices are those of no account and no year; training costs the same in every Region here.
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from botocore.exceptions import ClientError

from laptop.simulated_sagemaker.errors import refusal

TARGET = "AWSPriceListService."
SERVICE = "AmazonSageMaker"
PRICES = {
    "ml.m5.large": "0.115", "ml.m5.xlarge": "0.23", "ml.m5.2xlarge": "0.461", "ml.c5.xlarge": "0.204",
    "ml.c5.18xlarge": "3.672", "ml.r5.4xlarge": "1.21", "ml.g4dn.xlarge": "0.736", "ml.g4dn.12xlarge": "4.89",
    "ml.g5.xlarge": "1.408", "ml.g5.2xlarge": "1.515", "ml.g5.4xlarge": "2.03", "ml.g5.12xlarge": "7.09",
    "ml.g5.48xlarge": "20.36", "ml.g6.xlarge": "1.1267", "ml.p3.2xlarge": "3.825", "ml.p3.16xlarge": "28.152",
    "ml.p4d.24xlarge": "37.688", "ml.p4de.24xlarge": "47.1095", "ml.p5.48xlarge": "63.296",
    "ml.trn1.2xlarge": "1.54531", "ml.trn1.32xlarge": "24.78125",
}  # fmt: skip
"""Of one instance for an hour of training."""
OTHER_USES = (
    ("Host", "Hosting", "1.1"), ("Notebk", "Notebook", "1.05"), ("Processing", "Processing", "1.0"),
    ("Cluster", "Cluster", "1.3"), ("SpotTraining", "SpotTraining", "0.4"),
)  # fmt: skip
"""Usage types of the same instance types, and their prices as a share of training's."""
LETTERS = {
    "us-east-1": "USE1", "us-east-2": "USE2", "us-west-2": "USW2", "eu-west-1": "EU", "eu-central-1": "EUC1", "eu-central-2": "EUC2",
    "ap-northeast-1": "APN1", "ap-south-1": "APS3", "cn-north-1": "CNN1", "cn-northwest-1": "CNW1",
}  # fmt: skip
"""How usage types of a Region begin."""
PUBLISHED = "2026-11-20T17:03:12Z"


def answer(target: str, body: bytes) -> tuple[int, bytes]:
    """The HTTP status and the body that answer one request in JSON 1.1."""
    operation = target.removeprefix(TARGET)
    try:
        if operation != "GetProducts":
            raise refusal(
                operation, "UnknownOperationException", f"{operation} is not served here."
            )
        found = get_products(json.loads(body or b"{}"))
    except ClientError as refused:
        error = refused.response["Error"]
        return 400, json.dumps({"__type": error["Code"], "message": error["Message"]}).encode()
    return 200, json.dumps(found).encode()


def get_products(request: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the products that match every filter."""
    if request.get("ServiceCode") != SERVICE:
        raise refusal("GetProducts", "NotFoundException", "Service code not found")
    if request.get("FormatVersion", "aws_v1") != "aws_v1":
        raise refusal("GetProducts", "InvalidParameterException", "Invalid format version")
    wanted = {one["Field"]: one["Value"] for one in request.get("Filters", ())}
    region = wanted.get("regionCode", "")
    matching = [
        product
        for product in products(region)
        if all(product["product"]["attributes"].get(f) == v for f, v in wanted.items())
    ]
    start, most = int(request.get("NextToken", "0")), int(request.get("MaxResults", 100))
    more = {"NextToken": str(start + most)} if start + most < len(matching) else {}
    page = [json.dumps(one) for one in matching[start : start + most]]
    return {"FormatVersion": "aws_v1", "PriceList": page, **more}


def products(region: str) -> Iterator[dict[str, Any]]:
    """Every product of a Region that is known here; nothing of any other."""
    if region not in LETTERS:
        return
    for number, (kind, price) in enumerate(PRICES.items()):
        yield instance(region, kind, "Train", "Training", price, number)
        for use, component, share in OTHER_USES:
            yield instance(
                region, kind, use, component, str(Decimal(price) * Decimal(share)), number
            )
    yield instance(region, "ml.m5.xlarge", "Train", "TrainingFree", "0", 900, free=True)
    yield _storage(region)


def instance(
    region: str, kind: str, use: str, component: str, price: str, number: int, *, free: bool = False
) -> dict[str, Any]:
    """One instance type in one use; a `free` one is the free tier's."""
    usage = f"{LETTERS[region]}-{use}:{kind}"
    attributes = {
        "instanceType": f"{kind}-{component}",
        "instanceName": kind,
        "computeType": "Accelerated computing" if kind[3] in "gpt" else "Standard Instances",
        "component": component,
        "platoinstancename": kind,
        "platoinstancetype": component,
        "vCpu": "4",
        "memory": "16 GiB",
        "physicalGpu": "N/A",
        "operation": "RunInstance",
    }
    title = f"{price} per {component} {kind} hour in {region}"
    return _product(
        region, usage, "ML Instance", attributes, "Hrs", price, title, number, free=free
    )


def _storage(region: str) -> dict[str, Any]:
    usage, title = (
        f"{LETTERS[region]}-Train:VolumeUsage.gp2",
        "0.14 per GB-Mo of Training Job ML storage",
    )
    return _product(
        region, usage, "ML Storage", {"operation": "CreateVolume-Gp2"}, "GB-Mo", "0.14", title, 901
    )


def _product(
    region: str, usage: str, family: str, attributes: Mapping[str, str], unit: str, price: str, title: str,
    number: int, *, free: bool = False,
) -> dict[str, Any]:  # fmt: skip
    sku = sha256(f"{usage}{free}".encode()).hexdigest()[:16].upper()
    rate, currency = f"{sku}.JRTCKXETXF", "CNY" if region.startswith("cn-") else "USD"
    dimension = {
        "unit": unit,
        "endRange": "Inf",
        "description": f"${title}" if currency == "USD" else title,
        "appliesTo": [],
        "rateCode": f"{rate}.6YS6EN2CT7",
        "beginRange": "0",
        "pricePerUnit": {currency: f"{Decimal(price):.10f}"},
    }
    return {
        "product": {
            "productFamily": family,
            "attributes": {
                "regionCode": region,
                "servicecode": SERVICE,
                "servicename": "Amazon SageMaker",
                "usagetype": usage,
                "locationType": "AWS Region",
                "location": region,
                **attributes,
            },
            "sku": sku,
        },
        "serviceCode": SERVICE,
        "terms": {
            "OnDemand": {
                rate: {
                    "priceDimensions": {f"{rate}.6YS6EN2CT7": dimension},
                    "sku": sku,
                    "effectiveDate": "2026-11-01T00:00:00Z",
                    "offerTermCode": "JRTCKXETXF",
                    "termAttributes": {},
                }
            }
        },
        "version": f"20261120170312{number % 10}",
        "publicationDate": PUBLISHED,
    }
