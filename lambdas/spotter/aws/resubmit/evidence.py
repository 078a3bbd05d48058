"""Collects the evidence about an ended attempt from SageMaker, S3, SSM and the ledger."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from spotter.aws.checkpoints import scan, verification
from spotter.aws.deadline.assessing import DeadlineAssessor
from spotter.aws.ledger import neighbours, slots
from spotter.aws.ledger.table import Ledger
from spotter.aws.record import describe
from spotter.aws.resubmit import parameters
from spotter.core.checkpoints import Findings
from spotter.core.deadline.assessment import Assessment
from spotter.core.deadline.hand_over import NextStep
from spotter.core.deadline.stop_order import StoppedBy
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.lineage_rows import LineageRows
from spotter.core.ledger.slot import Slot
from spotter.core.ledger.validation import Malformed
from spotter.core.model.checkpoint_locations import touches
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.job import Job
from spotter.core.model.settings import ResubmitSettings
from spotter.core.model.times import utc
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Policy
from spotter.core.resubmit import claims
from spotter.core.resubmit.case import Case, Switch
from spotter.core.resubmit.circuit_breaker import circuit_open_until
from spotter.core.resubmit.decide import first_stage
from spotter.core.resubmit.past_attempts import PastAttempt, past
from spotter.core.resubmit.plan import types_of

MOST_SHORTAGES = 1000
"""The largest `count` that a policy may ask for; in a storm the newest are enough."""
FEW = 5
"""Jobs that share a location: one is enough to decide, and a reader is served by a few."""


@dataclass(frozen=True)
class FinishedAttempt:
    """An attempt that ended: its lineage's rows by their sort key, and DescribeTrainingJob's answer about it.

    `first` is DescribeTrainingJob's answer about the lineage's first attempt, None if it was deleted.
    """

    attempt: Attempt
    lineage: LineageRows
    described: Any
    first: Any

    @property
    def origin(self) -> Any:
        """What the next attempt's request is made from."""
        return self.first or self.described


