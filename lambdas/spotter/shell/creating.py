"""Creating the next attempt: what SageMaker answers is written down, and what it leaves open is raised.

A request may be refused for something that Describe shows and CreateTrainingJob does not take; it is
then changed and sent once more. Whatever is sent has its hash in the claim before it is sent, so that
a job which was created without our hearing of it can still be adopted on proof.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import ServiceModel

from spotter.core import claims, plans
from spotter.core.case import Decision, Kind, refuse
from spotter.core.identity import Attempt, JobId
from spotter.core.rows import Row
from spotter.shell import requests, sagemaker
from spotter.shell.hearing import Hearing
from spotter.shell.ledger import Ledger

LATER = ("ResourceLimitExceeded", "ConflictException", "ThrottlingException", "Throttling")
NEVER = ("ValidationException", "AccessDeniedException", "AccessDenied", "ResourceNotFound")
METRICS = "override the metric definitions"
"""What SageMaker answers where it defines the metrics itself (ValidationException)."""


@dataclass(frozen=True)
class Creator:
    """What creating needs: the ledger, and a SageMaker to create jobs with.

    That one is asked once and not tried again, since nobody could switch off what a client's own
    retries create seconds later. `model` is that of its API.
    """

    ledger: Ledger
    sagemaker: Any
    model: ServiceModel
    hearing: Hearing

    def give_up(self, row: Row, decision: Decision) -> Decision:
        self.ledger.replace(row, claims.abandoned(row, decision.reason))
        return decision

    def put_off(self, row: Row, reason: str, until: datetime) -> None:
        self.ledger.replace(row, claims.waiting(row, reason, until))

    def create(self, row: Row, slot: Row, request: requests.Request, now: datetime) -> None:
        """Ask SageMaker; what it says is written down, and what it leaves open is raised.

        The switch is read once more: what was heard of it may be seconds old by now.
        """
        switch = self.hearing.switch()
        if not switch.on:
            self.put_off(row, f"resubmission is switched off: {switch.said}", now)
            self.ledger.replace(slot, claims.returned(slot))
            return
        try:
            self.sagemaker.create_training_job(**request)
        except ParamValidationError:
            self.give_up(row, refuse("the request is none that SageMaker's model allows"))
        except ClientError as error:
            self._refused(error, row, slot, request, now)
        else:
            self.ledger.replace(row, claims.started(row))

    def _refused(
        self, error: ClientError, row: Row, slot: Row, request: requests.Request, now: datetime
    ) -> None:
        """The name is taken (by ourselves, perhaps), or it is too soon, or it will never be."""
        code = error.response["Error"]["Code"]
        existing = None
        if code == "ResourceInUse":
            existing = sagemaker.describe(self.hearing.sagemaker, [row["name"]])
        if existing is not None:
            self._adopt_equal(row, existing, request)
        elif code in LATER:
            self.put_off(row, f"SageMaker answers {code}", now + claims.QUOTA_PAUSE)
            self.ledger.replace(slot, claims.returned(slot))
        elif _is_about_metrics(error) and requests.has_metrics(request):
            self._without_metrics(row, slot, request, now)
        elif code in NEVER:
            self.give_up(row, refuse(f"SageMaker answers {code}"))
        else:
            raise error

    def _without_metrics(
        self, row: Row, slot: Row, request: requests.Request, now: datetime
    ) -> None:
        """SageMaker defines this algorithm's metrics itself: ask once more without the request's."""
        bare = requests.without_metrics(request)
        changed = row | {"request": requests.fingerprint(bare), "metrics": False}
        self.ledger.replace(row, changed)
        self.create(changed | {"turn": row["turn"] + 1}, slot, bare, now)

    def adopt(self, row: Row, existing: Any, origins: list[Any]) -> Decision:
        """The request is made again from what it was made from, or if that is gone by now, from the
        job itself: whatever it is made from, only the one that was claimed has its fingerprint.
        """
        attempt, planned = Attempt(JobId.parse(row["root"]), row["attempt"]), plans.read(row)
        again = [
            requests.next_request(self.model, origin, {}, attempt, planned)
            for origin in (*origins, existing)
        ]
        equal = [one for one in again if requests.fingerprint(one) == row["request"]]
        return self._adopt_equal(row, existing, (equal or again)[0])

    def _adopt_equal(self, row: Row, existing: Any, request: requests.Request) -> Decision:
        """Ours if it was claimed, bears our tags, and is what we asked for."""
        tags = sagemaker.tags(self.hearing.sagemaker, existing["TrainingJobArn"])
        attempt = Attempt(JobId.parse(row["root"]), row["attempt"])
        equal = row["request"] == requests.fingerprint(request)
        if equal and attempt.tags.items() <= tags.items() and requests.describes(existing, request):
            self.ledger.replace(row, claims.started(row))
            return Decision(Kind.CARRY_ON, "it exists, and is ours by proof")
        return self.give_up(row, refuse(f"a job named {row['name']} exists, and is not ours"))


def _is_about_metrics(error: ClientError) -> bool:
    answer = error.response["Error"]
    return answer["Code"] == "ValidationException" and METRICS in answer.get("Message", "")
