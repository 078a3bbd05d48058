"""Looking at jobs: SageMaker's answer for each hint, and what it adds to the ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from spotter.core import rows
from spotter.core.head import Head
from spotter.core.hints import Hint, Place
from spotter.core.identity import JobId
from spotter.core.job import Job
from spotter.core.policy import Policy
from spotter.core.recording import Recording, attempt_of, recording
from spotter.core.rows import Row
from spotter.shell import sagemaker
from spotter.shell.ledger import Ledger


@dataclass(frozen=True)
class Look:
    """What a look at one job gave: a number of new rows, or the error that a retry may heal."""

    hint: Hint
    fresh: int = 0
    error: Exception | None = None


@dataclass(frozen=True)
class Recorder:
    """Whom to ask, and where to write down what was said."""

    ledger: Ledger
    sagemaker: Any
    policy: Policy
    here: Place

    def look_at(self, hints: Iterable[Hint]) -> list[Look]:
        """Describe each job once, a few at once; record each, and let no job hinder another."""
        answers = sagemaker.describe_all(self.sagemaker, (hint.names for hint in hints))
        jobs = {n: Job.described(a) for n, a in answers.items() if isinstance(a, dict)}
        known = self._known(job.id for job in jobs.values())
        return [self._record(Hint(n), jobs.get(n), answers[n], known) for n in answers]

    def _record(
        self, hint: Hint, job: Job | None, answer: Any, known: Mapping[tuple[str, str], Row]
    ) -> Look:
        if isinstance(answer, Exception):
            return Look(hint, error=answer)
        try:
            if job is None:
                return Look(hint, fresh=self._gone(hint))
            return Look(hint, fresh=self.ledger.record(self._recording(job, known)))
        except Exception as error:  # this job's message is delivered again, the others are done
            return Look(hint, error=error)

    def _known(self, jobs: Iterable[JobId]) -> dict[tuple[str, str], Row]:
        """The heads and the claims of these jobs, in one read."""
        keys = [(rows.job_pk(j), sk) for j in jobs for sk in (rows.head_sk(j.created), rows.CLAIM)]
        return self.ledger.get_all(keys)

    def _recording(self, job: Job, known: Mapping[tuple[str, str], Row]) -> Recording:
        pk = rows.job_pk(job.id)
        row, pointer = known.get((pk, rows.head_sk(job.id.created))), known.get((pk, rows.CLAIM))
        head = Head.read(row) if row else None
        if head:
            return recording(job, head.attempt, head, self.policy)
        tags = sagemaker.tags(self.sagemaker, job.arn) if pointer else {}
        return recording(job, attempt_of(job.id, pointer, tags), None, self.policy)

    def _gone(self, hint: Hint) -> int:
        """SageMaker knows no such job: what the ledger still took for alive is not."""
        place = f"{self.here.account}/{self.here.region}"
        held = [
            Head.read(row)
            for name in hint.names
            for row in self.ledger.partition(f"JOB#{place}/{name}", "HEAD#")
        ]
        return sum(self.ledger.mark_gone(head) for head in held if head.living)
