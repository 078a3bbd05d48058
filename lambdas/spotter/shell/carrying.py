"""Carrying a lineage on: hear what is known of it, decide, act, and write down what was done.

What can be cut off at any point is done again from the ledger: an ending that nobody settled is
decided anew, a claim that is not started is looked up in SageMaker first and adopted only on proof
(our claim, our tags, an equal request), else decided and created again under the same name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
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

LATER = ("ResourceLimitExceeded", "ThrottlingException", "Throttling", "TooManyRequestsException")
NEVER = ("ValidationException", "ValidationError", "AccessDeniedException", "AccessDenied")


@dataclass(frozen=True)
class Carrier:
    """What carrying on needs: the ledger, SageMaker and the model of its API, and an ear."""

    ledger: Ledger
    sagemaker: Any
    model: ServiceModel
    hearing: Hearing

    def attend(self, root: JobId, now: datetime) -> Iterator[tuple[Attempt, Decision]]:
        """Decide about everything in a lineage that is not settled, and do it."""
        lineage = {row[rows.SK]: row for row in self.ledger.partition(rows.lineage_pk(root))}
        for key, row in lineage.items():
            number = int(key.rpartition("#")[2])
            if key.startswith("ENDED#") and "settled" not in row:
                successor = lineage.get(rows.attempt_sk(number + 1))
                yield self._settle(Attempt(root, number), row, successor, now)
            due = row.get(rows.OPEN_SK, "~") <= rows.open_keys("", now)[rows.OPEN_SK]
            if key.startswith("ATTEMPT#") and row["state"] in claims.OPEN_STATES and due:
                ended = lineage[rows.ended_sk(number - 1)]
                yield self._take_up(Attempt(root, number), row, ended, now)

    def _settle(
        self, attempt: Attempt, ended: Row, successor: Row | None, now: datetime
    ) -> tuple[Attempt, Decision]:
        described = self.hearing.described(ended)
        if described is None:
            decision = refuse("SageMaker no longer knows it")
            self.ledger.replace(ended, claims.settled(ended, decision, "", now))
            return attempt, decision
        case = self.hearing.case(described, attempt, now, successor=successor)
        decision = decide(case)
        if decision.kind is Kind.CARRY_ON:
            self._carry_on(case, decision, described, ended)
        elif decision.kind is Kind.WAIT:
            self.ledger.replace(ended, claims.held(ended, decision, now))
        else:
            answer = claims.settled(ended, decision, attempt.next.name, now)
            self.ledger.replace(ended, answer)
        return attempt, decision

    def _carry_on(self, case: Case, decision: Decision, described: Any, ended: Row) -> None:
        request = self._request(case, decision, described)
        claim = claims.claim(case, decision, ended, requests.fingerprint(request))
        self.ledger.claim(claim.fresh, ended, claim.settled, unclaimed=self._last_hours(case))
        self._create(claim.attempt, request, case)

    def _take_slot(self, case: Case, row: Row, again: Row) -> None:
        """Try a claim again; in another hour than the last time that is another creation."""
        if case.holds_slot:
            self.ledger.replace(row, again)
        else:
            fresh = [claims.slot(case)]
            self.ledger.claim(fresh, row, again, unclaimed=self._last_hours(case))

    def _last_hours(self, case: Case) -> Row:
        """The key that the last hour's next slot would have: taken meanwhile, we were outrun."""
        return self.hearing.next_slot(case.now - timedelta(hours=1))

    def _take_up(
        self, attempt: Attempt, row: Row, ended: Row, now: datetime
    ) -> tuple[Attempt, Decision]:
        """A claim that was cut off, or that had to wait."""
        described = self.hearing.described(ended)
        if described is None:
            decision = refuse("SageMaker no longer knows the attempt before it")
            self.ledger.replace(row, claims.abandoned(row, decision.reason))
            return attempt, decision
        before = Attempt(attempt.root, attempt.number - 1)
        case = self.hearing.case(described, before, now, successor=row, claim=row)
        existing = sagemaker.describe(self.sagemaker, [row["name"]])
        if existing is not None:
            return attempt, self._adopt(row, existing, described, case)
        decision = decide(case)
        if decision.kind is Kind.CARRY_ON:
            request = self._request(case, decision, described)
            pk, print_ = row[rows.PK], requests.fingerprint(request)
            again = row | claims.creating(decision, print_, pk, now)
            self._take_slot(case, row, again)
            self._create(again | {"turn": row["turn"] + 1}, request, case)
        elif decision.kind is Kind.WAIT:
            until = decision.until or now
            self.ledger.replace(row, claims.waiting(row, decision.reason, until))
        else:
            self.ledger.replace(row, claims.abandoned(row, decision.reason))
        return attempt, decision

    def _create(self, row: Row, request: requests.Request, case: Case) -> None:
        """Ask SageMaker; what it says is written down, and what it leaves open is raised."""
        try:
            self.sagemaker.create_training_job(**request)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ResourceInUse":
                existing = sagemaker.describe(self.sagemaker, [row["name"]])
                if existing is None:
                    raise
                self._adopt_equal(row, existing, request)
            elif code in LATER:
                until = case.now + claims.QUOTA_PAUSE
                self.ledger.replace(row, claims.waiting(row, f"SageMaker answers {code}", until))
            elif code in NEVER:
                self.ledger.replace(row, claims.abandoned(row, f"SageMaker answers {code}"))
            else:
                raise
        else:
            self.ledger.replace(row, claims.started(row))

    def _adopt(self, row: Row, existing: Any, described: Any, case: Case) -> Decision:
        claimed = Decision(Kind.CARRY_ON, "it was claimed before", rung=Rung(row["rung"]))
        return self._adopt_equal(row, existing, self._request(case, claimed, described))

    def _adopt_equal(self, row: Row, existing: Any, request: requests.Request) -> Decision:
        """Ours if it was claimed, bears our tags, and is what we asked for."""
        tags = sagemaker.tags(self.sagemaker, existing["TrainingJobArn"])
        attempt = Attempt(JobId.parse(row["root"]), row["attempt"])
        equal = row["request"] == requests.fingerprint(request)
        if equal and attempt.tags.items() <= tags.items() and requests.describes(existing, request):
            self.ledger.replace(row, claims.started(row))
            return Decision(Kind.CARRY_ON, "it exists, and is ours by proof")
        reason = f"a job named {row['name']} exists, and is not ours"
        self.ledger.replace(row, claims.abandoned(row, reason))
        return refuse(reason)

    def _request(self, case: Case, decision: Decision, described: Any) -> requests.Request:
        assert decision.rung is not None
        return requests.next_request(
            self.model, described, case.tags, case.attempt.next, decision.rung
        )
