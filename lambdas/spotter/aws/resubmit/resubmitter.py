"""Carrying a lineage on: hear what is known of it, decide, act, and write down what was done.

What can be cut off at any point is done again from the ledger: an ending that nobody settled is
decided anew, a claim that is not started is looked up in SageMaker first and adopted only on proof
(our claim, our tags, an equal request), else decided and created again under the same name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from botocore.model import ServiceModel

from spotter.aws.ledger.table import Ledger
from spotter.aws.record import describe
from spotter.aws.resubmit import training_request
from spotter.aws.resubmit.creation import Creator
from spotter.aws.resubmit.evidence import EvidenceCollector, FinishedAttempt
from spotter.core.ledger import row_keys
from spotter.core.ledger.row_keys import Row
from spotter.core.ledger.validation import sound
from spotter.core.model.identity import Attempt, JobId
from spotter.core.resubmit import claims
from spotter.core.resubmit.case import Case, Decision, Kind, refuse
from spotter.core.resubmit.decide import decide, is_decided_by_describe
from spotter.core.resubmit.plan import Plan

Lineage = Mapping[str, Row]


@dataclass(frozen=True)
class Resubmitter:
    """What carrying on needs: the ledger, an ear, and a SageMaker to create jobs with, as a Creator
    has it.
    """

    ledger: Ledger
    sagemaker: Any
    model: ServiceModel
    hearing: EvidenceCollector

    @cached_property
    def creator(self) -> Creator:
        return Creator(self.ledger, self.sagemaker, self.model, self.hearing)

    def attend(self, root: JobId, now: datetime) -> Iterator[tuple[Attempt, Decision]]:
        """Decide about everything in a lineage that wants a look by now, and do it; Malformed, and
        nothing done, if any of its rows cannot be read.
        """
        held = self.ledger.partition(row_keys.lineage_pk(root))
        lineage = {row[row_keys.SK]: sound(row) for row in held}
        for key, row in lineage.items():
            if not claims.is_due(row, now):
                continue
            attempt = Attempt(root, row_keys.number_of(key))
            if key.startswith(row_keys.ENDINGS):
                yield attempt, self._settle(attempt, row, lineage, now)
            else:
                yield attempt, self._take_up(attempt, row, lineage, now)

    def _ended(self, attempt: Attempt, lineage: Lineage) -> FinishedAttempt | None:
        """What SageMaker says of an attempt that ended; None if it no longer knows it."""
        job = attempt.job(lineage[row_keys.ended_sk(attempt.number)]["job"])
        described = self.hearing.described(job)
        if described is None:
            return None
        first = described if attempt.number == 1 else self.hearing.described(attempt.root)
        return FinishedAttempt(attempt, lineage, described, first)

    def _settle(self, attempt: Attempt, row: Row, lineage: Lineage, now: datetime) -> Decision:
        ended = self._ended(attempt, lineage)
        if ended is None:
            return self._answer(row, refuse("SageMaker no longer knows it"), attempt, now)
        case = self._case(ended, now, row)
        decision = decide(case)
        if decision.kind is Kind.CARRY_ON:
            request = self._request(case, decision.plan, ended)
            claim = claims.claim(case, decision, row, training_request.fingerprint(request))
            self.ledger.claim(claim.fresh, row, claim.settled)
            left = self.creator.create(claim.attempt, claim.slot, request, now)
            return self._decide_again(left, ended, now) if left else decision
        return self._answer(row, decision, attempt, now)

    def _case(
        self, ended: FinishedAttempt, now: datetime, row: Row, *, claimed: bool = False
    ) -> Case:
        """The case, with the faults of the request that would be sent, in whatever mode."""
        case = self.hearing.case(ended, now, row, claimed=claimed)
        if is_decided_by_describe(case) or case.plan is None:
            return case
        request = self._request(case, _as_tried(case.plan, row), ended)
        return replace(case, faults=training_request.faults(self.model, request))

    def _answer(self, ended: Row, decision: Decision, attempt: Attempt, now: datetime) -> Decision:
        """Write down what was decided, where nothing is created."""
        waits = decision.kind is Kind.WAIT
        settled = claims.settled(ended, decision, attempt.next.name, now)
        self.ledger.replace(ended, claims.held(ended, decision, now) if waits else settled)
        return decision

    def _take_up(self, attempt: Attempt, row: Row, lineage: Lineage, now: datetime) -> Decision:
        """A claim that was cut off, or that had to wait."""
        existing = describe.describe(self.hearing.sagemaker, [row["name"]])
        before = Attempt(attempt.root, attempt.number - 1)
        ended = self._ended(before, lineage)
        if existing is not None:
            return self.creator.adopt(row, existing, [ended.origin] if ended else [])
        if self.hearing.was_seen(attempt, row["name"]):
            self.ledger.replace(row, claims.started(row))
            return refuse("it was started before, and is gone")
        if ended is None:
            return self.creator.give_up(
                row, refuse("SageMaker no longer knows the attempt before it")
            )
        return self._decide_again(row, ended, now)

    def _decide_again(self, row: Row, ended: FinishedAttempt, now: datetime) -> Decision:
        """A claim is decided anew by all rules, without the rungs that SageMaker refused for good.

        Each time round one rung fewer is left, so it comes to an end.
        """
        case = self._case(ended, now, row, claimed=True)
        decision = decide(case)
        if decision.kind is Kind.CARRY_ON:
            left = self._try_again(row, case, decision, ended)
            return self._decide_again(left, ended, now) if left else decision
        if decision.kind is Kind.WAIT:
            self.creator.put_off(row, decision, decision.until or now)
        else:
            self.creator.give_up(row, decision)
        return decision

    def _try_again(
        self, row: Row, case: Case, decision: Decision, ended: FinishedAttempt
    ) -> Row | None:
        """Decided anew, under the same name; every try takes a slot of its own.

        What SageMaker refused to take back once stays left out.
        """
        assert decision.plan is not None
        decision = replace(decision, plan=_as_tried(decision.plan, row))
        request, slot = self._request(case, decision.plan, ended), claims.slot(case)
        hashed = training_request.fingerprint(request)
        again = claims.tried_again(row, decision, hashed, case.now)
        self.ledger.claim([slot], row, again)
        return self.creator.create(again | {"turn": row["turn"] + 1}, slot, request, case.now)

    def _request(
        self, case: Case, planned: Plan | None, ended: FinishedAttempt
    ) -> training_request.Request:
        assert planned is not None
        tags, following = case.tags, case.attempt.next
        return training_request.next_request(self.model, ended.origin, tags, following, planned)


def _as_tried(planned: Plan, row: Row) -> Plan:
    """The plan, without the metrics where SageMaker refused to take them back before."""
    return replace(planned, metrics=row.get("metrics", True))
