"""The rows to put after a job was described: transitions first, then the ending, and the head last.

Theory. The head is the commit mark. Whatever it holds is already in the ledger; whatever is in the
ledger without a head is put again, harmlessly, since each transition is put once under its own key.
So a recording can be cut off after any of its puts and done again from the start.

The head holds the number and a digest of the transitions that are in the ledger. If Describe shows
the same ones up to the head's instant, only the newer ones are put; if it shows others (SageMaker
promises nothing about the past), all are put and the set grows by what is new. All are put also where the
head was out of scope: of such a job the ledger has no transitions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.job_record import JobRecord, timeline_digest
from spotter.core.ledger.transitions import TransitionRecord
from spotter.core.model.endings import NEEDS_NOTHING, Ending
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.job import Job
from spotter.core.model.timeline import INTERRUPTED, Timeline, Transition
from spotter.core.policy.model import Mode, Policy

CAPACITY_SHORTAGE = (Ending.NEVER_LAUNCHED, Ending.CAPACITY)
"""Endings for want of spot capacity, beside interruptions."""


@dataclass(frozen=True)
class Delta:
    """Rows to put in this order: each transition once, the ending once, the head if newer.

    The head is `notable` if the alert rules could raise an alert about what is new in it.
    """

    transitions: tuple[TransitionRecord, ...] = ()
    ended: EndingRecord | None = None
    head: JobRecord | None = None
    notable: bool = False


def in_scope(
    job: Job, attempt: Attempt, known: JobRecord | None, policy: Policy, *, unclaimed: bool = False
) -> bool:
    """Spot jobs, attempts that were claimed, and whatever was in scope once; or all.

    An `unclaimed` job bears a lineage's tags, and the ledger has no claim of it: that is so after a
    restore, and it is watched.
    """
    ours = attempt.number > 1 or unclaimed
    return job.spot or ours or policy.scope == "all" or bool(known and known.in_scope)


def delta(
    job: Job,
    attempt: Attempt,
    known: JobRecord | None,
    policy: Policy,
    *,
    foreign: bool = False,
    unclaimed: bool = False,
    tags: Mapping[str, str] | None = None,
    owner: str | None = None,
    no_deadline: str | None = None,
) -> Delta:
    """What this description of a job adds to a ledger whose head of the job is `known`.

    `tags` are the job's, None where they were not read; those that the policy keeps stay as they
    were when they were first read. `owner` and `no_deadline` are as in JobRecord. A `foreign` job has a name that Spotter had
    claimed and is not what was claimed: nobody decides about it, so that no lineage begins anew where another one has
    come to its end. An `unclaimed` one is in scope, as `in_scope` says.
    """
    within = in_scope(job, attempt, known, policy, unclaimed=unclaimed)
    head = replace(JobRecord.of(job, attempt, in_scope=within), tags=_kept(tags, known, policy))
    head = replace(head, owner=owner if head.owner is None else head.owner)
    head = replace(head, no_deadline=no_deadline)
    if known and known.reached_training:
        head = replace(head, reached_training=True)  # also if SageMaker no longer shows it
    if known and not head.supersedes(known):
        return Delta()
    if not within:
        return Delta(head=head)
    fresh = _unrecorded(job.timeline, known)
    return Delta(
        transitions=tuple(_recorded(job, t) for t in fresh),
        ended=_ending(head) if not foreign and _someone_must_decide(head, policy) else None,
        head=head,
        notable=notable(head, known),
    )


def _kept(
    tags: Mapping[str, str] | None, known: JobRecord | None, policy: Policy
) -> tuple[tuple[str, str], ...] | None:
    if known and known.tags is not None:
        return known.tags
    if tags is None:
        return None
    return tuple((key, tags[key]) for key in sorted(policy.recorded_tags) if key in tags)


def may_alert(job: Job, policy: Policy) -> bool:
    """True if what SageMaker shows of a job may be alerted about: its ending, or interruptions."""
    limit = policy.alerts.repeated_interruptions
    often = limit is not None and len(job.timeline.interruptions) >= limit.count
    return often or (job.ending is not None and job.ending not in NEEDS_NOTHING)


class NotYetKnown(Exception):
    """The claim on the job's name is still open, so it is not known whether Spotter created the job."""


def attempt_of(
    job: JobId, claimed: Attempt, tags: Mapping[str, str], claim: AttemptRecord | None
) -> tuple[Attempt, bool]:
    """Which attempt a job under a claimed name is, and whether it is somebody else's.

    It is the claimed one if it bears its tags, or if the claim says that it was started, since tags
    can be taken off. A job of somebody else under this name has no such tags. While the claim is open,
    this cannot be decided.
    """
    state = claim.state if claim else "abandoned"
    if claimed.tags.items() <= tags.items() or state == "started":
        return claimed, False
    if state != "abandoned":
        raise NotYetKnown(f"the claim on {job.name} is {state}")
    return Attempt(job, 1), True


def _unrecorded(timeline: Timeline, known: JobRecord | None) -> tuple[Transition, ...]:
    if known is None or not known.in_scope or known.recorded > len(timeline):
        return timeline.transitions
    vouched = Timeline(timeline.transitions[: known.recorded])
    unchanged = timeline_digest(vouched) == known.digest
    return timeline.transitions[known.recorded :] if unchanged else timeline.transitions


def _someone_must_decide(head: JobRecord, policy: Policy) -> bool:
    """False of a job that completed, and where no job may be resubmitted."""
    ended = head.ending is not None and head.ending is not Ending.COMPLETED
    return ended and policy.resubmission.mode is not Mode.OFF


def notable(head: JobRecord, known: JobRecord | None) -> bool:
    """True if the alert rules could raise an alert about what is new in this head."""
    before = known.interruptions if known else 0
    return head.interruptions > before or head.ending is not None


def _recorded(job: Job, transition: Transition) -> TransitionRecord:
    short = transition.status == INTERRUPTED or (
        transition == job.timeline.last and job.ending in CAPACITY_SHORTAGE
    )
    of_spot = job.spot and short and bool(job.instances)
    return TransitionRecord(job.id, transition, job.instances[0][0] if of_spot else None)


def _ending(head: JobRecord) -> EndingRecord:
    """The row about which resubmit decides: this attempt has ended."""
    ended = head.ended or head.modified
    ending = (head.ending or Ending.UNKNOWN).value
    return EndingRecord(head.attempt, head.id, ending, ended=ended, due=ended)
