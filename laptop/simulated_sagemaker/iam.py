"""Whether a caller may do what it requests: the embedded AWS's IAM evaluates each call.

SageMaker fills in the condition keys below; creating a job also takes AddTags for its tags, and
PassRole for its role (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html).
"""

import json
import re
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from laptop.simulated_sagemaker.errors import refusal
from laptop.simulated_sagemaker.request_rules import max_runtime
from laptop.tls import opener

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/")
ROUTE = "/_spotter/authorize"


class Needed(NamedTuple):
    """An action on a resource, and the condition keys that go with it."""

    action: str
    resource: str
    keys: dict[str, Any]


def needed(operation: str, asked: Mapping[str, Any], account: str, region: str) -> Iterator[Needed]:
    """Every permission that a call takes."""
    name = asked.get("TrainingJobName", "*")
    job = f"arn:aws:sagemaker:{region}:{account}:training-job/{name}"
    resource = "*" if operation == "ListTrainingJobs" else asked.get("ResourceArn", job)
    if operation != "CreateTrainingJob":
        yield Needed(f"sagemaker:{operation}", resource, {})
        return
    keys = {"sagemaker:MaxRuntimeInSeconds": max_runtime(asked)}
    types = list(_types(asked.get("ResourceConfig", {})))
    yield Needed(
        f"sagemaker:{operation}", job, keys | ({"sagemaker:InstanceTypes": types} if types else {})
    )
    if asked.get("Tags"):
        yield Needed("sagemaker:AddTags", job, {"sagemaker:TaggingAction": operation})
    passed = {"iam:PassedToService": "sagemaker.amazonaws.com"}
    yield Needed("iam:PassRole", str(asked.get("RoleArn", "")), passed)


def _types(resources: Mapping[str, Any]) -> Iterator[str]:
    groups = resources.get("InstanceGroups") or resources.get("InstancePreferences") or [resources]
    yield from (group["InstanceType"] for group in groups if "InstanceType" in group)


@dataclass(frozen=True)
class Permission:
    """The embedded AWS's IAM, asked about this account and Region."""

    endpoint: str
    certificate: str | None
    account: str
    region: str

    def check(self, authorization: str, operation: str, asked: Mapping[str, Any]) -> None:
        """Raise AccessDeniedException, in IAM's words, unless the caller may do all that it takes."""
        found = _CREDENTIAL.search(authorization)
        if found is None:
            raise refusal(
                operation, "MissingAuthenticationTokenException", "Missing Authentication Token"
            )
        for one in needed(operation, asked, self.account, self.region):
            said = self._ask(found[1], one)
            if not said["allowed"]:
                raise _denied(operation, said["principal"], one)

    def _ask(self, key: str, one: Needed) -> Any:
        told = {"Account": self.account, "Region": self.region, "Key": key, **one._asdict()}
        request = urllib.request.Request(
            f"{self.endpoint}{ROUTE}",
            data=json.dumps(told).encode(),
            headers={"Content-Type": "application/json"},
        )
        with opener(self.certificate).open(request, timeout=10) as answer:
            return json.load(answer)


def _denied(operation: str, principal: str, one: Needed) -> ClientError:
    return refusal(
        operation,
        "AccessDeniedException",
        f"User: {principal} is not authorized to perform: {one.action} on resource: {one.resource} "
        f"because no identity-based policy allows the {one.action} action",
    )
