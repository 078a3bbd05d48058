"""What was read about a deployed Spotter, as plain values: all that the rules know.

Three states are kept apart. `None` means that the thing does not exist. `Unread` means that it
could not be read, and why. Any other value is what was read.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

DEAD = "DeadLetters"
"""The end of a dead-letter queue's name."""
EVENT_PERIOD = timedelta(minutes=5)
"""CloudWatch counts events in periods of this length."""


@dataclass(frozen=True)
class Unread:
    """A read that failed: `reason` is a clause, such as "GetRolePolicy failed with AccessDenied"."""

    reason: str


@dataclass(frozen=True)
class StackState:
    """The CloudFormation stack. `changed` is its creation or its last update."""

    name: str
    status: str
    changed: datetime
    version: str | None
    account: str
    region: str


@dataclass(frozen=True)
class RuleState:
    """The EventBridge rule as it is (`pattern` and `targets`), and as the template has it."""

    name: str
    enabled: bool
    pattern: object
    wanted_pattern: object
    targets: tuple[str, ...]
    wanted_targets: tuple[str, ...]


@dataclass(frozen=True)
class Letter:
    """A message in a dead-letter queue: what it is about, and why it is there. Its text is not kept."""

    about: str
    reason: str = ""


@dataclass(frozen=True)
class QueueState:
    """A queue. `letters` were read of a dead-letter queue, at most ten, without removing them."""

    name: str
    waiting: int
    in_flight: int = 0
    letters: tuple[Letter, ...] | Unread = ()


@dataclass(frozen=True)
class FunctionState:
    """A Lambda function. `changed` are settings and role that differ from the template."""

    name: str
    state: str = "Active"
    reason: str = ""
    reserved: int | Unread | None = None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceState:
    """What starts a function: a queue or the ledger's stream. `uuid` is the event source mapping's."""

    state: str
    uuid: str
    last_result: str = ""


@dataclass(frozen=True)
class RoleState:
    """A role: the actions that the template allows it and that its own policies do not."""

    name: str
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScheduleState:
    """The schedule of the sweep, and whether it still starts the function sweep."""

    name: str
    enabled: bool
    starts_the_sweep: bool = True
    expression: str = ""
    wanted_expression: str = ""


@dataclass(frozen=True)
class LedgerState:
    """The table. `recovery` is its point-in-time recovery."""

    name: str
    status: str
    stream: bool
    protected: bool
    recovery: bool | Unread = True


@dataclass(frozen=True)
class TopicState:
    """A topic's subscribers: how many are confirmed, and which addresses are not.

    `wanted` are those that the template subscribes.
    """

    arn: str
    confirmed: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True)
class PolicyState:
    """The policy in the template (None if it holds none that can be read), and the parameter's view of it.

    `in_force` is the fingerprint in the parameter; it is None without a parameter, as in mode off.
    """

    mode: str | None
    fingerprint: str | None
    in_force: str | Unread | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class AlarmState:
    """An alarm of the stack, by its name in docs/operating.md; `physical` is its name in CloudWatch."""

    name: str
    state: str
    reason: str = ""
    actions: bool = True
    urgent: bool = True
    physical: str = ""


@dataclass(frozen=True)
class EventsState:
    """The events that EventBridge matched: the start of the last period with one, and whether CloudWatch has
    such figures at all.
    """

    last: datetime | None
    figures_exist: bool = True


@dataclass(frozen=True)
class JobsState:
    """Jobs that SageMaker changed within the last day, and those of them that the ledger knows less of.

    `changed` is the newest change that is old enough to have arrived. `read` is how many jobs were listed.
    """

    changed: datetime | None = None
    behind: tuple[str, ...] = ()
    oldest: datetime | None = None
    read: int = 0


@dataclass(frozen=True)
class PendingState:
    """Alerts that were raised and not published: how many, and since when the oldest waits."""

    count: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True)
class SweepState:
    """When a sweep last came to its end; None if none ever did."""

    finished: datetime | None = None


@dataclass(frozen=True)
class HealthEvidence:
    """Everything that was read. `now` is this machine's clock, `aws_now` AWS's at the same moment."""

    now: datetime
    command_line: str
    stack: StackState
    aws_now: datetime | Unread = Unread("not read")
    others: tuple[str, ...] | Unread = ()
    ledger: LedgerState | Unread | None = None
    rule: RuleState | Unread | None = None
    events: EventsState | Unread = Unread("not read")
    admits_rule: bool | Unread = True
    jobs: JobsState | Unread = JobsState()
    queues: dict[str, QueueState | Unread | None] = field(default_factory=dict)
    functions: dict[str, FunctionState | Unread | None] = field(default_factory=dict)
    sources: dict[str, SourceState | Unread | None] = field(default_factory=dict)
    roles: dict[str, RoleState | Unread | None] = field(default_factory=dict)
    schedule: ScheduleState | Unread | None = None
    sweep: SweepState | Unread = SweepState()
    topics: dict[str, TopicState | Unread | None] = field(default_factory=dict)
    secret_filled: bool | Unread | None = None
    has_slack: bool = False
    switch: str | Unread | None = None
    policy: PolicyState = PolicyState(None, None)
    alarms: dict[str, AlarmState | None] | Unread = field(default_factory=dict)
    pending: PendingState | Unread = PendingState()
