"""When the checkpoints of jobs were written, from a listing of S3."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from spotter.aws.checkpoints import scan
from spotter.aws.deployed_stack import DeployedStack
from spotter.core.ledger.job_record import JobRecord
from spotter.core.policy.model import Policy

PAGES = 10


@dataclass(frozen=True)
class CheckpointTimes:
    """Lists the checkpoints of jobs that lost work, with the caller's own permissions.

    The policy names the files of the owner's own format; it is read when the first job lost work.
    """

    spotter: DeployedStack
    now: datetime
    policy: Callable[[], Policy | None]

    @cached_property
    def _s3(self) -> Any:
        return self.spotter.client("s3")

    @cached_property
    def _own_files(self) -> tuple[str, ...]:
        """Names of files in the owner's own format, none where no policy is known."""
        policy = self.policy()
        return policy.checkpoint_files if policy else ()

    def __call__(self, head: JobRecord) -> tuple[datetime, ...] | None:
        """The instants of the checkpoints that are still there; None if they were not to be seen.

        What a job's framework has deleted since is not among them, so a loss is at most what these
        leave of it.
        """
        if not head.interruptions or not head.checkpoint:
            return None
        try:
            found = scan.find_checkpoints_anywhere(
                self._s3, head.checkpoint, self.now, PAGES, own=self._own_files
            )
        except (ClientError, BotoCoreError) as error:
            self.spotter.remark(
                f"The checkpoints of {head.id.name} could not be listed ({type(error).__name__}): its lost work is an upper bound."
            )
            return None
        if found.refused or not found.whole:
            self.spotter.remark(
                f"The checkpoints of {head.id.name} could not be listed ({found.refused or 'too many files'}): its lost work is an upper bound."
            )
            return None
        return tuple(sorted(c.written for c in found.complete))
