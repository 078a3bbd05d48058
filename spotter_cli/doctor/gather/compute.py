"""Reads the functions, what starts them, and their roles, beside what the template declares."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from spotter_cli.doctor.evidence import (
    FunctionState,
    RoleState,
    SourceState,
    Unread,
)
from spotter_cli.doctor.gather.declared import Declared, DeclaredStack
from spotter_cli.doctor.gather.permissions import lacking, listed
from spotter_cli.doctor.gather.reading import tried, tried_if_it_exists

Client = Callable[[str], Any]
FUNCTION, SOURCE = "AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping"
ROLE, POLICY, SCHEDULE = "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::Scheduler::Schedule"


def names(stack: DeclaredStack) -> dict[str, str]:
    """The word for each function, by its logical id: `record`, as its handler is called."""
    return {one.logical: one.properties["Handler"].split(".")[1] for one in stack.of(FUNCTION)}


def functions(client: Client, stack: DeclaredStack) -> dict[str, FunctionState | Unread | None]:
    words = names(stack)
    return {
        words[one.logical]: tried_if_it_exists(partial(_function, client("lambda"), stack, one))
        for one in stack.of(FUNCTION)
    }


def _function(lambda_: Any, stack: DeclaredStack, declared: Declared) -> FunctionState | None:
    if declared.physical is None:
        return None
    held = lambda_.get_function_configuration(FunctionName=declared.physical)
    reserved = tried(lambda: lambda_.get_function_concurrency(FunctionName=declared.physical))
    return FunctionState(
        name=declared.physical,
        state=held.get("State", "Active"),
        reason=held.get("StateReason", ""),
        reserved=reserved
        if isinstance(reserved, Unread)
        else reserved.get("ReservedConcurrentExecutions"),
        changed=tuple(_changed(stack, declared.properties, held)),
    )


def _changed(
    stack: DeclaredStack, wanted: Mapping[str, Any], held: Mapping[str, Any]
) -> Iterator[str]:
    """The settings that are not the template's; of variables the names only."""
    variables = stack.resolved(wanted.get("Environment", {}).get("Variables", {}))
    has = held.get("Environment", {}).get("Variables", {})
    yield from (
        f"the variable {name}"
        for name, value in variables.items()
        if value is not None and has.get(name) != value
    )
    role = stack.resolved(wanted["Role"])
    if role and held.get("Role") and role.rpartition("/")[2] != held["Role"].rpartition("/")[2]:
        yield "its role"
    if wanted.get("Handler") != held.get("Handler"):
        yield "its handler"


def sources(client: Client, stack: DeclaredStack) -> dict[str, SourceState | Unread | None]:
    words = names(stack)
    return {
        words[one.properties["FunctionName"]["Ref"]]: tried_if_it_exists(
            partial(_source, client("lambda"), one.physical)
        )
        for one in stack.of(SOURCE)
    }


def _source(lambda_: Any, uuid: str | None) -> SourceState | None:
    if uuid is None:
        return None
    held = lambda_.get_event_source_mapping(UUID=uuid)
    result = held.get("LastProcessingResult", "")
    return SourceState(held["State"], uuid, "" if result == "No records processed" else result)


def roles(client: Client, stack: DeclaredStack) -> dict[str, RoleState | Unread | None]:
    """The role of each function by its word, and that of the schedule."""
    words = names(stack)
    users = {
        one.properties["Role"]["Fn::GetAtt"][0]: words[one.logical] for one in stack.of(FUNCTION)
    }
    for one in stack.of(SCHEDULE):
        users[one.properties["Target"]["RoleArn"]["Fn::GetAtt"][0]] = "schedule"
    return {
        users[one.logical]: tried_if_it_exists(partial(_role, client("iam"), stack, one))
        for one in stack.of(ROLE)
        if one.logical in users
    }


def _role(iam: Any, stack: DeclaredStack, role: Declared) -> RoleState | None:
    if role.physical is None:
        return None
    held = [*_inline(iam, role.physical), *_attached(iam, role.physical)]
    wanted = [
        stack.resolved(statement)
        for policy in stack.of(POLICY)
        if {"Ref": role.logical} in policy.properties["Roles"]
        for statement in policy.properties["PolicyDocument"]["Statement"]
    ]
    return RoleState(role.physical, tuple(lacking(wanted, held)))


def _inline(iam: Any, role: str) -> Iterator[Any]:
    for page in iam.get_paginator("list_role_policies").paginate(RoleName=role):
        for name in page["PolicyNames"]:
            held = iam.get_role_policy(RoleName=role, PolicyName=name)
            yield from _statements(held["PolicyDocument"])


def _attached(iam: Any, role: str) -> Iterator[Any]:
    """Those of managed policies, which somebody may have put in place of the template's own."""
    for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=role):
        for one in page["AttachedPolicies"]:
            policy = iam.get_policy(PolicyArn=one["PolicyArn"])["Policy"]
            held = iam.get_policy_version(
                PolicyArn=one["PolicyArn"], VersionId=policy["DefaultVersionId"]
            )
            yield from _statements(held["PolicyVersion"]["Document"])


def _statements(document: Any) -> list[Any]:
    return listed((json.loads(document) if isinstance(document, str) else document)["Statement"])
