"""One way to make a client: bounded waits, the standard retries, nothing else."""

from typing import Any

import boto3
from botocore.config import Config

_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    max_pool_connections=16,
    tcp_keepalive=True,
)


def client(service: str, tries: int = 4, **more: Any) -> Any:
    """A boto3 client, once per environment and only for those who need it; `more` configures it."""
    retries = {"mode": "standard", "total_max_attempts": tries}
    config = _CONFIG.merge(Config(retries=retries, **more))  # type: ignore[arg-type]
    return boto3.client(service, config=config)  # type: ignore[call-overload]
