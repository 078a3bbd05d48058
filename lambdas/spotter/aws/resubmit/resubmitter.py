"""Resubmitting in a lineage: read the evidence, decide, act, and record what was done.

The function may be stopped at any point; the next one continues from the ledger. An ending without a final
decision is decided again. For a claim that is not started, the job is looked up in SageMaker first and
adopted only on proof (our claim, our tags, an equal request), else it is decided again and created under
the same name.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from botocore.model import ServiceModel

from spotter.aws.ledger.jobs import Beside
from spotter.aws.ledger.table import Ledger
from spotter.aws.record import describe
from spotter.aws.resubmit import stopper, training_request
from spotter.aws.resubmit.creation import Creator
from spotter.aws.resubmit.evidence import EvidenceCollector, FinishedAttempt
from spotter.aws.resubmit.running_attempt import DeadlineLook
from spotter.aws.resubmit.stopper import Stopper
from spotter.core.deadline.stop_order import OrderState
from spotter.core.ledger import stop_order
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.lineage_rows import LineageRows
from spotter.core.ledger.slot import Slot
from spotter.core.ledger.stop_order import StopOrder
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt, JobId
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.resubmit import claims
from spotter.core.resubmit.case import Case, Decision, Kind, refuse
from spotter.core.resubmit.decide import decide
from spotter.core.resubmit.plan import Plan
from spotter.core.resubmit.rules.acting import SOON

NOT_COVERED = refuse("its name does not begin with the policy's job_name_prefix")
"""Of a lineage that was recorded before the prefix was set; its jobs must not be described any more."""


@dataclass(frozen=True)
class Resubmitter:
    """What resubmitting needs: the ledger, a SageMaker to read from, and `creating`, one to create jobs
    with, as a Creator has it.
    """

    ledger: Ledger
    sagemaker: Any
    creating: Any
    model: ServiceModel
    evidence: EvidenceCollector

    @cached_property
    def creator(self) -> Creator:
        return Creator(self.ledger, self.sagemaker, self.creating, self.model, self.evidence)

    @cached_property
    def running(self) -> DeadlineLook:
        limit = timedelta(seconds=int(self.evidence.settings.time_limit))
        switch = self.evidence.switch
        stops = Stopper(
            self.ledger, self.sagemaker, self.creating, lambda: switch().on, time_limit=limit
        )
        return DeadlineLook(self.ledger, self.evidence, stops)

    def settle(self, root: JobId, now: datetime) -> Iterator[tuple[Attempt, Decision | StopOrder]]:
        """Decide about everything in a lineage that is due by now, and act; Malformed, and
        nothing done, if any of its rows cannot be read.
        """
        lineage = self.ledger.lineage(root)
        for claim in lineage.attempts.values():
            if claims.is_due(claim, now):
                yield claim.attempt, self._finish_claim(claim, lineage, now)
        for ended in lineage.endings.values():
            if claims.is_due(ended, now):
                yield ended.attempt, self._settle(ended, lineage, now)
        last = lineage.last(root) if self.evidence.policy.has_deadlines else None
        order = self.running.look(last, lineage, now) if last else None
        if last and order:
            yield last, order

    def _ended(self, attempt: Attempt, lineage: LineageRows) -> FinishedAttempt | None:
        """What SageMaker describes of an attempt that ended; None if it no longer knows it."""
        job = attempt.job(str(lineage.endings[attempt.number].job))
        described = self.evidence.described(job)
        if described is None:
            return None
        first = described if attempt.number == 1 else self.evidence.described(attempt.root)
        return FinishedAttempt(attempt, lineage, described, first)

    def _settle(self, row: EndingRecord, lineage: LineageRows, now: datetime) -> Decision:
        if not self.evidence.policy.covers(row.attempt.root.name):
            return self._answer(row, NOT_COVERED, now)
        order = lineage.orders.get(row.attempt.number)
        ended = self._ended(row.attempt, lineage)
        if ended is None:
            return self._answer(_deleted(row, order), refuse("SageMaker no longer knows it"), now)
        case = self._case(ended, now, row)
        decision = decide(case)
        closing = self._closing(case, ended)
        if case.ending is Ending.HANDED_OVER:
            row = replace(row, ending=Ending.HANDED_OVER.value)
        if decision.kind is Kind.RESUBMIT:
            request = self._request(case, decision.plan, ended)
            claim = claims.claim(case, decision, row, training_request.fingerprint(request))
            self.ledger.claim(claim.fresh, row, claim.settled, *closing)
            left = self._create(claim.attempt, claim.slot, request, case)
            return self._decide_again(left, ended, now) if left else decision
        if case.deadline and decision.until:  # which may want on demand before that
            decision = replace(decision, until=min(decision.until, now + SOON))
        return self._answer(row, decision, now, closing)

    def _closing(self, case: Case, ended: FinishedAttempt) -> tuple[Beside, ...]:
        """The order to stop this attempt, which is closed with its ending: whoever read it before meets a conflict."""
        if case.order is None and not case.has_deadline:
            return ()
        closed = stop_order.closed(
            case.order, case.attempt, case.job.id, stopper.shows(ended.described)
        )
        return ((case.order, closed),)

    def _create(
        self, row: AttemptRecord, slot: Slot, request: training_request.Request, case: Case
    ) -> AttemptRecord | None:
        """Create it. If a deadline's on demand has no quota left, spot is used at once where it can still help."""
        planned = CapacityOption.parse(row.option)
        spot_is_left = any(option.spot for option, skipped in case.choices if not skipped)
        otherwise = case.deadline is not None and not planned.spot and spot_is_left
        return self.creator.create(row, slot, request, case.now, otherwise=otherwise)

    def _case(
        self,
        ended: FinishedAttempt,
        now: datetime,
        row: EndingRecord | AttemptRecord,
        *,
        claimed: bool = False,
    ) -> Case:
        """The case, with the faults of the request that would be sent, in whatever mode."""
        case = self.evidence.case(ended, now, row, claimed=claimed)
        if not case.passed_first_stage or case.plan is None:
            return case
        request = self._request(case, _as_tried(case.plan, row), ended)
        return replace(case, faults=training_request.faults(self.model, request))

    def _answer(
        self,
        ended: EndingRecord,
        decision: Decision,
        now: datetime,
        closing: tuple[Beside, ...] = (),
    ) -> Decision:
        """Record a decision that creates nothing."""
        settled = claims.settled(ended, decision, ended.attempt.next.name, now)
        if decision.kind is Kind.WAIT:
            self.ledger.replace(ended, claims.held(ended, decision, now))
        elif closing:
            self.ledger.claim((), ended, settled, *closing)
        else:
            self.ledger.replace(ended, settled)
        return decision

    def _finish_claim(self, row: AttemptRecord, lineage: LineageRows, now: datetime) -> Decision:
        """Continue with a claim that was interrupted, or that had to wait."""
        attempt = row.attempt
        if not self.evidence.policy.covers(attempt.root.name):
            return self.creator.give_up(row, NOT_COVERED)
        existing = describe.describe(self.sagemaker, [row.name])
        before = Attempt(attempt.root, attempt.number - 1)
        ended = self._ended(before, lineage)
        if existing is not None:
            return self.creator.adopt(row, existing, [ended.origin] if ended else [])
        if self.evidence.was_seen(attempt, row.name):
            self.ledger.replace(row, claims.started(row))
            return refuse("it was started before, and is gone")
        if ended is None:
            return self.creator.give_up(
                row, refuse("SageMaker no longer knows the attempt before it")
            )
        return self._decide_again(row, ended, now)

    def _decide_again(self, row: AttemptRecord, ended: FinishedAttempt, now: datetime) -> Decision:
        """A claim is decided anew by all rules, without the capacity options that SageMaker refused for good.

        Each repetition has one capacity option fewer, so the repetition ends.
        """
        case = self._case(ended, now, row, claimed=True)
        decision = decide(case)
        if decision.kind is Kind.RESUBMIT:
            left = self._try_again(row, case, decision, ended)
            return self._decide_again(left, ended, now) if left else decision
        if decision.kind is Kind.WAIT:
            self.creator.put_off(row, decision, decision.until or now)
        else:
            self.creator.give_up(row, decision)
        return decision

    def _try_again(
        self, row: AttemptRecord, case: Case, decision: Decision, ended: FinishedAttempt
    ) -> AttemptRecord | None:
        """Decide again, under the same name; each try takes a new slot.

        A member that SageMaker refused once is left out again.
        """
        assert decision.plan is not None
        decision = replace(decision, plan=_as_tried(decision.plan, row))
        request, slot = self._request(case, decision.plan, ended), claims.slot(case)
        hashed = training_request.fingerprint(request)
        again = claims.tried_again(row, decision, hashed, case.now)
        put = self.ledger.claim([slot], row, again)
        return self._create(put, slot, request, case)

    def _request(
        self, case: Case, planned: Plan | None, ended: FinishedAttempt
    ) -> training_request.Request:
        assert planned is not None
        tags, following = case.tags, case.attempt.next
        return training_request.next_request(self.model, ended.origin, tags, following, planned)


def _deleted(row: EndingRecord, order: StopOrder | None) -> EndingRecord:
    """The ending of a job that SageMaker no longer knows; if Spotter had stopped it, an alert says so."""
    ours = order is not None and order.state is OrderState.CALLED
    return replace(row, ending=Ending.HANDED_OVER.value) if ours else row


def _as_tried(planned: Plan, row: EndingRecord | AttemptRecord) -> Plan:
    """The plan, without the metric definitions where SageMaker refused them before."""
    return replace(planned, metrics=row.metrics if isinstance(row, AttemptRecord) else True)
