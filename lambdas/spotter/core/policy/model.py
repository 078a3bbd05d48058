"""The owner's policy: what to watch, when to speak up, and what may be carried on.

These are values; `policy_file` reads them from `spotter.toml`. The first rule that matches a job
decides about it. A job that matches none is watched and never resubmitted.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from spotter.core.model.endings import Ending
from spotter.core.model.instances import Instances
from spotter.core.model.job import Job
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT, CapacityOption


class Mode(StrEnum):
    """Whether Spotter resubmits: not at all, in words only, or in deed."""

    OFF = "off"
    ADVISE = "advise"
    ACT = "act"


class TornNewest(StrEnum):
    """What becomes of an ending whose newest checkpoint is torn, where resuming would load it."""

    REFUSE = "refuse"
    RESUBMIT = "resubmit"


@dataclass(frozen=True)
class RepeatedInterruptions:
    """So many interruptions within so long a time."""

    count: int = 3
    within: timedelta = timedelta(hours=24)


@dataclass(frozen=True)
class AlertsPolicy:
    """When to speak up. None switches an alert off."""

    repeated_interruptions: RepeatedInterruptions | None = RepeatedInterruptions()
    waiting_for_capacity: timedelta | None = timedelta(hours=2)
    wait_budget_used: float | None = 0.8
    checkpoint_quiet: timedelta | None = timedelta(hours=1)
    owned_by_services: bool = False
    email: tuple[str, ...] = ()
    slack: bool = False


@dataclass(frozen=True)
class CircuitBreakerPolicy:
    """After `count` interruptions or starved jobs of one instance type within so long a time, in
    the whole account, spot on that type is left alone for a `pause`.
    """

    count: int
    within: timedelta
    pause: timedelta


@dataclass(frozen=True)
class BackoffPolicy:
    """The pause before the next attempt: the `first`, doubled each time, `most` at the longest."""

    first: timedelta
    most: timedelta


@dataclass(frozen=True)
class ResubmissionPolicy:
    """The bounds that hold for every rule; those of a lineage count all its attempts.

    `max_spend` is in the unit of `prices`, which are on-demand prices of one instance for an hour.
    """

    mode: Mode = Mode.OFF
    roles: tuple[str, ...] = ()
    instance_types: tuple[str, ...] = ()
    max_runtime: timedelta = timedelta(days=5)
    max_age: timedelta = timedelta(hours=6)
    max_lineage_age: timedelta = timedelta(days=14)
    max_instance_hours: int = 1000
    max_spend: float | None = None
    prices: Mapping[str, float] = field(default_factory=dict)
    circuit_breaker: CircuitBreakerPolicy | None = None
    creations_per_hour: int = 20


@dataclass(frozen=True)
class Rule:
    """One sentence of the policy: which jobs, after which endings, how often, on what.

    `same_image` asks for an image that is named by its digest. `interruptions` and `errors` are
    budgets of the whole lineage, None where only `attempts` bounds them; `total_runtime` is what all
    attempts together may train.
    """

    on: tuple[Ending, ...]
    attempts: int
    name: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    role: str | None = None
    instance_types: tuple[str, ...] = ()
    ladder: tuple[CapacityOption, ...] = ()
    needs_checkpoint: bool = True
    torn_newest: TornNewest = TornNewest.REFUSE
    same_image: bool = False
    interruptions: int | None = None
    errors: int | None = None
    total_runtime: timedelta | None = None
    creations_per_hour: int | None = None
    backoff: BackoffPolicy | None = None

    def matches(self, root_name: str, job: Job, tags: Mapping[str, str]) -> bool:
        """True if every condition holds; name and instances are those of the lineage's first attempt."""
        return (
            fits(root_name, self.name)
            and fits(job.role, self.role)
            and all(fits(tags.get(key), pattern) for key, pattern in self.tags.items())
            and (not self.instance_types or all_fit(job.instances, self.instance_types))
        )

    @property
    def rungs(self) -> tuple[CapacityOption, ...]:
        """The capacity for attempts 2, 3, ...; the last one repeats.

        Without a ladder it is spot, and on demand at the last attempt.
        """
        return self.ladder or (*[SPOT] * (self.attempts - 2), ON_DEMAND)

    def __str__(self) -> str:
        said = [self.name, self.role, *self.instance_types]
        said += [f"{key}={value}" for key, value in self.tags.items()]
        return " ".join(s for s in said if s)


ONLY_WATCHING = frozenset({"scope", "keep_tags", "alerts"})
"""The parts of a policy that no decision rests on; whatever else is added, a decision may."""


@dataclass(frozen=True)
class Policy:
    """Everything that `spotter.toml` says.

    `checkpoints` are the places that may be looked at, for watching as for resubmission;
    `verify_checkpoints` lets what lies there be read, before a resubmission. `kms_keys`
    are the keys of what jobs write: of their volumes and of their checkpoints. `checkpoint_files` are
    patterns for files of learnt state that no framework in the table of layouts writes.
    """

    scope: str = "spot"
    keep_tags: tuple[str, ...] = ()
    checkpoints: tuple[str, ...] = ()
    checkpoint_files: tuple[str, ...] = ()
    verify_checkpoints: bool = False
    kms_keys: tuple[str, ...] = ()
    alerts: AlertsPolicy = AlertsPolicy()
    resubmission: ResubmissionPolicy = ResubmissionPolicy()
    rules: tuple[Rule, ...] = ()

    def rule_for(self, root_name: str, job: Job, tags: Mapping[str, str]) -> Rule | None:
        """The first rule that matches."""
        return next((r for r in self.rules if r.matches(root_name, job, tags)), None)

    @property
    def fingerprint(self) -> str:
        """Changes exactly when what may be carried on changes: 64 hexadecimal digits."""
        whole = asdict(self)
        counted = {name: whole[name] for name in whole if name not in ONLY_WATCHING}
        return hashlib.sha256(repr(counted).encode()).hexdigest()


def fits(value: str | None, pattern: str | None) -> bool:
    """No pattern asks for nothing; a pattern with no value to look at does not fit."""
    return pattern is None or (value is not None and fnmatchcase(value, pattern))


def all_fit(instances: Instances, patterns: tuple[str, ...]) -> bool:
    """True if there are instance types and each of them fits one of the patterns."""
    return bool(instances) and all(
        any(fnmatchcase(kind, pattern) for pattern in patterns) for kind, _ in instances
    )
