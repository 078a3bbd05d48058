"""What the functions call and what their roles permit are the same: nothing is missing, nothing is unused.

Every call of AWS that the handlers make over random fleets and some stories is put to the synthesised roles, by an
evaluator that shares nothing with the stack.
"""

import random
from collections import deque
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from spotter.core.policy.model import DigestPolicy, Policy
from spotter.core.policy.parse import parse_policy
from tests.infra.calls import needed
from tests.infra.conftest import Synthesise
from tests.infra.iam_evaluation import Request, allowed, applies_to
from tests.infra.template import Template
from tests.support.checkpoint_files import tensors
from tests.support.deployed_spotter import DeployedSpotter
from tests.support.jobs import ROLE
from tests.support.lambdas_own_calls import OUTSIDE
from tests.support.nightly_lineage import LIMITS, NO_CAPACITY, OUT_OF_WAIT_AT_12, failing
from tests.support.proof_table import ProofCount

TEXT = f"""
checkpoint_locations = ["s3://ml-checkpoints/*"]
verify_checkpoints = true
[alerts]
email = ["team@example.com"]
[resubmission]
mode = "act"
roles = ["{ROLE}"]
instance_types = ["ml.g5.*"]
max_runtime = "4h"
circuit_breaker = {{ count = 10, within = "1h", open_for = "2h" }}
[[rule]]
name = "nightly-*"
on = ["MaxWaitTimeExceeded", "NeverLaunched", "CapacityError"]
max_attempts = 3
"""
FUNCTIONS = ("record", "alert", "resubmit", "sweep")
Traced = tuple[str, str, str, dict[str, Any]]


@dataclass(frozen=True)
class Calls:
    """The calls that were made, and the template of the policy under which they were."""

    template: Template
    made: list[Traced]

    def needs(self) -> list[tuple[str, Request]]:
        return [
            (function, request)
            for function, service, method, given in self.made
            for request in needed(self.template, function, service, method, given)
        ]


def the_policy() -> Policy:
    return replace(parse_policy("calls", TEXT), digest=DigestPolicy(monthly=True))


def lived(number: int) -> list[Traced]:
    """A story under the policy: a lineage that runs out, one that resumes, jobs that are only swept."""
    spotter = DeployedSpotter(the_policy(), random.Random(number), wired=number == 0, quiet=True)
    spotter.trace = deque(maxlen=None)
    world = spotter.world
    with spotter.deployed():
        world.weather = lambda entry: [entry] if number != 2 else []
        if number == 0:
            failing(world, "nightly-1", "nightly-2", then=NO_CAPACITY)
        else:
            world.script("nightly-7", OUT_OF_WAIT_AT_12)
            world.create("nightly-7", StoppingCondition=LIMITS)
            spotter.pass_time(20, step=5)
            key = "nightly-7/checkpoint-9/model.safetensors"
            world.s3.put_object(Bucket="ml-checkpoints", Key=key, Body=tensors({"w": 4}))
            spotter.pass_time(45, step=5)
        for _ in range(6):
            spotter.pass_time(60, step=30)
            spotter.sweep()
        world.now += timedelta(days=12)
        spotter.sweep()
    assert spotter.violations == []
    return list(spotter.trace)


@pytest.fixture(scope="module")
def calls(synthesise: Synthesise) -> Calls:
    return Calls(synthesise(the_policy()), [call for n in range(3) for call in lived(n)])


@pytest.mark.shows(
    "permissions", "calls that the handlers made, put to their roles: none is missing"
)
def test_every_call_is_permitted(calls: Calls, proof: ProofCount) -> None:
    may = {verb: [*calls.template.may(calls.template.role_of(verb))] for verb in FUNCTIONS}
    denied = [(f, r) for f, r in calls.needs() if not allowed(r, may[f])]
    proof.count(tries=len(calls.needs()), fired=len(calls.needs()))
    assert denied == []
    assert len(calls.needs()) > 300


@pytest.mark.shows(
    "permissions", "permissions of the roles, held against the calls: none is unused"
)
def test_every_permission_is_used(calls: Calls, proof: ProofCount) -> None:
    """By action and resource: a resource that no call names would be a permission too many."""
    needs = calls.needs()
    unused = []
    for verb in FUNCTIONS:
        asked = [request for function, request in needs if function == verb]
        for statement in calls.template.may(calls.template.role_of(verb)):
            for action in set(statement["Action"]) - set(OUTSIDE):
                for resource in statement["Resource"]:
                    one = statement | {"Action": [action], "Resource": [resource]}
                    proof.count(tries=1, fired=1)
                    if not any(applies_to(one, request) for request in asked):
                        unused.append(f"{verb}: {action} on {resource}")
    by_lambda = ("DeadLetters",)  # Lambda sends there what a function could not handle
    assert [one for one in unused if not any(name in one for name in by_lambda)] == []


def test_a_role_without_any_one_of_its_permissions_misses_a_call(calls: Calls) -> None:
    """So the test above can fail: each action that is used is needed."""
    needs = calls.needs()
    for verb in FUNCTIONS:
        may = [*calls.template.may(calls.template.role_of(verb))]
        used = {r.action for f, r in needs if f == verb}
        for action in used:
            less = [s | {"Action": [a for a in s["Action"] if a != action]} for s in may]
            assert any(not allowed(r, less) for f, r in needs if f == verb and r.action == action)
