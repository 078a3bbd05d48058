"""What is known of an ended attempt: gathered from SageMaker, S3, SSM and the ledger."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from spotter.core import rows
from spotter.core.case import Case
from spotter.core.checkpoints import Findings, touches
from spotter.core.identity import Attempt, JobId
from spotter.core.job import Job
from spotter.core.policy import Policy
from spotter.core.rows import Row
from spotter.core.settings import ResubmitSettings
from spotter.shell import checkpoints, parameters, sagemaker
from spotter.shell.ledger import Ledger


@dataclass(frozen=True)
class Hearing:
    """Whom to ask, and the policy that says what may be looked at."""

    ledger: Ledger
    sagemaker: Any
    s3: Any
    ssm: Any
    policy: Policy
    settings: ResubmitSettings

    def described(self, ended: Row) -> Any:
        """The ended attempt itself; None if it is gone, also if its name is another job's now."""
        job = JobId.parse(ended["job"])
        described = sagemaker.describe(self.sagemaker, [job.name])
        return described if described and Job.described(described).id == job else None

    def case(
        self,
        described: Any,
        attempt: Attempt,
        now: datetime,
        *,
        successor: Row | None,
        claim: Row | None = None,
    ) -> Case:
        """Gather the case; what a refusal without it makes needless is not asked for."""
        job = Job.described(described)
        case = Case(
            job=job,
            attempt=attempt,
            policy=self.policy,
            now=now,
            tags=sagemaker.tags(self.sagemaker, job.arn),
            successor=successor["name"] if successor else None,
            claimed=claim is not None,
            holds_slot=claim is not None and claim["hour"] == rows.creations_pk(now),
        )
        if case.rule is None:
            return case
        switch, since = parameters.in_force(
            self.ssm,
            switch=self.settings.switch,
            policy=self.settings.policy_in_force,
            fingerprint=self.policy.fingerprint,
        )
        return replace(
            case,
            switch=switch,
            policy_since=since,
            found=self._found(case),
            sharing=tuple(self._sharing(case)),
            creations_this_hour=len(self.ledger.partition(rows.creations_pk(now))),
        )

    def _found(self, case: Case) -> Findings:
        if not case.needs_checkpoint or not case.job.checkpoint:
            return case.found
        return checkpoints.look(self.s3, case.job.checkpoint, self.policy, case.now)

    def _sharing(self, case: Case) -> Iterator[str]:
        """Names of living jobs of other lineages whose checkpoints the next attempt would touch.

        The index lags a moment, so what was claimed in this hour and the last is asked for, too.
        """
        mine, root = case.job.checkpoint, case.attempt.root
        if mine is None:
            return
        for head in self.ledger.living().values():
            other = head.attempt.root != root and head.checkpoint
            if other and touches(mine, head.checkpoint or ""):
                yield head.id.name
        for hour in (case.now, case.now - timedelta(hours=1)):
            for slot in self.ledger.partition(rows.creations_pk(hour)):
                if slot["root"] == str(root) or not touches(mine, slot.get("checkpoint", "~")):
                    continue
                if not self._ended(slot, case.job.id):
                    yield slot["name"]

    def _ended(self, slot: Row, near: JobId) -> bool:
        """True if the claimed job has come to its end, as far as the ledger knows."""
        heads = self.ledger.partition(f"JOB#{near.account}/{near.region}/{slot['name']}", "HEAD#")
        return bool(heads) and all("ending" in head or head.get("gone") for head in heads)

    def next_slot(self, hour: datetime) -> Row:
        """The key of the slot that would be an hour's next."""
        pk = rows.creations_pk(hour)
        return {rows.PK: pk, rows.SK: rows.slot_sk(len(self.ledger.partition(pk)) + 1)}
