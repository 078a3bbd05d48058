"""The functions: that they exist and may start, what starts them, and what their roles may do."""

from collections.abc import Iterator
from functools import partial

from spotter_cli.doctor.evidence import (
    FunctionState,
    HealthEvidence,
    RoleState,
    SourceState,
    Unread,
)
from spotter_cli.doctor.result import CheckResult, finding, judged, not_checked, note, ok

WELL = ("Active", "Inactive")
"""Lambda takes the resources of a function that was idle for weeks; the next event brings them back."""
CHANGING = "Pending"
"""https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html"""
PROBLEM = "PROBLEM"
"""So the last result begins when Lambda could not read the source, or the function failed: Lambda tries again.

https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html (the field; its texts are not listed)
"""
SHOWN = 4


def functions(seen: HealthEvidence) -> Iterator[CheckResult]:
    """Each function exists, is active, is not throttled, and has the settings of the template."""
    for name, state in seen.functions.items():
        absent = (
            f"The function {name} does not exist.",
            (
                "Remove it from the stack and deploy, then deploy the whole stack: CloudFormation does not create "
                "again what somebody deleted."
            ),
        )
        yield from judged(f"function {name}", state, absent, partial(_function, name))


def _function(name: str, state: FunctionState) -> Iterator[CheckResult]:
    key = f"function {name}"
    if state.state == CHANGING:
        yield not_checked(key, "AWS is creating or changing it: try again in a minute")
    elif state.state not in WELL:
        yield finding(
            key,
            f"The function {name} is {state.state}: {state.reason or 'AWS gives no reason'}.",
            "Remove the cause, and deploy again.",
        )
    elif state.reserved == 0:
        yield finding(
            key,
            f"The function {name} is throttled: its reserved concurrency is 0.",
            f"Allow it to run: aws lambda delete-function-concurrency --function-name {state.name}",
        )
    elif state.changed:
        yield finding(
            key,
            f"The function {name} was changed after the deployment: {', '.join(state.changed)}.",
            "Put the values of the template back: aws lambda update-function-configuration.",
        )
    elif isinstance(state.reserved, Unread):
        yield not_checked(f"concurrency of {name}", state.reserved.reason)
    else:
        yield ok(key, f"{state.state}, with the settings of the template")


def sources(seen: HealthEvidence) -> Iterator[CheckResult]:
    """The event source mapping of each function is enabled, and its last batch had no problem."""
    for name, state in seen.sources.items():
        absent = (
            f"The event source mapping of {name} does not exist: nothing starts the function.",
            "Create it again: aws lambda create-event-source-mapping, with the values of the template.",
        )
        yield from judged(f"trigger of {name}", state, absent, partial(_source, name))


def _source(name: str, state: SourceState) -> Iterator[CheckResult]:
    key = f"trigger of {name}"
    if state.state not in ("Enabled", "Enabling", "Creating", "Updating"):
        yield finding(
            key,
            f"The event source mapping of {name} is {state.state}: nothing starts the function.",
            f"Enable it: aws lambda update-event-source-mapping --enabled --uuid {state.uuid}",
        )
    elif state.last_result.startswith(PROBLEM):
        yield note(
            key,
            f'{state.state}, but Lambda\'s last result is "{state.last_result}".',
            f"Read the log of {name} if this stays.",
        )
    else:
        result = f"; the last result is {state.last_result}" if state.last_result else ""
        yield ok(key, f"{state.state}{result}")


def permissions(seen: HealthEvidence) -> Iterator[CheckResult]:
    """Each role may do what the deployed policy needs: what the template allows it."""
    for name, state in seen.roles.items():
        absent = (
            f"The role of {name} does not exist.",
            "Deploy the stack under another name, and remove this one: a function keeps the id of its first role.",
        )
        yield from judged(f"permissions of {name}", state, absent, partial(_role, name))


def _role(name: str, state: RoleState) -> Iterator[CheckResult]:
    key = f"permissions of {name}"
    if state.lacks:
        more = f" and {len(state.lacks) - SHOWN} more" if len(state.lacks) > SHOWN else ""
        yield finding(
            key,
            f"The role of {name} ({state.name}) lacks {', '.join(state.lacks[:SHOWN])}{more}.",
            "Put the policy of the template back: aws iam put-role-policy.",
        )
    else:
        yield ok(key, "the role has what the template allows it")


RULES = (functions, sources, permissions)
