"""Recording jobs: describe the job of each hint, and put what is new into the ledger."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from spotter.aws.alerts.announcement import announce_head
from spotter.aws.ledger.jobs import JobLedger
from spotter.aws.record import describe
from spotter.core.ledger.attempt import ClaimPointer, claim_key
from spotter.core.ledger.job_record import JobRecord, head_key
from spotter.core.ledger.row_keys import Key
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.ledger.validation import Malformed
from spotter.core.model.hints import AccountRegion, Hint
from spotter.core.model.identity import Attempt, JobId, is_derived, lineage_in
from spotter.core.model.job import Job
from spotter.core.model.starting_service import owner_by_tags
from spotter.core.model.times import utc
from spotter.core.policy.model import Policy
from spotter.core.record.delta import attempt_of, delta, in_scope, may_alert
from spotter.core.record.metrics import Figures, figures

if TYPE_CHECKING:
    from spotter.aws.deadline.terms import TermsRecorder

Known = Mapping[Key, StoredRow]
FAR = datetime.max.replace(tzinfo=UTC)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class RecordResult:
    """What recording one job gave: a number of new rows, or an error, after which the message is delivered again.

    `figures` are what it adds to the metrics.
    """

    hint: Hint
    fresh: int = 0
    error: Exception | None = None
    figures: Figures = field(default_factory=dict)


def _length(answer: Any) -> int:
    """How long a timeline is: the longest of a batch comes last, so that it keeps no other waiting."""
    return len(answer.get("SecondaryStatusTransitions") or ()) if isinstance(answer, dict) else 0


@dataclass(frozen=True)
class Recorder:
    """The ledger, and the SageMaker that is described. No instant that is recorded about a job is
    the `clock`'s: it dates announcements only.
    """

    ledger: JobLedger
    sagemaker: Any
    policy: Policy
    here: AccountRegion
    clock: Callable[[], datetime] = _now

    @cached_property
    def _terms(self) -> "TermsRecorder | None":
        """Loaded only where a rule sets deadlines: else a cold start would wait for what it does not need."""
        if not self.policy.has_deadlines:
            return None
        from spotter.aws.deadline.terms import TermsRecorder

        return TermsRecorder(self.ledger, self.policy)

    def record(self, hints: Iterable[Hint]) -> list[RecordResult]:
        """Describe each job once, a few at once, and record each; if one fails, the others are recorded all the same.

        A hint can be older than the policy: a job that the policy no longer covers must not be described.
        """
        given = list(hints)
        left_out = self._current(given) | {h.job for h in given if not self.policy.covers(h.job)}
        changed = [hint for hint in given if hint.job not in left_out]
        answers = describe.describe_all(self.sagemaker, (hint.names for hint in changed))
        known = self._known(answer for answer in answers.values() if isinstance(answer, dict))
        changed.sort(key=lambda hint: _length(answers[hint.names]))
        results = [self._result(hint, answers[hint.names], known) for hint in changed]
        return results + [RecordResult(hint) for hint in given if hint.job in left_out]

    def _current(self, hints: Iterable[Hint]) -> set[str]:
        """The jobs that were recorded, since the sweep listed them, in the state that it listed."""
        dated = {
            JobId(self.here.account, self.here.region, hint.job, hint.created): hint
            for hint in hints
            if hint.created
        }
        heads = self.ledger.heads(dated)
        return {j.name for j, h in heads.items() if h.modified >= (dated[j].modified or FAR)}

    def _result(self, hint: Hint, answer: Any, known: Known) -> RecordResult:
        if isinstance(answer, Exception):
            return RecordResult(hint, error=answer)
        try:
            if answer is None:
                return RecordResult(hint, fresh=self._gone(hint))
            fresh, added = self._record(answer, known)
        except Malformed as row:  # no retry would heal it
            self.ledger.report(row)
            return RecordResult(hint)
        except Exception as error:  # this job's message is delivered again, the others are done
            return RecordResult(hint, error=error)
        return RecordResult(hint, fresh=fresh, figures=added)

    def _known(self, answers: Iterable[describe.Described]) -> Known:
        """The heads, the claims and the deadlines of these jobs, in one read; an odd answer fails later, alone."""
        jobs = [
            JobId(
                self.here.account,
                self.here.region,
                answer["TrainingJobName"],
                utc(answer["CreationTime"]),
            )
            for answer in answers
            if "TrainingJobName" in answer and "CreationTime" in answer
        ]
        kinds = [head_key, claim_key, *([self._terms.key] if self._terms else [])]
        return self.ledger.all_stored(kind(job) for job in jobs for kind in kinds)

    def _record(self, answer: describe.Described, known: Known) -> tuple[int, Figures]:
        job = Job.described(answer)
        row, pointer = known.get(head_key(job.id)), known.get(claim_key(job.id))
        head = row.read(JobRecord) if row else None
        tags = cache(lambda: describe.tags(self.sagemaker, job.arn))
        claimed = pointer.read(ClaimPointer).attempt if pointer else None
        attempt, foreign = self._attempt(job, head, claimed, tags)
        unclaimed = pointer is None and self._bears_a_lineage(job, head, tags)
        kept = tags() if self._keeps_tags(job, attempt, head, unclaimed) else None
        within = in_scope(job, attempt, head, self.policy, unclaimed=unclaimed)
        terms = self._terms if within else None
        no_deadline, failed = None, None
        if terms:
            dated = known.get(terms.key(job.id))
            no_deadline, failed = terms.record(job, attempt, head, dated, tags)
        found = delta(
            job,
            attempt,
            head,
            self.policy,
            foreign=foreign,
            unclaimed=unclaimed,
            tags=kept,
            owner=self._owner(job, attempt, head, tags),
            no_deadline=no_deadline,
        )
        outlived = 0 if head else self._mark_gone(job.id.name, but=job.id)
        announce_head(self.ledger, job.id, found, self.clock())
        fresh, taken = self.ledger.record(found)
        if terms and head and found.head is None and head.no_deadline != no_deadline:
            self.ledger.put_again(replace(head, no_deadline=no_deadline))
        if failed:
            raise failed
        return outlived + fresh, figures(head, found.head) if taken and found.head else {}

    def _keeps_tags(
        self, job: Job, attempt: Attempt, head: JobRecord | None, unclaimed: bool = False
    ) -> bool:
        """True at the first recording of a job, if the policy keeps tags."""
        read = head is not None and head.tags is not None
        within = in_scope(job, attempt, head, self.policy, unclaimed=unclaimed)
        return bool(self.policy.recorded_tags) and within and not read

    def _bears_a_lineage(
        self, job: Job, head: JobRecord | None, tags: Callable[[], dict[str, str]]
    ) -> bool:
        """Whether a job that would be out of scope is an attempt whose claim the ledger has lost.

        ListTags is called only for names of the form that Spotter derives.
        """
        known = job.spot or (head is not None and head.in_scope)
        return not known and is_derived(job.id.name) and lineage_in(tags()) is not None

    def _owner(
        self, job: Job, attempt: Attempt, head: JobRecord | None, tags: Callable[[], dict[str, str]]
    ) -> str | None:
        """The AWS service that a job belongs to. Its tags are read once, where there may be an alert.

        If they cannot be read the job is recorded all the same, and has alerts like any other.
        """
        known = job.owner or (head.owner if head else None)
        wanted = in_scope(job, attempt, head, self.policy) and may_alert(job, self.policy)
        if known is not None or self.policy.alerts.include_service_jobs or not wanted:
            return known
        try:
            return owner_by_tags(tags()) or ""
        except (ClientError, BotoCoreError):
            return None

    def _attempt(
        self,
        job: Job,
        head: JobRecord | None,
        claimed: Attempt | None,
        tags: Callable[[], dict[str, str]],
    ) -> tuple[Attempt, bool]:
        """Which attempt the job is, and whether it is a job of somebody else under a claimed name."""
        if claimed is None:
            return (head.attempt if head else Attempt(job.id, 1)), False
        if head:
            return head.attempt, head.attempt != claimed
        return attempt_of(job.id, claimed, tags(), self.ledger.attempt(claimed))

    def _gone(self, hint: Hint) -> int:
        """SageMaker has no such job: if the ledger has it as running, it was deleted."""
        return sum(self._mark_gone(name) for name in hint.names)

    def _mark_gone(self, name: str, but: JobId | None = None) -> int:
        held = self.ledger.readable_heads_named(self.here, name)
        return sum(self.ledger.mark_gone(h) for h in held if h.running and h.id != but)
