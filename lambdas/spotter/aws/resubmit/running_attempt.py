"""A look at a running attempt of a lineage with a deadline: whether it is stopped, so that the next one can start.

Theory. A job is stopped only if its lineage would go on at this moment. So the attempt is judged as if Spotter had
stopped it: by all rules of a resubmission, with all evidence. If they would create the next attempt, the stop is
ordered. If not (no complete checkpoint, no attempts left, the switch, the creations of this hour), the job runs on.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from spotter.aws.deadline.assessing import DeadlineAssessor
from spotter.aws.ledger.table import Ledger
from spotter.aws.resubmit.evidence import EvidenceCollector, FinishedAttempt
from spotter.aws.resubmit.stopper import Described, Stopper
from spotter.core.deadline.assessment import Assessment
from spotter.core.deadline.hand_over import NextStep, Phase
from spotter.core.deadline.stop_order import OrderState
from spotter.core.ledger.deadline import DeadlineRecord, deadline_key
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.lineage_rows import LineageRows
from spotter.core.ledger.stop_order import StopOrder
from spotter.core.model.identity import Attempt
from spotter.core.policy.model import Mode
from spotter.core.resubmit.case import Case, Decision, Kind
from spotter.core.resubmit.decide import decide
from spotter.core.resubmit.rules.acting import SOON


@dataclass(frozen=True)
class DeadlineLook:
    """The ledger, what is read for a decision, and what stops."""

    ledger: Ledger
    evidence: EvidenceCollector
    stopper: Stopper

    def look(self, attempt: Attempt, lineage: LineageRows, now: datetime) -> StopOrder | None:
        """The order to stop this attempt, if this look changed it; None if it is as it was, or there is none."""
        head = self._head(attempt)
        order = lineage.orders.get(attempt.number)
        if head is None or not head.spot or not self._may_be_due(head, order, now):
            return None
        described = self.evidence.described(head.id)
        if described is None:
            return None
        first = described if attempt.number == 1 else self.evidence.described(attempt.root)
        running = FinishedAttempt(attempt, lineage, described, first)
        case, decision = self._judged(running, now)
        if self.evidence.policy.resubmission.mode is not Mode.ACT:
            after = self._advised(order, case, decision)
        else:
            after = self._stopped(order, running, case, decision)
        return None if after == order else after

    def _head(self, attempt: Attempt) -> JobRecord | None:
        heads = self.ledger.heads_named(attempt.root, attempt.name)
        return next((head for head in heads if head.running and head.attempt == attempt), None)

    def _may_be_due(self, head: JobRecord, order: StopOrder | None, now: datetime) -> bool:
        """False if the ledger alone shows that nothing is to be done: no deadline that is recorded under this policy, or it stays.

        So SageMaker is called only for a job that may be stopped, and for one that has an order.
        """
        policy = self.evidence.policy
        if not policy.covers(head.attempt.root.name) or head.no_deadline == policy.fingerprint:
            return False
        if order is not None:
            return True
        known = self.ledger.get(DeadlineRecord, deadline_key(head.id))
        if known is None or known.terms is None or known.policy != policy.fingerprint:
            return False
        found = DeadlineAssessor(self.ledger).assess(head, known.terms, now)
        return found.step is not NextStep.STAY

    def _judged(self, running: FinishedAttempt, now: datetime) -> tuple[Case, Decision | None]:
        """The case as if it were stopped, and the decision about it; None if the deadline wants no stop."""
        case = self.evidence.case(running, now, supposed=True)
        wanted = case.deadline is not None and wants_stop(case, case.deadline)
        return case, decide(case) if wanted else None

    def _stopped(
        self,
        order: StopOrder | None,
        running: FinishedAttempt,
        case: Case,
        decision: Decision | None,
    ) -> StopOrder | None:
        if decision is not None and decision.kind is not Kind.RESUBMIT:
            return self._kept(order, running, case, decision)
        if decision is None and order is None:
            return None
        fresh = ordered(OrderState.ORDERED, case, decision)

        def is_due(described: Described) -> bool:
            if described is running.described:
                return decision is not None
            _, again = self._judged(replace(running, described=described), case.now)
            return again is not None and again.kind is Kind.RESUBMIT

        return self.stopper.look(order, fresh, running.described, is_due)

    def _kept(
        self,
        order: StopOrder | None,
        running: FinishedAttempt,
        case: Case,
        decision: Decision,
    ) -> StopOrder | None:
        """The deadline wants a stop, and a rule would not let the lineage go on: the job runs on, and the row says why."""
        if order is not None and order.state is OrderState.CALLING:
            fresh = ordered(OrderState.ORDERED, case, decision)
            return self.stopper.look(order, fresh, running.described, lambda _: False)
        same = order is not None and (order.answer == decision.rule or order.closed)
        if same or (order is not None and order.state is OrderState.CALLED):
            return order
        reason = (
            f"it is not stopped, because the next attempt would not be created: {decision.reason}"
        )
        kept = replace(
            ordered(OrderState.VOID, case, decision), reason=reason, answer=decision.rule
        )
        return self._put(order, kept)

    def _advised(
        self, order: StopOrder | None, case: Case, decision: Decision | None
    ) -> StopOrder | None:
        """In mode `advise` the row says, once for each step, when the job would have been stopped, and for what."""
        if decision is None or decision.kind is not Kind.ADVISE or case.deadline is None:
            return order
        if order is not None and order.step is case.deadline.step:
            return order
        return self._put(order, ordered(OrderState.ADVISED, case, decision))

    def _put(self, order: StopOrder | None, new: StopOrder) -> StopOrder | None:
        if order is not None:
            return self.ledger.replace(order, replace(new, others=order.others))
        first = replace(new, turn=0)
        return first if self.ledger.put_new(first) else None


def wants_stop(case: Case, deadline: Assessment) -> bool:
    """Whether the deadline wants this running job stopped now.

    A job that is on spot because on demand was refused stays as soon as it has an instance; while it waits, on demand
    is tried again every few minutes.
    """
    if deadline.step is NextStep.STAY or not case.job.running:
        return False
    if deadline.step is NextStep.HAND_OVER and case.on_demand_refused:
        standing = deadline.standing
        return standing.phase is Phase.WAITING and standing.waited >= SOON
    return True


def ordered(state: OrderState, case: Case, decision: Decision | None) -> StopOrder:
    """The order as it is put in this state, with what the deadline wants and what would come next."""
    planned = decision.plan if decision else None
    return StopOrder(
        attempt=case.attempt,
        job=case.job.id,
        state=state,
        step=case.deadline.step if case.deadline else NextStep.STAY,
        reason=case.deadline.reason if case.deadline else None,
        option=str(planned.option) if planned else None,
        ordered=case.now,
    )
