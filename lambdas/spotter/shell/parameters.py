"""Two parameters in SSM: the switch of all resubmission, and the policy that was deployed.

The stack writes the policy's fingerprint into the second one, so its LastModifiedDate is when this
very policy was deployed: endings before that instant are history.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
"""

from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from spotter.core.case import Switch
from spotter.core.instants import utc

ON = "on"


def in_force(
    client: Any, *, switch: str, policy: str, fingerprint: str
) -> tuple[Switch, datetime | None]:
    """The switch, and since when the policy of this fingerprint has been deployed.

    Failing closed: whatever cannot be read is off, and unknown.
    """
    try:
        answer = client.get_parameters(Names=[switch, policy])
    except (ClientError, BotoCoreError) as error:
        return Switch(on=False, said=f"{switch} could not be read ({type(error).__name__})"), None
    found = {p["Name"]: p for p in answer["Parameters"]}
    deployed = found.get(policy, {})
    since = deployed["LastModifiedDate"] if deployed.get("Value") == fingerprint else None
    return _switch(switch, found.get(switch)), utc(since) if since else None


def switch(client: Any, name: str) -> Switch:
    """The switch alone; failing closed, as above."""
    try:
        answer = client.get_parameters(Names=[name])
    except (ClientError, BotoCoreError) as error:
        return Switch(on=False, said=f"{name} could not be read ({type(error).__name__})")
    return _switch(name, next(iter(answer["Parameters"]), None))


def _switch(name: str, parameter: dict[str, Any] | None) -> Switch:
    if parameter is None:
        return Switch(on=False, said=f"{name} does not exist")
    said = parameter["Value"]
    return Switch(on=said == ON, said=f'{name} is "{said}"')


def since(client: Any, name: str) -> datetime:
    """When a parameter was last written."""
    return utc(client.get_parameter(Name=name)["Parameter"]["LastModifiedDate"])
