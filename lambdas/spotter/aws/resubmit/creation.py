"""Creating the next attempt: SageMaker's answer is recorded; an error without an answer is raised.

A request may be refused for something that Describe shows and CreateTrainingJob does not take; it is
then changed and sent once more. The hash of each request is in the claim before the request is sent. So if
SageMaker created the job and its answer was lost, Spotter can still prove that the job is its own.
"""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import ServiceModel

from spotter.aws.ledger.table import Ledger
from spotter.aws.record import describe
from spotter.aws.resubmit import training_request
from spotter.aws.resubmit.evidence import EvidenceCollector
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.slot import Slot
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.resubmit import claims, describe_to_create, plan
from spotter.core.resubmit.case import Decision, Kind, refuse
from spotter.core.resubmit.refusals import ANOTHER_RUNG, Cause, Refusal, refusal


@dataclass(frozen=True)
class Creator:
    """What creating needs: the ledger, a SageMaker to read from, and `creating`, one to create jobs with.

    That one calls once and does not retry: a client's own retries could create a job seconds after
    resubmission was switched off. `model` is that of its API.
    """

    ledger: Ledger
    sagemaker: Any
    creating: Any
    model: ServiceModel
    evidence: EvidenceCollector

    def give_up(self, row: AttemptRecord, decision: Decision) -> Decision:
        self.ledger.replace(row, claims.abandoned(row, decision))
        return decision

    def put_off(self, row: AttemptRecord, decision: Decision, until: datetime) -> None:
        self.ledger.replace(row, claims.waiting(row, decision, until))

    def create(
        self,
        row: AttemptRecord,
        slot: Slot,
        request: training_request.Request,
        now: datetime,
        *,
        otherwise: bool = False,
    ) -> AttemptRecord | None:
        """Send the request and record SageMaker's answer; an error without an answer is raised.

        The claim as it stands if another capacity option is to be taken at once, else None; with `otherwise` also
        where this one's quota is in use. The switch is read once more: what was read of it may be seconds
        old by now.
        """
        switch = self.evidence.switch()
        if not switch.on:
            off = Decision(Kind.WAIT, f"resubmission is switched off: {switch.reason}")
            self._later(row, slot, off, now)
            return None
        try:
            self.creating.create_training_job(**request)
        except ParamValidationError as error:
            self._never(row, self._read("ParamValidationError", str(error)))
            return None
        except ClientError as error:
            return self._refused(error, row, slot, request, now, otherwise=otherwise)
        self.ledger.replace(row, claims.started(row))
        return None

    def _read(self, code: str, message: str) -> Refusal:
        return refusal(code, message, training_request.parameters(self.model))

    def _refused(
        self,
        error: ClientError,
        row: AttemptRecord,
        slot: Slot,
        request: training_request.Request,
        now: datetime,
        *,
        otherwise: bool,
    ) -> AttemptRecord | None:
        """SageMaker refused: the name is taken (perhaps by this very claim), or it must wait, or it never
        accepts the request.
        """
        answer = error.response["Error"]
        answered = self._read(answer["Code"], answer.get("Message", ""))
        if answered.code == "ResourceInUse":
            existing = describe.describe(self.sagemaker, [row.name])
            if existing is not None:
                self._adopt_equal(row, existing, request)
                return None
        if answered.kind is Cause.METRICS and training_request.has_metrics(request):
            bare = describe_to_create.without_metrics(request)
            return self._once_more(row, slot, bare, now, otherwise=otherwise, metrics=False)
        if answered.kind is Cause.DENIED and training_request.several(request):
            option = CapacityOption.parse(row.option)
            narrowed = str(dataclasses.replace(option, types=option.types[:1]))
            alone = training_request.first_type_alone(request)
            return self._once_more(row, slot, alone, now, otherwise=otherwise, option=narrowed)
        return self._answered(error, answered, row, slot, now, otherwise=otherwise)

    def _answered(
        self,
        error: ClientError,
        answered: Refusal,
        row: AttemptRecord,
        slot: Slot,
        now: datetime,
        *,
        otherwise: bool,
    ) -> AttemptRecord | None:
        """What follows from the answer: wait, take another capacity option, or abandon the claim."""
        denied = row.denied + 1
        elsewhere = otherwise and answered.kind is Cause.IN_USE
        if answered.passes and not elsewhere:
            self._later(row, slot, _waits(answered), now + claims.QUOTA_PAUSE)
        elif answered.kind is Cause.DENIED and denied < claims.DENIALS:
            self._later(row, slot, _waits(answered, denied), now + claims.QUOTA_PAUSE)
        elif elsewhere or answered.kind in ANOTHER_RUNG:
            refused = self.ledger.replace(row, claims.option_refused(row, answered))
            self.ledger.replace(slot, claims.returned(slot))
            return refused
        elif answered.kind is Cause.OTHER:
            raise error
        else:
            self._never(row, answered)
        return None

    def _later(self, row: AttemptRecord, slot: Slot, decision: Decision, until: datetime) -> None:
        self.put_off(row, decision, until)
        self.ledger.replace(slot, claims.returned(slot))

    def _never(self, row: AttemptRecord, answered: Refusal) -> None:
        self.give_up(row, refuse(answered.reason, answered))

    def _once_more(
        self,
        row: AttemptRecord,
        slot: Slot,
        request: training_request.Request,
        now: datetime,
        *,
        otherwise: bool,
        **changed: Any,
    ) -> AttemptRecord | None:
        """The same creation with what SageMaker refused left out; nothing was created by the first."""
        again = dataclasses.replace(row, request=training_request.fingerprint(request), **changed)
        put = self.ledger.replace(row, again)
        return self.create(put, slot, request, now, otherwise=otherwise)

    def adopt(self, row: AttemptRecord, existing: Any, origins: list[Any]) -> Decision:
        """The request is made again from what it was made from, or if that is gone by now, from the
        job itself: whatever it is made from, only the one that was claimed has its fingerprint.
        """
        attempt, planned = row.attempt, plan.read(row)
        again = [
            training_request.next_request(self.model, origin, {}, attempt, planned)
            for origin in (*origins, existing)
        ]
        equal = [one for one in again if training_request.fingerprint(one) == row.request]
        return self._adopt_equal(row, existing, (equal or again)[0])

    def _adopt_equal(
        self, row: AttemptRecord, existing: Any, request: training_request.Request
    ) -> Decision:
        """Ours if it was claimed, bears our tags, and is what Spotter requested."""
        tags = describe.tags(self.sagemaker, existing["TrainingJobArn"])
        attempt = row.attempt
        equal = row.request == training_request.fingerprint(request)
        if (
            equal
            and attempt.tags.items() <= tags.items()
            and training_request.describes(existing, request)
        ):
            self.ledger.replace(row, claims.started(row))
            return Decision(
                Kind.RESUBMIT, "it exists, and its claim proves that Spotter created it"
            )
        return self.give_up(
            row, refuse(f"a job named {row.name} exists, and Spotter did not create it")
        )


def _waits(answered: Refusal, denied: int = 0) -> Decision:
    return Decision(Kind.WAIT, answered.reason, refusal=answered, denied=denied)
