"""A case is all evidence about one ended attempt; a decision is what is done about it, with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import takewhile

from spotter.core.checkpoints import Findings
from spotter.core.deadline.assessment import Assessment
from spotter.core.deadline.hand_over import NextStep
from spotter.core.deadline.stop_order import StoppedBy
from spotter.core.ledger.stop_order import StopOrder
from spotter.core.model.api_shapes import ModelViolation
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.granted import granted_rule
from spotter.core.policy.model import Policy, Rule
from spotter.core.resubmit import past_attempts
from spotter.core.resubmit.past_attempts import NOTHING, PastAttempt
from spotter.core.resubmit.plan import (
    Plan,
    circuit_open,
    options_for,
    options_for_deadline,
    plan,
    runtime_of,
)
from spotter.core.resubmit.refusals import Refusal

LOOK_AGAIN = timedelta(minutes=1)


class Kind(StrEnum):
    """What is done about an ended attempt."""

    RESUBMIT = "resubmit"
    ADVISE = "advise"
    WAIT = "wait"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Switch:
    """The one switch of all resubmission, or why it could not be read (which counts as off)."""

    on: bool
    reason: str = ""


@dataclass(frozen=True)
class Case:
    """All that a decision about one ended attempt may depend on.

    `first` is the lineage's first attempt as SageMaker shows it now, None if it is gone; `past` are the
    attempts before this one; `own_claim` is the state of the claim that this one came from, which the first
    of a lineage does not need. `successor` is the name that the next attempt was claimed under, None if none was,
    and `successor_claim` the state of that claim. `running_attempts` are other attempts of the lineage that run as far as the
    ledger knows, `sharing` running jobs of other lineages whose checkpoints the next attempt would touch,
    `pending` such attempts that are claimed and not yet created; `circuit_open_until` says until when spot
    is skipped on an instance type; `recent_creations` are those of the last sixty minutes, of all lineages
    and of those under this case's rule. `faults` are how the next attempt's request, made for `plan`,
    breaks the API's model. `refused_options` are the capacity options that SageMaker refused for good, and
    why; `waited_for` is why the case had to wait until now, `denied` how often access was denied to it so
    far. `order` is that to stop this attempt for its lineage's deadline, `stopped_by` whose stop it was if the
    job shows Stopped, `deadline` how the lineage stands. A `supposed` case is that of a running job, judged as if
    Spotter had stopped it. `own_option` is the capacity option of the attempt itself, and `on_demand_refused` is
    True if it is on spot because on demand was refused. `passed_first_stage` is True once the rules have passed it that need nothing but Describe, the
    lineage, the policy and the clock.
    """

    job: Job
    attempt: Attempt
    policy: Policy
    now: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    first: Job | None = None
    past: tuple[PastAttempt, ...] = ()
    own_claim: str = "started"
    successor: str | None = None
    successor_claim: str = "started"
    policy_since: datetime | None = None
    switch: Switch = Switch(on=False, reason="it was not read")
    found: Findings = Findings(refused="it was not listed")  # noqa: RUF009 (frozen)
    running_attempts: tuple[str, ...] = ()
    sharing: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    circuit_open_until: Mapping[str, datetime] = field(default_factory=dict)
    recent_creations: int = 0
    recent_creations_of_the_rule: int = 0
    next_slot: int = 1
    claimed: bool = False
    recorded_training: bool = False
    refused_options: Mapping[str, Refusal] = field(default_factory=dict)
    waited_for: str | None = None
    denied: int = 0
    faults: tuple[ModelViolation, ...] = ()
    order: StopOrder | None = None
    stopped_by: StoppedBy = StoppedBy.SOMEBODY_ELSE
    deadline: Assessment | None = None
    supposed: bool = False
    own_option: CapacityOption | None = None
    on_demand_refused: bool = False
    passed_first_stage: bool = False

    @cached_property
    def granted(self) -> tuple[Rule | None, tuple[str, ...]]:
        """The rule as the job's own tags restrict it, and a sentence for each tag that asks for more."""
        return granted_rule(self.policy, self.attempt.root, self._as_it_began, self.tags)

    @property
    def _as_it_began(self) -> Job:
        """A capacity option may have changed the instance type; the lineage keeps its rule all the same."""
        if self.first is None and self.past and self.past[0].instances:
            return replace(self.job, instances=self.past[0].instances)
        return self.origin

    @property
    def rule(self) -> Rule | None:
        return self.granted[0]

    @property
    def origin(self) -> Job:
        """The job that the next attempt is made from."""
        return self.first or self.job

    @property
    def ending(self) -> Ending | None:
        """How the attempt ended; None while it runs. A stop of Spotter's own is HandedOver."""
        ours = self.job.ending is Ending.STOPPED and self.stopped_by is StoppedBy.SPOTTER
        return Ending.HANDED_OVER if self.supposed or ours else self.job.ending

    @property
    def ended(self) -> datetime | None:
        """When it ended; if a person decided later that the lineage goes on, when that was decided."""
        if self.supposed:
            return self.now
        decided = self.order.continued if self.order else None
        return decided or self.job.ended

    @property
    def has_deadline(self) -> bool:
        return self.rule is not None and self.rule.deadline(self.attempt.root.created) is not None

    @property
    def refused_on_demand(self) -> bool:
        """True of an on-demand attempt of a lineage with a deadline that got no capacity."""
        return self.has_deadline and not self.job.spot and self.ending is Ending.CAPACITY

    @property
    def asked(self) -> int:
        """How many attempts of a lineage with a deadline never trained, this one included; zero without a deadline."""
        return past_attempts.asked((*self.past, self.itself)) if self.has_deadline else 0

    @property
    def counted_attempts(self) -> int:
        """The attempts that count against `max_attempts`, this one included."""
        return self.attempt.number - self.asked

    @property
    def trained(self) -> bool:
        """True also if it is not known: an answer of Describe without transitions does not show whether it trained."""
        return self.recorded_training or self.job.may_have_trained

    @property
    def needs_checkpoint(self) -> bool:
        """An attempt that never reached Training lost nothing and needs none.

        One that ran out of runtime always needs a checkpoint: without one, the next attempt would run out
        of it as well.
        """
        if self.ending is Ending.OUT_OF_RUNTIME:
            return True
        return bool(self.rule and self.rule.require_checkpoint and self.trained)

    @property
    def progressed(self) -> bool | None:
        """Whether it left a complete checkpoint newer than its own start; None if it never trained."""
        if not self.trained:
            return None
        newest = None if self.job.never_checkpoints else self.found.newest
        return newest is not None and newest.written > self.job.id.created

    @property
    def resumes_from(self) -> bool:
        """Whether there is a complete checkpoint to resume from.

        After a hand-over it may be that of an earlier attempt, which is what this one began from, too.
        """
        newest = None if self.job.never_checkpoints else self.found.newest
        of_lineage = newest is not None and newest.written > self.attempt.root.created
        return bool(self.progressed) or (self.ending is Ending.HANDED_OVER and of_lineage)

    @property
    def itself(self) -> PastAttempt:
        """The attempt that ended, in the form in which later attempts have it in `past`."""
        prices, limit = self.policy.resubmission.prices, runtime_of(self.job)
        return PastAttempt(
            number=self.attempt.number,
            ending=self.ending or Ending.UNKNOWN,
            interruptions=len(self.job.timeline.interruptions),
            progressed=self.progressed,
            trained=self.job.trained,
            spend=past_attempts.spend_of(
                self.ending, self.trained, self.job.instances, limit, prices, self.job.trained
            ),
        )

    @property
    def runtime_left(self) -> timedelta | None:
        """What the lineage may still train; None where the rule sets no total."""
        if self.rule is None or self.rule.max_total_runtime is None:
            return None
        trained = (attempt.trained for attempt in (*self.past, self.itself))
        return self.rule.max_total_runtime - sum(trained, timedelta())

    @cached_property
    def choices(self) -> tuple[tuple[CapacityOption, datetime | None], ...]:
        """The capacity options of the next attempt, the first choice first, and until when each is skipped."""
        if self.rule is None:
            return ()
        options = self._options(self.rule)
        left = [option for option in options if str(option) not in self.refused_options]
        return tuple(
            (option, circuit_open(option, self.origin, self.circuit_open_until)) for option in left
        )

    @property
    def wants_on_demand(self) -> bool:
        """Whether the lineage's deadline wants the next attempt on demand: also the last one that `asks` allows."""
        if self.deadline is None or self.rule is None:
            return False
        by_itself = self.ending is not Ending.HANDED_OVER
        if by_itself and self.asked == self.rule.asks:
            return True
        step = self.deadline.step if self.supposed else self.order.step if self.order else None
        handed_over = self.ending is Ending.HANDED_OVER and step is NextStep.HAND_OVER
        return self.deadline.next_on_demand or handed_over

    def _options(self, rule: Rule) -> tuple[CapacityOption, ...]:
        if self.deadline is None:
            return options_for(rule, self.attempt.next.number, on_demand=not self.job.spot)
        return options_for_deadline(
            rule,
            self.origin,
            self.own_option,
            on_demand=self.wants_on_demand or not self.job.spot,
            refused=self.refused_on_demand,
            spot_helps=self.deadline.slack > self.deadline.durations.times.launch,
        )

    @cached_property
    def plan(self) -> Plan | None:
        """The next attempt on the first capacity option that is not skipped; None if there is none."""
        skipped = tuple(
            option.words for option, _ in takewhile(lambda choice: choice[1], self.choices)
        )
        if len(skipped) == len(self.choices):
            return None
        return plan(
            self.choices[len(skipped)][0],
            self.origin,
            left=self.runtime_left,
            before=sum((a.spend for a in (*self.past, self.itself)), NOTHING),
            prices=self.policy.resubmission.prices,
            skipped=skipped,
        )

    @property
    def planned(self) -> Plan:
        """The plan. There is one in every rule after `there_must_be_a_capacity_option`."""
        assert self.plan is not None
        return self.plan


