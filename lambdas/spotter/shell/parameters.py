"""Two parameters in SSM: the switch of all resubmission, and the policy that was deployed.

The stack writes the policy's fingerprint into the second one, so its LastModifiedDate is when this
very policy was deployed: endings before that instant are history. Failing closed: whatever cannot be
read is off, and unknown.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
"""

from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from spotter.core.case import Switch
from spotter.core.instants import utc

ON = "on"


def switch(client: Any, name: str) -> Switch:
    """The switch as it stands, and what it says where it is off."""
    try:
        said = client.get_parameter(Name=name)["Parameter"]["Value"]
    except (ClientError, BotoCoreError) as error:
        return Switch(on=False, said=f"{name} could not be read ({_cause(error)})")
    return Switch(on=said == ON, said=f'{name} is "{said}"')


def in_force(client: Any, name: str, fingerprint: str) -> datetime | None:
    """Since when the policy of this fingerprint has been deployed; None if that is not known."""
    try:
        deployed = client.get_parameter(Name=name)["Parameter"]
    except (ClientError, BotoCoreError):
        return None
    return utc(deployed["LastModifiedDate"]) if deployed["Value"] == fingerprint else None


def _cause(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    return type(error).__name__


def since(client: Any, name: str) -> datetime:
    """When a parameter was last written."""
    return utc(client.get_parameter(Name=name)["Parameter"]["LastModifiedDate"])
