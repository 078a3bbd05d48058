"""Carrying a lineage on: hear what is known of it, decide, act, and write down what was done.

What can be cut off at any point is done again from the ledger: an ending that nobody settled is
decided anew, a claim that is not started is looked up in SageMaker first and adopted only on proof
(our claim, our tags, an equal request), else decided and created again under the same name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import ServiceModel

from spotter.core import claims, plans, rows
from spotter.core.case import Case, Decision, Kind, refuse
from spotter.core.decisions import decide
from spotter.core.identity import Attempt, JobId
from spotter.core.rows import Row
from spotter.shell import requests, sagemaker
from spotter.shell.hearing import Ended, Hearing
from spotter.shell.ledger import Ledger

LATER = ("ResourceLimitExceeded", "ConflictException", "ThrottlingException", "Throttling")
NEVER = ("ValidationException", "AccessDeniedException", "AccessDenied", "ResourceNotFound")


Lineage = Mapping[str, Row]


@dataclass(frozen=True)
class Carrier:
    """What carrying on needs: the ledger, an ear, and a SageMaker to create jobs with.

    That one is asked once and not tried again, since nobody could switch off what a client's own
    retries create seconds later. `model` is that of its API.
    """

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
                yield attempt, self._settle(attempt, row, lineage, now)
            else:
                yield attempt, self._take_up(attempt, row, lineage, now)

    def _ended(self, attempt: Attempt, lineage: Lineage) -> Ended | None:
        """What SageMaker says of an attempt that ended; None if it no longer knows it."""
        job = attempt.job(lineage[rows.ended_sk(attempt.number)]["job"])
        described = self.hearing.described(job)
        if described is None:
            return None
        first = described if attempt.number == 1 else self.hearing.described(attempt.root)
        return Ended(attempt, lineage, described, first)

    def _settle(self, attempt: Attempt, row: Row, lineage: Lineage, now: datetime) -> Decision:
        ended = self._ended(attempt, lineage)
        if ended is None:
            return self._answer(row, refuse("SageMaker no longer knows it"), attempt, now)
        case = self.hearing.case(ended, now)
        decision = decide(case)
        if decision.kind is Kind.CARRY_ON:
            request = self._request(case, decision, ended)
            claim = claims.claim(case, decision, row, requests.fingerprint(request))
            self.ledger.claim(claim.fresh, row, claim.settled)
            self._create(claim.attempt, claim.slot, request, now)
            return decision
        return self._answer(row, decision, attempt, now)

    def _answer(self, ended: Row, decision: Decision, attempt: Attempt, now: datetime) -> Decision:
        """Write down what was decided, where nothing is created."""
        waits = decision.kind is Kind.WAIT
        settled = claims.settled(ended, decision, attempt.next.name, now)
        self.ledger.replace(ended, claims.held(ended, decision, now) if waits else settled)
        return decision

    def _take_up(self, attempt: Attempt, row: Row, lineage: Lineage, now: datetime) -> Decision:
        """A claim that was cut off, or that had to wait."""
        existing = sagemaker.describe(self.hearing.sagemaker, [row["name"]])
        before = Attempt(attempt.root, attempt.number - 1)
        ended = self._ended(before, lineage)
        if existing is not None:
            return self._adopt(row, existing, [ended.origin] if ended else [])
        if self.hearing.was_seen(attempt, row["name"]):
            self.ledger.replace(row, claims.started(row))
            return refuse("it was started before, and is gone")
        if ended is None:
            return self._give_up(row, refuse("SageMaker no longer knows the attempt before it"))
        case = self.hearing.case(ended, now, claimed=True)
        decision = decide(case)
        if decision.kind is Kind.CARRY_ON:
            self._try_again(row, case, decision, ended)
        elif decision.kind is Kind.WAIT:
            self._put_off(row, decision.reason, decision.until or now)
        else:
            self._give_up(row, decision)
        return decision

    def _try_again(self, row: Row, case: Case, decision: Decision, ended: Ended) -> None:
        """Decided anew, under the same name; every try takes a slot of its own."""
        request, slot = self._request(case, decision, ended), claims.slot(case)
        hashed = requests.fingerprint(request)
        again = claims.tried_again(row, decision, hashed, case.now)
        self.ledger.claim([slot], row, again)
        self._create(again | {"turn": row["turn"] + 1}, slot, request, case.now)

    def _give_up(self, row: Row, decision: Decision) -> Decision:
        self.ledger.replace(row, claims.abandoned(row, decision.reason))
        return decision

    def _put_off(self, row: Row, reason: str, until: datetime) -> None:
        self.ledger.replace(row, claims.waiting(row, reason, until))

    def _create(self, row: Row, slot: Row, request: requests.Request, now: datetime) -> None:
        """Ask SageMaker; what it says is written down, and what it leaves open is raised.

        The switch is read once more: what was heard of it may be seconds old by now.
        """
        switch = self.hearing.switch()
        if not switch.on:
            self._put_off(row, f"resubmission is switched off: {switch.said}", now)
            self.ledger.replace(slot, claims.returned(slot))
            return
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
            existing = sagemaker.describe(self.hearing.sagemaker, [row["name"]])
        if existing is not None:
            self._adopt_equal(row, existing, request)
        elif code in LATER:
            self._put_off(row, f"SageMaker answers {code}", now + claims.QUOTA_PAUSE)
            self.ledger.replace(slot, claims.returned(slot))
        elif code in NEVER:
            self._give_up(row, refuse(f"SageMaker answers {code}"))
        else:
            raise error

    def _adopt(self, row: Row, existing: Any, origins: list[Any]) -> Decision:
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
        return self._give_up(row, refuse(f"a job named {row['name']} exists, and is not ours"))

    def _request(self, case: Case, decision: Decision, ended: Ended) -> requests.Request:
        assert decision.plan is not None
        tags, following = case.tags, case.attempt.next
        return requests.next_request(self.model, ended.origin, tags, following, decision.plan)