@dataclass(frozen=True)
class Decision:
    """What is done and why.

    `rule` is the name of the rule that decided, `policy_rule` the policy's rule for the job. `until` is
    from when a case that waits is decided again; `ignored` are the job's tags that ask for more than the
    rule gives, a sentence each. `checkpoint` is the newest that was found, `progressed` whether it is newer
    than the attempt: None where it was not evaluated. `torn` are newer ones that their own formats show to
    be torn, `unfinished` is a newer one that its listing shows to be so, and `verified` is what the formats
    show of `checkpoint`: None where nothing was read. `blocked_by` is the job that a waiting case waits for,
    `denied` how often access was denied, `refusal` what SageMaker answered.
    """

    kind: Kind
    reason: str
    rule: str = ""
    policy_rule: str | None = None
    plan: Plan | None = None
    until: datetime | None = None
    ignored: tuple[str, ...] = ()
    checkpoint: str | None = None
    progressed: bool | None = None
    torn: str | None = None
    unfinished: str | None = None
    verified: str | None = None
    blocked_by: str | None = None
    denied: int = 0
    refusal: Refusal | None = None


def refuse(reason: str, refusal: Refusal | None = None) -> Decision:
    """Not now and not later, for this reason."""
    return Decision(Kind.REFUSE, reason, refusal=refusal)


def wait(
    case: Case, reason: str, until: datetime | None = None, *, blocked_by: str | None = None
) -> Decision:
    """Not now; it is decided again from `until` on, or in a minute."""
    again = until or case.now + LOOK_AGAIN
    return Decision(Kind.WAIT, reason, until=again, blocked_by=blocked_by)
