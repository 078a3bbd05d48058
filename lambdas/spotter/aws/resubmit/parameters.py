"""Two parameters in SSM: the switch of all resubmission, and the policy that was deployed.

The switch is not part of the stack: `spotter pause` creates it, and no deployment writes it. If the
parameter does not exist, resubmission was never paused. The stack writes the policy's fingerprint into the other parameter:
attempts that ended before that policy was deployed are not resubmitted. If a parameter cannot be
read for any other reason, the switch counts as off and the date as unknown.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from spotter.core.model.times import utc
from spotter.core.policy.in_force import Version, in_force_since
from spotter.core.resubmit.case import Switch

ON = "on"
NOT_FOUND = "ParameterNotFound"
A_PAGE = 50
"""The most versions in one answer of GetParameterHistory."""


def switch(client: Any, name: str) -> Switch:
    """The switch as it stands, and why it is off."""
    try:
        value = value_of(client, name)
    except (ClientError, BotoCoreError) as error:
        return Switch(on=False, reason=f"{name} could not be read ({_cause(error)})")
    return Switch(on=value == ON, reason=f'{name} is "{value}"')


def value_of(client: Any, name: str) -> str:
    """The value of the switch; "on" where the parameter does not exist."""
    try:
        return str(client.get_parameter(Name=name)["Parameter"]["Value"])
    except ClientError as error:
        if _cause(error) != NOT_FOUND:
            raise
        return ON


def in_force(client: Any, name: str, fingerprint: str) -> datetime | None:
    """Since when the policy of this fingerprint has been deployed; None if that is not known."""
    try:
        return in_force_since(fingerprint, _history(client, name))
    except (ClientError, BotoCoreError):
        return None


def _history(client: Any, name: str) -> Iterator[Version]:
    request = {"Name": name, "MaxResults": A_PAGE}
    while True:
        answer = client.get_parameter_history(**request)
        for one in answer["Parameters"]:
            yield Version(one["Version"], one["Value"], utc(one["LastModifiedDate"]))
        if not answer.get("NextToken"):
            return
        request["NextToken"] = answer["NextToken"]


def _cause(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    return type(error).__name__
