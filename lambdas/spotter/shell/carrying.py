"""Carrying a lineage on: hear what is known of it, decide, act, and write down what was done.

What can be cut off at any point is done again from the ledger: an ending that nobody settled is
decided anew, a claim that is not started is looked up in SageMaker first and adopted only on proof
(our claim, our tags, an equal request), else decided and created again under the same name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import ServiceModel

from spotter.core import claims, rows
from spotter.core.case import Case, Decision, Kind, refuse
from spotter.core.decisions import decide
from spotter.core.identity import Attempt, JobId
from spotter.core.policy import Rung
from spotter.core.rows import Row
from spotter.shell import requests, sagemaker
from spotter.shell.hearing import Hearing
from spotter.shell.ledger import Ledger

LATER = ("ResourceLimitExceeded", "ConflictException", "ThrottlingException", "Throttling")
NEVER = ("ValidationException", "AccessDeniedException", "AccessDenied", "ResourceNotFound")


@dataclass(frozen=True)
class Carrier:
    """What carrying on needs: the ledger, SageMaker and the model of its API, and an ear."""

    ledger: Ledger
    sagemaker: Any
    model: ServiceModel
    hearing: Hearing

    def attend(self, root: JobId, now: datetime) -> Iterator[tuple[Attempt, Decision]]:
        """Decide about everything in a lineage that wants a look by now, and do it."""
        lineage = {row[rows.SK]: row for row in self.ledger.partition(rows.lineage_pk(root))}
        for key, row in lineage.items():
            if not claims.is_due(row, now):
                continue
            attempt = Attempt(root, rows.number_of(key))
            if key.startswith("ENDED#"):
                successor = lineage.get(rows.attempt_sk(attempt.number + 1))
                yield attempt, self._settle(attempt, row, successor, now)
            else:
                ended = lineage[rows.ended_sk(attempt.number - 1)]
                yield attempt, self._take_up(attempt, row, ended, now)

    def _settle(
        self, attempt: Attempt, ended: Row, successor: Row | None, now: datetime
    ) -> Decision:
        described = self.hearing.described(ended)
        if described is None:
            return self._answer(ended, refuse("SageMaker no longer knows it"), attempt, now)
        case = self.hearing.case(described, attempt, now, successor=successor)
        decision = decide(case)
        if decision.kind is Kind.CARRY_ON:
            request = self._request(case, decision, described)
            claim = claims.claim(case, decision, ended, requests.fingerprint(request))
            self.ledger.claim(claim.fresh, ended, claim.settled)
            self._create(claim.attempt, claim.slot, request, now)
            return decision
        return self._answer(ended, decision, attempt, now)

    def _answer(self, ended: Row, decision: Decision, attempt: Attempt, now: datetime) -> Decision:
        """Write down what was decided, where nothing is created."""
        waits = decision.kind is Kind.WAIT
        settled = claims.settled(ended, decision, attempt.next.name, now)
        self.ledger.replace(ended, claims.held(ended, decision, now) if waits else settled)
        return decision

    def _take_up(self, attempt: Attempt, row: Row, ended: Row, now: datetime) -> Decision:
        """A claim that was cut off, or that had to wait."""
        existing = sagemaker.describe(self.sagemaker, [row["name"]])
        described = self.hearing.described(ended)
        if existing is not None:
            return self._adopt(row, existing, described or existing)
        if self.hearing.was_seen(attempt, row["name"]):
            self.ledger.replace(row, claims.started(row))
            return refuse("it was started before, and is gone")
        if described is None:
            return self._give_up(row, refuse("SageMaker no longer knows the attempt before it"))
        before = Attempt(attempt.root, attempt.number - 1)
        case = self.hearing.case(described, before, now, successor=row, claimed=True)
        decision = decide(case)
        if decision.kind is Kind.CARRY_ON:
            self._try_again(row, case, decision, described)
        elif decision.kind is Kind.WAIT:
            until = decision.until or now
            self.ledger.replace(row, claims.waiting(row, decision.reason, until))
        else:
            self._give_up(row, decision)
        return decision

    def _try_again(self, row: Row, case: Case, decision: Decision, described: Any) -> None:
        """Decided anew, under the same name; every try takes a slot of its own."""
        request, slot = self._request(case, decision, described), claims.slot(case)
        hashed = requests.fingerprint(request)
        again = row | claims.creating(decision, hashed, row[rows.PK], case.now)
        self.ledger.claim([slot], row, again)
        self._create(again | {"turn": row["turn"] + 1}, slot, request, case.now)

    def _give_up(self, row: Row, decision: Decision) -> Decision:
        self.ledger.replace(row, claims.abandoned(row, decision.reason))
        return decision

    def _create(self, row: Row, slot: Row, request: requests.Request, now: datetime) -> None:
        """Ask SageMaker; what it says is written down, and what it leaves open is raised."""
        try:
            self.sagemaker.create_training_job(**request)
        except ParamValidationError:
            self._give_up(row, refuse("the request is none that SageMaker's model allows"))
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
            existing = sagemaker.describe(self.sagemaker, [row["name"]])
        if existing is not None:
            self._adopt_equal(row, existing, request)
        elif code in LATER:
            until = now + claims.QUOTA_PAUSE
            self.ledger.replace(row, claims.waiting(row, f"SageMaker answers {code}", until))
            self.ledger.replace(slot, claims.returned(slot))
        elif code in NEVER:
            self._give_up(row, refuse(f"SageMaker answers {code}"))
        else:
            raise error

    def _adopt(self, row: Row, existing: Any, described: Any) -> Decision:
        """The request is made again from the attempt before, or if that is gone from the child."""
        attempt = Attempt(JobId.parse(row["root"]), row["attempt"])
        rung = Rung(row["rung"])
        request = requests.next_request(self.model, described, {}, attempt, rung)
        return self._adopt_equal(row, existing, request)

    def _adopt_equal(self, row: Row, existing: Any, request: requests.Request) -> Decision:
        """Ours if it was claimed, bears our tags, and is what we asked for."""
        tags = sagemaker.tags(self.sagemaker, existing["TrainingJobArn"])
        attempt = Attempt(JobId.parse(row["root"]), row["attempt"])
        equal = row["request"] == requests.fingerprint(request)
        if equal and attempt.tags.items() <= tags.items() and requests.describes(existing, request):
            self.ledger.replace(row, claims.started(row))
            return Decision(Kind.CARRY_ON, "it exists, and is ours by proof")
        return self._give_up(row, refuse(f"a job named {row['name']} exists, and is not ours"))

    def _request(self, case: Case, decision: Decision, described: Any) -> requests.Request:
        assert decision.rung is not None
        return requests.next_request(
            self.model, described, case.tags, case.attempt.next, decision.rung
        )
