"""Who a job is, which lineage it belongs to, and what the next attempt will be called.

A job is (account, Region, name, creation instant): by name and not by ARN, because SageMaker
changes the case of ARNs; with the creation instant, because a deleted job's name can be used again.

The next attempt's name is the lock of promise 2. CreateTrainingJob has no client token, but a job
name is unique per account and Region
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html), so a name
that follows from the lineage and the number alone lets SageMaker itself refuse a second creation.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from spotter.core.model.times import at, ms

NAME_LENGTH = 63
HASH_LENGTH = 12
SPOTTER_TAGS = LINEAGE_TAG, ATTEMPT_TAG = "spotter:lineage", "spotter:attempt"


@dataclass(frozen=True, order=True)
class JobId:
    """One training job; no later job has the same id."""

    account: str
    region: str
    name: str
    created: datetime

    @property
    def place(self) -> str:
        """`<account>/<region>/<name>`: no two jobs that exist at the same time share it."""
        return f"{self.account}/{self.region}/{self.name}"

    def __str__(self) -> str:
        return f"{self.place}#{ms(self.created):013d}"

    @classmethod
    def parse(cls, text: str) -> "JobId":
        """Read back what str() wrote; ValueError for anything else."""
        place, mark, created = text.rpartition("#")
        account, region, name = place.split("/")
        if not mark:
            raise ValueError(text)
        return cls(account, region, name, at(int(created)))


@dataclass(frozen=True)
class Attempt:
    """A job seen as number n of its lineage, which is named after its first attempt."""

    root: JobId
    number: int

    @property
    def next(self) -> "Attempt":
        return Attempt(self.root, self.number + 1)

    @property
    def name(self) -> str:
        """The training job's name: the root's own, then one that only this lineage derives."""
        if self.number == 1:
            return self.root.name
        digest = hashlib.sha256(str(self.root).encode()).hexdigest()[:HASH_LENGTH]
        suffix = f"-a{self.number}-{digest}"
        return self.root.name[: NAME_LENGTH - len(suffix)].rstrip("-") + suffix

    def job(self, written: str) -> JobId:
        """The job in a row about this attempt: of what is `written`, only when it was created."""
        if self.number == 1:
            return self.root
        created = JobId.parse(written).created
        return JobId(self.root.account, self.root.region, self.name, created)

    @property
    def tags(self) -> dict[str, str]:
        """The tags by which a job that Spotter made is known to be this attempt."""
        lineage = f"{self.root.name}/{ms(self.root.created)}"
        return {LINEAGE_TAG: lineage, ATTEMPT_TAG: str(self.number)}


_DERIVED = re.compile(rf"[a-zA-Z0-9-]+-a\d{{1,3}}-[0-9a-f]{{{HASH_LENGTH}}}")
_NAME = re.compile(rf"[a-zA-Z0-9](-*[a-zA-Z0-9]){{0,{NAME_LENGTH - 1}}}")


def is_job_name(name: str) -> bool:
    """True if SageMaker accepts the name for a training job."""
    return len(name) <= NAME_LENGTH and _NAME.fullmatch(name) is not None


def is_derived(name: str) -> bool:
    """True if a name has the form of a next attempt's name; any user may choose such a name."""
    return _DERIVED.fullmatch(name) is not None


def lineage_in(tags: Mapping[str, str]) -> str | None:
    """The lineage that a job's tags name. Tags are enough to refuse a resubmission, never to allow one."""
    return tags.get(LINEAGE_TAG)
