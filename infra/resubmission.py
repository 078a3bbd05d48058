"""Resubmission: what the owner's policy lets Spotter carry on, written out as permissions.

In mode `advise` the function exists, decides and says so, and nothing here lets it create a job. In
mode `act` it may, within bounds that hold even if its code were wrong: the policy's roles, instance
types and runtime are conditions of the permission itself.
"""

from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra import permits
from infra.dead_letters import DeadLetters
from infra.function import Function
from infra.ledger import Ledger
from infra.operations import Operations
from spotter.core import rows
from spotter.core.policy import Mode, Policy
from spotter.core.settings import ResubmitSettings


class Resubmission(Construct):
    """The switch, and the function resubmit that decides about every ending."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        ledger: Ledger,
        policy: Policy,
        code: lambda_.Code,
        operations: Operations,
    ):
        super().__init__(scope, name)
        self.switch, self.in_force = self._switch(), self._policy_in_force(policy)
        self.resubmit = Function(
            self,
            "Resubmit",
            code=code,
            settings=ResubmitSettings(
                ledger=ledger.table.table_name,
                switch=self.switch.parameter_name,
                policy_in_force=self.in_force.parameter_name,
            ),
            timeout=Duration.minutes(1),
            operations=operations,
            meaning=(
                "resubmit failed, so an ended attempt waits: read its log; it is tried ten times, "
                "and the sweep nudges what is left."
            ),
        )
        self._listen(ledger, operations)
        parameters = [self.switch.parameter_arn, self.in_force.parameter_arn]
        self.resubmit.allow("ssm:GetParameter", on=parameters)
        permits.look(self.resubmit, policy)
        if policy.resubmission.circuit_breaker:
            ledger.grant_read_market(self.resubmit)
        if policy.resubmission.mode is Mode.ACT:
            permits.create(self.resubmit, policy)

    def _listen(self, ledger: Ledger, operations: Operations) -> None:
        failures = DeadLetters(
            self,
            operations=operations,
            meaning=(
                "Endings were given up by the stream: the sweep nudges them; read the log of "
                "resubmit for the cause."
            ),
        )
        ledger.wake(self.resubmit, by=rows.WAKES_RESUBMIT, batch_size=10, failures=failures)
        ledger.grant_read(self.resubmit)
        ledger.grant_read_open(self.resubmit)
        ledger.grant_append(self.resubmit)

    def _switch(self) -> ssm.StringParameter:
        """The owner's, once made: a deployment that changed anything in it would turn it on."""
        return ssm.StringParameter(
            self,
            "Switch",
            parameter_name=f"/{Stack.of(self).stack_name}/resubmission",
            string_value="on",
            description=(
                'Set this to "off" and Spotter carries nothing on; set it to "on" to go on. '
                'Anything but "on" counts as off.'
            ),
        )

    def _policy_in_force(self, policy: Policy) -> ssm.StringParameter:
        """Its LastModifiedDate is when this policy was deployed; older endings are left alone."""
        return ssm.StringParameter(
            self,
            "PolicyInForce",
            parameter_name=f"/{Stack.of(self).stack_name}/policy-in-force",
            string_value=policy.fingerprint,
            description="Spotter carries on nothing that ended before this value was set.",
        )
