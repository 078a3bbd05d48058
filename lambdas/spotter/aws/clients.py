"""One way to make a client: bounded waits, the standard retries, nothing else.

The clients are botocore's, as boto3's are. boto3 would add resources, transfers to S3 and process pools: modules
that no function uses, and that each cold start would load.
"""

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

from spotter.aws.trust import share_trust

_CONFIG = Config(
    connect_timeout=3,
    read_timeout=10,
    max_pool_connections=16,
    tcp_keepalive=True,
)


@cache
def _session() -> Session:
    """The credentials and the Region of this environment, found once for all clients."""
    return get_session()


def client(service: str, tries: int = 4, **more: Any) -> Any:
    """A low-level client, once per environment and only for those who need it; `more` configures it."""
    retries = {"mode": "standard", "total_max_attempts": tries}
    config = _CONFIG.merge(Config(retries=retries, **more))  # type: ignore[arg-type]
    made = _session().create_client(service, config=config)
    share_trust(made)
    return made
