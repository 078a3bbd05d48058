"""Sentences that several alerts share."""

from datetime import timedelta

from spotter.core.alerts.evidence import JobEvidence
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model import instances
from spotter.core.model.timeline import TRAINING
from spotter.core.model.times import counted, iso, words
from spotter.core.policy.model import Policy
from spotter.core.resubmit.past_attempts import worst_case


def so_far(evidence: JobEvidence) -> str:
    line = evidence.timeline
    interrupted = counted(len(line.interruptions), "interruption")
    return (
        f"{'This attempt' if evidence.head.attempt.number > 1 else 'So far'}: {interrupted}, "
        f"trained {words(line.trained)}, waited {words(line.waited)}."
    )


def lost(evidence: JobEvidence) -> str:
    """What could be lost, from the transitions alone; checkpoints may have saved some of it."""
    last_stay = [s.length for s in evidence.timeline.stays if s.status == TRAINING][-1:]
    lost = evidence.timeline.work_lost()
    if evidence.timeline.interruptions == () and last_stay:
        return f"It had trained {words(last_stay[0])} without interruption when it was stopped."
    return (
        f"It had trained {words(evidence.timeline.trained)}; interruptions put at most {words(lost)} "
        "of that at risk, less what its checkpoints saved."
    )


def at_risk(head: JobRecord, span: timedelta, policy: Policy) -> str:
    """The training at risk as text: `1 h 5 min on 2 x ml.g5.xlarge, 2.2 instance-hours, at most 3.10 USD`."""
    groups = " and ".join(instances.each(head.instances))
    spend = worst_case(head.instances, span, policy.resubmission.prices)
    money = "" if spend.money is None else f", at most {spend.money:.2f} {policy.currency}"
    return f"{words(span)} on {groups or 'its instances'}, {spend.instance_hours:.1f} instance-hours{money}"


NOTHING_TO_CONTINUE = (
    "a_trained_attempt_must_have_left_a_checkpoint",
    "a_trained_attempt_needs_a_place_for_checkpoints",
)
NOT_THERE = ("a_living_job_keeps_its_checkpoints", "an_attempt_is_followed_once")


def continue_by_hand(evidence: JobEvidence) -> tuple[str, ...]:
    """What the reader can do instead, where Spotter resubmits nothing and a new job could resume."""
    place, rule = evidence.head.checkpoint, evidence.ended.rule if evidence.ended else None
    if rule in NOT_THERE:
        return ()
    if rule in NOTHING_TO_CONTINUE:
        return ("No checkpoint to resume from was found: a new job starts from the beginning.",)
    if not place:
        return ("It has no CheckpointConfig, so a new job starts from the beginning.",)
    return (f"A new job with CheckpointConfig.S3Uri {place} resumes from its checkpoints.",)


def deadline(head: JobRecord) -> str:
    if head.max_wait is None:
        return ""
    return f"SageMaker stops it at {iso(head.id.created + head.max_wait)} (MaxWaitTimeInSeconds)."
