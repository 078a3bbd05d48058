"""A case is all that a decision about one ended attempt may depend on; a decision says why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from spotter.core.checkpoints import Findings
from spotter.core.identity import Attempt
from spotter.core.job import Job
from spotter.core.policy import Policy, Rule, Rung


class Kind(StrEnum):
    """What is done about an ended attempt."""

    CARRY_ON = "carry on"
    ADVISE = "advise"
    WAIT = "wait"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Switch:
    """The one switch of all resubmission, or why it could not be read (which counts as off)."""

    on: bool
    said: str = ""


@dataclass(frozen=True)
class Case:
    """All that a decision about one ended attempt may depend on.

    `sharing` are living jobs of other lineages whose checkpoints the next attempt would touch,
    `pending` such attempts that are claimed and not yet created; `recent_creations` are those of
    the last sixty minutes.
    """

    job: Job
    attempt: Attempt
    policy: Policy
    now: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    successor: str | None = None
    policy_since: datetime | None = None
    switch: Switch = Switch(on=False, said="it was not read")
    found: Findings = Findings(refused="it was not looked at")  # noqa: RUF009 (frozen)
    sharing: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    recent_creations: int = 0
    next_slot: int = 1
    claimed: bool = False
    recorded_training: bool = False

    @property
    def rule(self) -> Rule | None:
        return self.policy.rule_for(self.attempt.root.name, self.job, self.tags)

    @property
    def trained(self) -> bool:
        """Known, or not known not to: a Describe without transitions says nothing of training."""
        return self.recorded_training or self.job.may_have_trained

    @property
    def needs_checkpoint(self) -> bool:
        """An attempt that never reached Training lost nothing and needs none."""
        rule = self.rule
        return bool(rule and rule.needs_checkpoint and self.trained)


@dataclass(frozen=True)
class Decision:
    """What is done and why; `until` is when a case that waits wants another look."""

    kind: Kind
    reason: str
    because: str = ""
    rule: str | None = None
    rung: Rung | None = None
    until: datetime | None = None


def refuse(reason: str) -> Decision:
    """Not now and not later, for this reason."""
    return Decision(Kind.REFUSE, reason)
