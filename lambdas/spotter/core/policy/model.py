"""The owner's policy: what is recorded, when alerts are raised, and which jobs may be resubmitted.

These are values; `parse` reads them from `spotter.toml`. The first rule that matches a job decides
about it. A job that matches no rule is recorded and never resubmitted.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cached_property

from spotter.core.deadline.finish_by import FinishBy
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.model.endings import Ending
from spotter.core.model.instances import Instances
from spotter.core.model.job import Job
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT, CapacityOption


class Mode(StrEnum):
    """Whether Spotter decides nothing, only records its decisions, or also creates jobs."""

    OFF = "off"
    ADVISE = "advise"
    ACT = "act"


class OnTornCheckpoint(StrEnum):
    """What to do about a finished attempt whose newest checkpoint is torn or unfinished, and would be loaded."""

    REFUSE = "refuse"
    RESUBMIT = "resubmit"


@dataclass(frozen=True)
class RepeatedInterruptions:
    """An alert is raised at `count` interruptions of one job within this time."""

    count: int = 3
    within: timedelta = timedelta(hours=24)


@dataclass(frozen=True)
class AlertsPolicy:
    """When alerts are raised, and where they are sent. None switches an alert off."""

    repeated_interruptions: RepeatedInterruptions | None = RepeatedInterruptions()
    waiting_for_capacity: timedelta | None = timedelta(hours=2)
    wait_budget_used: float | None = 0.8
    checkpoint_quiet: timedelta | None = timedelta(hours=1)
    deadlines: bool = True
    include_service_jobs: bool = False
    email: tuple[str, ...] = ()
    slack: bool = False


@dataclass(frozen=True)
class DigestPolicy:
    """Which digests of the savings are published beside the alerts."""

    monthly: bool = False


@dataclass(frozen=True)
class CircuitBreakerPolicy:
    """The circuit of an instance type opens after `count` interruptions or jobs without capacity
    within this time, in the whole account; while it is open, no attempt uses spot on that type.
    """

    count: int
    within: timedelta
    open_for: timedelta


@dataclass(frozen=True)
class BackoffPolicy:
    """The pause before the next attempt: `first`, doubled each time, never longer than `max`."""

    first: timedelta
    max: timedelta


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
    max_creations_per_hour: int = 20


@dataclass(frozen=True)
class Rule:
    """Which jobs may be resubmitted, after which endings, how often, and on which capacity.

    `require_image_digest` allows only an image that is named by its digest. `max_interruptions`
    and `max_errors` count over the whole lineage, None where only `max_attempts` bounds them;
    `max_total_runtime` is how long all attempts together may train.

    With `finish_by` its lineages have a deadline; with `finish_by_tag` a job's own tag may set one or
    bring it forward. `needs` is the training time of a whole lineage, None if the owner states none.
    `patience` is how long an attempt from number `patience_from` on may wait for spot before another spot
    option is tried; `margin` is added to what a hand-over takes; `asks` bounds the attempts of a lineage
    that never trained. `steps` is the number of training steps, which only a job's tag states.
    """

    on: tuple[Ending, ...]
    max_attempts: int
    name: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    role: str | None = None
    instance_types: tuple[str, ...] = ()
    capacity: tuple[CapacityOption, ...] = ()
    require_checkpoint: bool = True
    on_torn_checkpoint: OnTornCheckpoint = OnTornCheckpoint.REFUSE
    require_image_digest: bool = False
    max_interruptions: int | None = None
    max_errors: int | None = None
    max_total_runtime: timedelta | None = None
    max_creations_per_hour: int | None = None
    backoff: BackoffPolicy | None = None
    finish_by: FinishBy | None = None
    finish_by_tag: bool = False
    needs: timedelta | None = None
    patience: timedelta = timedelta(minutes=30)
    patience_from: int = 2
    margin: timedelta = timedelta(minutes=10)
    asks: int = 20
    steps: int | None = None

    def matches(self, root_name: str, job: Job, tags: Mapping[str, str]) -> bool:
        """True if every condition holds; name and instances are those of the lineage's first attempt."""
        return (
            fits(root_name, self.name)
            and fits(job.role, self.role)
            and all(fits(tags.get(key), pattern) for key, pattern in self.tags.items())
            and (not self.instance_types or all_fit(job.instances, self.instance_types))
        )

    @property
    def capacity_options(self) -> tuple[CapacityOption, ...]:
        """The capacity for attempts 2, 3, ...; the last one repeats.

        Without `capacity` it is spot, and on demand for the last attempt.
        """
        return self.capacity or (*[SPOT] * (self.max_attempts - 2), ON_DEMAND)

    @property
    def has_deadlines(self) -> bool:
        """True if lineages of this rule have a deadline, or may have one by a tag."""
        return self.finish_by is not None or self.finish_by_tag

    def deadline(self, created: datetime) -> DeadlineTerms | None:
        """The deadline of a lineage whose first attempt was created then; None if it has none."""
        if self.finish_by is None:
            return None
        return DeadlineTerms(
            finish_by=self.finish_by.instant(created),
            stated=self.finish_by.words,
            rule=str(self),
            needs=self.needs,
            steps=self.steps,
            patience=self.patience,
            patience_from=self.patience_from,
            margin=self.margin,
            asks=self.asks,
            capacity=tuple(dict.fromkeys(map(str, self.capacity_options))),
        )

    def __str__(self) -> str:
        conditions = [self.name, self.role, *self.instance_types]
        conditions += [f"{key}={value}" for key, value in self.tags.items()]
        return " ".join(condition for condition in conditions if condition)


