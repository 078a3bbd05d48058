"""One way to make a client: bounded waits, the standard retries, nothing else."""

from typing import Any

import boto3
from botocore.config import Config

_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=16,
    tcp_keepalive=True,
)


def client(service: str) -> Any:
    """A boto3 client, once per environment and only for those who need it."""
    return boto3.client(service, config=_CONFIG)  # type: ignore[call-overload]
