"""AWS's partitions: which one a Region belongs to, by the form of its name, and where its console is.

https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
"""

import re
from typing import NamedTuple


class Partition(NamedTuple):
    """Its name in ARNs, the form of its Regions' names, and its console's host; None if none is known."""

    name: str
    regions: str
    console: str | None


PARTITIONS = (
    Partition("aws-cn", r"cn-[a-z]+-\d+", "console.amazonaws.cn"),
    Partition("aws-us-gov", r"us-gov-[a-z]+-\d+", "console.amazonaws-us-gov.com"),
    Partition("aws-eusc", r"eusc-[a-z]+-[a-z]+-\d+", "console.amazonaws-eusc.eu"),
    Partition("aws-iso", r"us-iso-[a-z]+-\d+", None),
    Partition("aws-iso-b", r"us-isob-[a-z]+-\d+", None),
    Partition("aws-iso-e", r"eu-isoe-[a-z]+-\d+", None),
    Partition("aws-iso-f", r"us-isof-[a-z]+-\d+", None),
    Partition("aws", r"[a-z]{2}-[a-z]+-\d+", "console.aws.amazon.com"),
)


def partition_of(region: str) -> Partition | None:
    """The partition of a Region; None for a name of no known form."""
    return next((one for one in PARTITIONS if re.fullmatch(one.regions, region)), None)