NOT_FOR_DECISIONS = frozenset({"scope", "recorded_tags", "currency", "alerts", "digest"})
"""The parts of a policy that no decision depends on; a decision may depend on all others."""


DEADLINES_OUTPUT = "HasDeadlines"
"""The output of the stack that tells readers whether the policy has a rule that sets deadlines: true or false."""


@dataclass(frozen=True)
class Policy:
    """Everything that `spotter.toml` holds.

    `checkpoint_locations` are the places whose objects Spotter may list, for alerts as for
    resubmission; `verify_checkpoints` lets it read those objects before a resubmission. `kms_keys`
    encrypt the volumes and checkpoints of jobs. `checkpoint_files` are patterns for files of learnt
    state that no framework in the table of layouts writes. `currency` is that of `prices` and `max_spend`.
    With a `job_name_prefix` a job of another name is neither described nor recorded nor created.
    """

    scope: str = "spot"
    job_name_prefix: str | None = None
    currency: str = "USD"
    recorded_tags: tuple[str, ...] = ()
    checkpoint_locations: tuple[str, ...] = ()
    checkpoint_files: tuple[str, ...] = ()
    verify_checkpoints: bool = False
    kms_keys: tuple[str, ...] = ()
    alerts: AlertsPolicy = AlertsPolicy()
    digest: DigestPolicy = DigestPolicy()
    resubmission: ResubmissionPolicy = ResubmissionPolicy()
    rules: tuple[Rule, ...] = ()

    def covers(self, name: str) -> bool:
        """False for a job whose name does not begin with the `job_name_prefix`, if there is one."""
        return name.startswith(self.job_name_prefix or "")

    def rule_for(self, root_name: str, job: Job, tags: Mapping[str, str]) -> Rule | None:
        """The first rule that matches."""
        return next((r for r in self.rules if r.matches(root_name, job, tags)), None)

    @property
    def has_deadlines(self) -> bool:
        """True if any rule sets a deadline, or lets a tag set one."""
        return any(rule.has_deadlines for rule in self.rules)

    @cached_property
    def fingerprint(self) -> str:
        """Changes exactly when the resubmission that is allowed changes: 64 hexadecimal digits."""
        whole = asdict(self)
        counted = {name: whole[name] for name in whole if name not in NOT_FOR_DECISIONS}
        return hashlib.sha256(repr(counted).encode()).hexdigest()


def fits(value: str | None, pattern: str | None) -> bool:
    """True if there is no pattern, or if there is a value and the pattern matches it."""
    return pattern is None or (value is not None and fnmatchcase(value, pattern))


def all_fit(instances: Instances, patterns: tuple[str, ...]) -> bool:
    """True if there are instance types and each of them matches one of the patterns."""
    return bool(instances) and all(
        any(fnmatchcase(kind, pattern) for pattern in patterns) for kind, _ in instances
    )