@dataclass(frozen=True)
class EvidenceCollector:
    """What is read for a decision: the ledger, SageMaker, S3 and SSM, under the policy."""

    ledger: Ledger
    sagemaker: Any
    s3: Any
    ssm: Any
    policy: Policy
    settings: ResubmitSettings

    def described(self, job: JobId) -> Any:
        """The job as SageMaker shows it; None if it is gone, also if its name is another job's now."""
        described = describe.describe(self.sagemaker, [job.name])
        return described if described and Job.described(described).id == job else None

    def was_seen(self, attempt: Attempt, name: str) -> bool:
        """True if the ledger holds a head of this attempt: so it was created."""
        heads = self.ledger.heads_named(attempt.root, name)  # Malformed: nobody knows
        return any(head.attempt == attempt for head in heads)

    def switch(self) -> Switch:
        """The switch as it stands at this moment."""
        return parameters.switch(self.ssm, self.settings.switch)

    def case(
        self,
        ended: FinishedAttempt,
        now: datetime,
        row: EndingRecord | AttemptRecord | None = None,
        *,
        claimed: bool = False,
        supposed: bool = False,
    ) -> Case:
        """Gather the case; evidence that can no longer change the decision is not read.

        `row` is that of the ending, or of the claim that follows it: it holds SageMaker's answer so far. With
        `supposed` the attempt runs, and is judged as if Spotter had stopped it.
        """
        job = Job.described(ended.described)
        head = self.ledger.head(job.id)
        successor = ended.lineage.attempts.get(ended.attempt.number + 1)
        claim = self.ledger.attempt(ended.attempt) if ended.attempt.number > 1 else None
        order = ended.lineage.orders.get(ended.attempt.number)
        date = describe.date(ended.described)
        case = Case(
            job=job,
            attempt=ended.attempt,
            policy=self.policy,
            now=now,
            tags=describe.tags(self.sagemaker, job.arn),
            first=Job.described(ended.first) if ended.first else None,
            past=self._past(ended),
            own_claim=_state(ended.attempt, claim),
            successor=successor.name if successor else None,
            successor_claim=successor.state if successor else "started",
            claimed=claimed,
            recorded_training=head is not None and head.reached_training,
            refused_options=claims.refused_options(row),
            waited_for=claims.waited_for(row),
            denied=row.denied if row else 0,
            order=order,
            stopped_by=order.stopped_by(date) if order else StoppedBy.SOMEBODY_ELSE,
            supposed=supposed,
            own_option=CapacityOption.parse(claim.option) if claim else None,
            on_demand_refused=_on_demand_refused(claim, ended),
        )
        case = replace(case, deadline=self._deadline(case))
        if supposed and (case.deadline is None or case.deadline.step is NextStep.STAY):
            return case
        case = first_stage(case)
        return self._with_the_rest(case, ended.lineage) if case.passed_first_stage else case

    def _deadline(self, case: Case) -> Assessment | None:
        """How the lineage stands by its deadline; None if it has none. The attempt counts as it is described."""
        terms = case.rule.deadline(case.attempt.root.created) if case.rule else None
        if terms is None:
            return None
        head = JobRecord.of(case.job, case.attempt, in_scope=True)
        return DeadlineAssessor(self.ledger).assess(head, terms, case.now)

    def _past(self, ended: FinishedAttempt) -> tuple[PastAttempt, ...]:
        """The attempts before this one, in their order."""
        root, bounds = ended.attempt.root, self.policy.resubmission
        endings = sorted(ended.lineage.endings.items())
        before = [row for number, row in endings if number < ended.attempt.number]
        known = [(row, Attempt(root, row.attempt.number).job(str(row.job))) for row in before]
        heads = self.ledger.heads(job for _, job in known)
        return tuple(past(row, heads.get(job), bounds) for row, job in known)

    def _with_the_rest(self, case: Case, lineage: LineageRows) -> Case:
        """The slots are read first: a claim that comes later takes the number that is wanted here."""
        recent = slots.recent(self.ledger, case.now)
        print_ = self.policy.fingerprint
        since = parameters.in_force(self.ssm, self.settings.policy_in_force, print_)
        hour = utc(case.now - claims.AN_HOUR_OF_CREATIONS)
        counted = [slot for slot in recent.slots if slot.claimed > hour and not slot.returned]
        unreadable = sum(met > hour for met in recent.unreadable)
        return replace(
            case,
            switch=self.switch(),
            policy_since=since,
            found=self._found(case),
            running_attempts=tuple(self._running_attempts(case, lineage)),
            sharing=tuple(self._sharing(case)),
            pending=tuple(self._pending(case, recent.slots)),
            circuit_open_until=self._open_circuits(case),
            recent_creations=len(counted) + unreadable,
            recent_creations_of_the_rule=sum(s.policy_rule == str(case.rule) for s in counted),
            next_slot=recent.newest + 1,
        )

    def _open_circuits(self, case: Case) -> dict[str, datetime]:
        """The instance types among the capacity options whose circuit breaker is open, and until when."""
        breaker = self.policy.resubmission.circuit_breaker
        if breaker is None:
            return {}
        since = case.now - breaker.within - breaker.open_for
        kinds = {
            k for option, _ in case.choices if option.spot for k in types_of(option, case.origin)
        }
        held = {k: self.ledger.shortages(k, since, case.now) for k in sorted(kinds)}
        some = {k: list(islice(found, MOST_SHORTAGES)) for k, found in held.items()}
        until = {k: circuit_open_until(found, breaker, case.now) for k, found in some.items()}
        return {kind: instant for kind, instant in until.items() if instant}

    def _found(self, case: Case) -> Findings:
        """S3 is listed also where no checkpoint is needed: without a newer one the attempt made no progress."""
        if not case.trained or not case.job.checkpoint:
            return case.found
        found = scan.find_checkpoints_and_neighbours(
            self.s3, case.job.checkpoint, self.policy, case.now
        )
        if not self.policy.verify_checkpoints:
            return found
        return verification.verified(self.s3, case.job.checkpoint, found, verification.Bounds())

    def _running_attempts(self, case: Case, lineage: LineageRows) -> Iterator[str]:
        """Running attempts of this lineage; the one that ended may have a head that lags behind."""
        for head in neighbours.of_lineage(self.ledger, case.attempt, lineage.numbers):
            if head.id != case.job.id:
                yield head.id.name

    def _sharing(self, case: Case) -> Iterator[str]:
        """A few of the running jobs of other lineages whose checkpoints the next attempt would touch."""
        mine, root = case.job.checkpoint, case.attempt.root
        return islice(neighbours.at_location(self.ledger, mine, root), FEW) if mine else iter(())

    def _pending(self, case: Case, recent: Iterable[Slot]) -> Iterator[str]:
        """Attempts of other lineages that are claimed, or so new that the index may not know them."""
        mine, root = case.job.checkpoint, case.attempt.root
        for slot in recent:
            if not mine or not slot.checkpoint or slot.attempt.root == root:
                continue
            if touches(mine, slot.checkpoint) and not self._is_over(slot):
                yield slot.name

    def _is_over(self, slot: Slot) -> bool:
        """True if the attempt was never created, or has come to its end. A malformed row proves neither."""
        for is_proof in (self._was_abandoned, self._has_ended):
            try:
                if is_proof(slot):
                    return True
            except Malformed as malformed:
                self.ledger.report(malformed)
        return False

    def _was_abandoned(self, slot: Slot) -> bool:
        claim = self.ledger.attempt(slot.attempt)
        return claim is not None and claim.state == claims.ABANDONED

    def _has_ended(self, slot: Slot) -> bool:
        """As far as heads tell: False where none is recorded yet."""
        heads = list(self.ledger.heads_named(slot.attempt.root, slot.name))
        return bool(heads) and all(head.ending or head.gone for head in heads)


def _state(attempt: Attempt, claim: AttemptRecord | None) -> str:
    """The state of the attempt's claim at this moment; without a claim it counts as abandoned."""
    if attempt.number == 1:
        return claims.STARTED
    return claim.state if claim else claims.ABANDONED


def _on_demand_refused(claim: AttemptRecord | None, ended: FinishedAttempt) -> bool:
    """True if the attempt is on spot because on demand was refused, or had no capacity for the one before."""
    refused = (one["rung"] for one in claim.refused_options) if claim else ()
    if any(not CapacityOption.parse(option).spot for option in refused):
        return True
    before = ended.attempt.number - 1
    ending, tried = ended.lineage.endings.get(before), ended.lineage.attempts.get(before)
    if ending is None or tried is None or ending.ending != Ending.CAPACITY:
        return False
    return not CapacityOption.parse(tried.option).spot
