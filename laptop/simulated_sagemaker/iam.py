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


def needed(
    operation: str,
    request: Mapping[str, Any],
    account: str,
    region: str,
    tags: Mapping[str, str] | None = None,
) -> Iterator[Needed]:
    """Every permission that a call takes; `tags` are those of the job that it is about."""
    name = request.get("TrainingJobName", "*")
    job = f"arn:aws:sagemaker:{region}:{account}:training-job/{name}"
    resource = "*" if operation == "ListTrainingJobs" else request.get("ResourceArn", job)
    if operation != "CreateTrainingJob":
        of_job = {f"aws:ResourceTag/{key}": value for key, value in (tags or {}).items()}
        yield Needed(f"sagemaker:{operation}", resource, of_job)
        return
    keys = {"sagemaker:MaxRuntimeInSeconds": max_runtime(request)}
    types = list(_types(request.get("ResourceConfig", {})))
    yield Needed(
        f"sagemaker:{operation}", job, keys | ({"sagemaker:InstanceTypes": types} if types else {})
    )
    if request.get("Tags"):
        yield Needed("sagemaker:AddTags", job, {"sagemaker:TaggingAction": operation})
    passed = {"iam:PassedToService": "sagemaker.amazonaws.com"}
    yield Needed("iam:PassRole", str(request.get("RoleArn", "")), passed)


def _types(resources: Mapping[str, Any]) -> Iterator[str]:
    groups = resources.get("InstanceGroups") or resources.get("InstancePreferences") or [resources]
    yield from (group["InstanceType"] for group in groups if "InstanceType" in group)


@dataclass(frozen=True)
class Permission:
    """The embedded AWS's IAM, for this account and Region."""

    endpoint: str
    certificate: str | None
    account: str
    region: str

    def check(
        self,
        authorization: str,
        operation: str,
        request: Mapping[str, Any],
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Raise AccessDeniedException, in IAM's words, unless the caller may do all that it takes."""
        found = _CREDENTIAL.search(authorization)
        if found is None:
            raise refusal(
                operation, "MissingAuthenticationTokenException", "Missing Authentication Token"
            )
        for one in needed(operation, request, self.account, self.region, tags):
            answer = self._ask(found[1], one)
            if not answer["allowed"]:
                raise _denied(operation, answer["principal"], one)

    def _ask(self, key: str, one: Needed) -> Any:
        question = {"Account": self.account, "Region": self.region, "Key": key, **one._asdict()}
        request = urllib.request.Request(
            f"{self.endpoint}{ROUTE}",
            data=json.dumps(question).encode(),
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
