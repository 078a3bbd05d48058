"""Resubmission: the function resubmit, with the permissions that the owner's policy gives it.

In mode `advise` the function decides and records its decisions, and has no permission to create a job.
In mode `act` it may create jobs, within limits that hold even if its code is wrong: the policy's roles,
instance types and runtime are conditions of the permission itself. It may stop jobs only if a rule sets deadlines, and
only those that bear the rule's tags.
"""

from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra import resubmit_permissions
from infra.dead_letters import DeadLetterQueue
from infra.function import SpotterFunction
from infra.ledger import LedgerTable
from infra.operations import Operations
from spotter.core.ledger import wake_filters
from spotter.core.model.settings import ResubmitSettings
from spotter.core.policy.model import Mode, Policy


class Resubmission(Construct):
    """The switch, and the function resubmit that decides about every finished attempt."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        ledger: LedgerTable,
        policy: Policy,
        code: lambda_.Code,
        operations: Operations,
    ):
        super().__init__(scope, name)
        self.switch, self.in_force = SwitchParameter(self), self._policy_in_force(policy)
        limit = Duration.minutes(2 if policy.verify_checkpoints else 1)
        self.resubmit = SpotterFunction(
            self,
            "Resubmit",
            code=code,
            settings=ResubmitSettings(
                stack=Stack.of(self).stack_name,
                ledger=ledger.table.table_name,
                switch=self.switch.name,
                policy_in_force=self.in_force.parameter_name,
                time_limit=f"{limit.to_seconds():.0f}",
            ),
            timeout=limit,
            memory_mib=512 if policy.verify_checkpoints else 256,
            operations=operations,
            meaning=(
                "resubmit failed, so a finished attempt has no decision yet. Read its log. Each batch is "
                "tried ten times, and the sweep then reports the attempt again."
            ),
        )
        self._subscribe(ledger, operations, policy)
        self.resubmit.allow("ssm:GetParameter", on=[self.switch.arn])
        self.resubmit.allow("ssm:GetParameterHistory", on=[self.in_force.parameter_arn])
        resubmit_permissions.read_jobs(self.resubmit, policy)
        if policy.verify_checkpoints:
            resubmit_permissions.read_checkpoints(self.resubmit, policy)
        if policy.resubmission.circuit_breaker:
            ledger.grant_read_market(self.resubmit)
        if policy.resubmission.mode is Mode.ACT:
            resubmit_permissions.create(self.resubmit, policy)
            resubmit_permissions.stop(self.resubmit, policy)

    def _subscribe(self, ledger: LedgerTable, operations: Operations, policy: Policy) -> None:
        failures = DeadLetterQueue(
            self,
            operations=operations,
            meaning=(
                "The stream gave up on finished attempts, so they have no decision yet. Read the log of "
                "resubmit for the cause. The sweep reports them again."
            ),
        )
        wakes = wake_filters.wakes_resubmit(deadlines=policy.has_deadlines)
        ledger.wake(self.resubmit, by=wakes, batch_size=10, failures=failures)
        ledger.grant_read(self.resubmit)
        ledger.grant_find_by_location(self.resubmit)
        ledger.grant_append(self.resubmit)

    def _policy_in_force(self, policy: Policy) -> ssm.StringParameter:
        """The fingerprint of the policy; the history of the parameter shows when it was deployed."""
        return ssm.StringParameter(
            self,
            "PolicyInForce",
            parameter_name=f"/{Stack.of(self).stack_name}/policy-in-force",
            string_value=policy.fingerprint,
            description="Fingerprint of the policy. Spotter resubmits no job that finished before this value was set.",
        )


class SwitchParameter:
    """The name of the switch, a parameter outside the stack: the first pause creates it.

    CloudFormation would write its value again at every update, even of a stack tag, and delete it with
    the stack; so a parameter of the stack could not hold a pause.
    """

    def __init__(self, scope: Construct):
        stack = Stack.of(scope)
        self.name = f"/{stack.stack_name}/switch"
        self.arn = stack.format_arn(
            service="ssm", resource="parameter", resource_name=self.name.removeprefix("/")
        )
        put = f"aws ssm put-parameter --region {stack.region} --name {self.name} --type String"
        self.to_pause, self.to_resume = (f"{put} --overwrite --value {v}" for v in ("off", "on"))
