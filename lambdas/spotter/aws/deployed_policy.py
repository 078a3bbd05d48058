"""The policy travels in the bundle, so that code and policy are deployed together; so do prices, if there are any."""

import os
from functools import cache
from pathlib import Path

from spotter.core.policy.model import Policy
from spotter.core.policy.parse import read_policy
from spotter.core.prices.file import FILE_NAME, read
from spotter.core.prices.table import PriceTable

ROOT = Path(__file__).parents[2]


@cache
def policy() -> Policy:
    """The policy that was checked when the stack was synthesised."""
    return read_policy(ROOT / "spotter.toml")


@cache
def prices() -> PriceTable | None:
    """The prices that were checked when the stack was synthesised; None if it carries none.

    None also if they are of another Region: a template can be deployed in several.
    """
    file = ROOT / FILE_NAME
    if not file.exists():
        return None
    table = read(FILE_NAME, file.read_text("utf-8"))
    return table if table.region == os.environ.get("AWS_REGION", table.region) else None
