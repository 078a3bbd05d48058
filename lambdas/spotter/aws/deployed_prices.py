"""The prices in the bundle, if there are any. Apart from the policy, since only two functions need them."""

import os
from functools import cache

from spotter.aws import deployed_policy
from spotter.core.prices.file import FILE_NAME, read
from spotter.core.prices.table import PriceTable


@cache
def prices() -> PriceTable | None:
    """The prices that were checked when the stack was synthesised; None if it carries none.

    None also if they are of another Region: a template can be deployed in several.
    """
    file = deployed_policy.ROOT / FILE_NAME
    if not file.exists():
        return None
    table = read(FILE_NAME, file.read_text("utf-8"))
    return table if table.region == os.environ.get("AWS_REGION", table.region) else None
