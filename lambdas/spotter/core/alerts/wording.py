"""The text of an alert about an ending: the state first, then the cause, then what to do."""

from collections.abc import Callable, Iterator, Mapping

from spotter.core.alerts.evidence import JobEvidence
from spotter.core.alerts.phrases import continue_by_hand, lost
from spotter.core.alerts.stages import Stage
from spotter.core.model.endings import Ending
from spotter.core.model.times import counted, iso, words
from spotter.core.policy.model import Mode
from spotter.core.resubmit.outcome import STOP_UNKNOWN
from spotter.core.resubmit.refusals import Refusal

CAUSES = {
    Ending.OUT_OF_WAIT: "it ran out of MaxWaitTimeInSeconds{wait} after it had trained",
    Ending.NEVER_LAUNCHED: "it ran out of MaxWaitTimeInSeconds{wait} before it reached Training",
    Ending.OUT_OF_RUNTIME: "it ran out of MaxRuntimeInSeconds{runtime}",
    Ending.CAPACITY: "SageMaker had no capacity for it (CapacityError)",
    Ending.INTERNAL: "SageMaker had an internal error (InternalServerError)",
    Ending.ALGORITHM: "its own code failed (AlgorithmError)",
    Ending.HANDED_OVER: "Spotter stopped it for its deadline",
    Ending.STOPPED: "it was stopped, by Spotter for its deadline or by somebody else",
}
FOLLOWS = "Another alert follows with the outcome."


def headline(stage: Stage, evidence: JobEvidence) -> str:
    """The state of the job, then the cause."""
    name, ended = evidence.name, f"{evidence.name} {_ended(evidence)}"
    again = {Stage.REFUSED: "is not resubmitted", Stage.ABANDONED: "is not resubmitted"}
    again |= dict.fromkeys((Stage.HELD, Stage.BLOCKED, Stage.WAITING), "waits to be resubmitted")
    if stage in again:
        return f"{ended} and {again[stage]}: {_reason(evidence)}"
    if stage is Stage.STARTED and evidence.ending is Ending.HANDED_OVER:
        return f"{name} was handed over to on demand as {_following(evidence)}: {_cause(evidence)}"
    if stage is Stage.STARTED:
        return f"{name} was resubmitted as {_following(evidence)}: {_cause(evidence)}"
    if stage is Stage.ADVISED:
        return f"{ended}, and would be resubmitted in mode act: {_cause(evidence)}"
    undecided = ", without a decision yet" if stage is Stage.PENDING else ""
    return f"{ended}{undecided}: {_cause(evidence)}"


def details(stage: Stage, evidence: JobEvidence) -> Iterator[str]:
    """How it ended, what was lost, what became of it."""
    head, count = evidence.head, len(evidence.timeline.interruptions)
    after = f", after {counted(count, 'interruption')}" if count else ""
    caused = (
        "it did not complete" if _cause(evidence) in headline(stage, evidence) else _cause(evidence)
    )
    yield f"SageMaker shows {head.status}, {head.secondary}{after}: {caused}."
    yield lost(evidence) if head.reached_training else "It never trained, so no work was lost."
    yield from _OUTCOMES[stage](evidence)


def next_steps(stage: Stage, evidence: JobEvidence) -> tuple[str, ...]:
    """What the reader can do; nothing where two jobs would come to share a checkpoint location."""
    off = evidence.policy.resubmission.mode is Mode.OFF
    remedy = _remedy(evidence)
    if evidence.ended and evidence.ended.rule == STOP_UNKNOWN:
        return _continue(evidence)
    if stage in (Stage.STARTED, Stage.HELD):
        return ()
    if stage is Stage.WAITING:
        return remedy or ("Raise the quota that the reason names, or stop another job.",)
    if stage is Stage.BLOCKED:
        return remedy or _unblock(evidence)
    if stage is Stage.PENDING and not off:
        return ("If no decision follows within 10 minutes, read the log of the function resubmit.",)
    return (*remedy, *_by_hand(evidence), *_look(evidence))


def _continue(evidence: JobEvidence) -> tuple[str, ...]:
    return (
        f"If nobody stopped it on purpose, run: spotter continue {evidence.name}",
        "If somebody did, there is nothing to do.",
    )


def _remedy(evidence: JobEvidence) -> tuple[str, ...]:
    """What a person can do about SageMaker's answer; nothing where it gave none."""
    held = (row.refusal for row in (evidence.following, evidence.ended) if row)
    found = next((one for one in held if isinstance(one, Mapping)), None)
    return (Refusal.read(found).remedy,) if found else ()


def _unblock(evidence: JobEvidence) -> tuple[str, ...]:
    """The job that is waited for, by its name, else whatever the reason names."""
    name = next(
        (r.blocked_by for r in (evidence.following, evidence.ended) if r and r.blocked_by),
        None,
    )
    if name:
        return (f"Let {name} finish, or stop it if it should not use these checkpoints.",)
    return ("Remove the obstacle that the reason names; Spotter then resubmits the job by itself.",)


def _not_considered(evidence: JobEvidence) -> Iterator[str]:
    if evidence.policy.resubmission.mode is Mode.OFF:
        yield 'Spotter will not resubmit it: the policy has mode = "off".'
    else:
        yield "Spotter will not resubmit it: resubmission was off when it ended, or the ledger holds no claim for it."


def _pending(evidence: JobEvidence) -> Iterator[str]:
    if evidence.policy.resubmission.mode is Mode.OFF:
        yield "Resubmission was switched off (mode off) before there was a decision about it."
    else:
        yield f"There is no decision about it yet. {FOLLOWS}"


def _held(evidence: JobEvidence) -> Iterator[str]:
    due = evidence.ended.due if evidence.ended else None
    until = iso(due) if due else None
    yield f"Spotter waits until {until} before it resubmits the job: {_reason(evidence)}. {FOLLOWS}"


def _blocked(evidence: JobEvidence) -> Iterator[str]:
    yield f"Spotter waits before it resubmits the job: {_reason(evidence)}."
    yield f"Spotter decides again every few minutes, {_until(evidence)}. {FOLLOWS}"


def _waiting(evidence: JobEvidence) -> Iterator[str]:
    yield f"{_following(evidence)} is not created yet: {_reason(evidence)}."
    yield f"No attempt was used up. Spotter retries {_until(evidence)}. {FOLLOWS}"


def _advised(evidence: JobEvidence) -> Iterator[str]:
    yield f"Spotter would have resubmitted it as {_following(evidence)}, because {_reason(evidence)}."
    yield (
        'The policy has mode = "advise", so no job was created. To let Spotter create it, set '
        'resubmission.roles and mode = "act".'
    )


def _refused(evidence: JobEvidence) -> Iterator[str]:
    yield f"Spotter did not resubmit it, because {_reason(evidence)}."


def _started(evidence: JobEvidence) -> Iterator[str]:
    claim, ended = evidence.following, evidence.ended
    number, reason = claim and claim.attempt.number, ended and ended.reason
    yield f"Spotter created attempt {number}, because {reason}."
    if claim and claim.checkpoint:
        yield f"It resumes from {claim.checkpoint}."
    for one in claim.refused_options if claim else ():
        yield f"The capacity option {one['rung']} is not used: {Refusal.read(one).reason}."
    if claim and claim.early:
        price = claim.attempt_money
        costs = (
            f"it costs at most {price} {evidence.policy.currency}"
            if price
            else "the policy has no price for it"
        )
        yield f"It runs on demand earlier than in the order of the rule's `capacity`; {costs}."


def _abandoned(evidence: JobEvidence) -> Iterator[str]:
    yield f"Spotter abandoned the next attempt, {_following(evidence)}, because {_reason(evidence)}."


_OUTCOMES: Mapping[Stage, Callable[[JobEvidence], Iterator[str]]] = {
    Stage.NOT_CONSIDERED: _not_considered,
    Stage.PENDING: _pending,
    Stage.HELD: _held,
    Stage.BLOCKED: _blocked,
    Stage.WAITING: _waiting,
    Stage.ADVISED: _advised,
    Stage.REFUSED: _refused,
    Stage.STARTED: _started,
    Stage.ABANDONED: _abandoned,
}


def _ended(evidence: JobEvidence) -> str:
    return "failed" if evidence.head.status == "Failed" else "stopped"


def _cause(evidence: JobEvidence) -> str:
    """Why it ended."""
    head = evidence.head
    text = CAUSES.get(evidence.ending or Ending.UNKNOWN)
    if text is None:
        kind = f", {head.failure}" if head.failure else ""
        return f"Spotter does not know this ending ({head.status}, {head.secondary}{kind})"
    limits = {"wait": head.max_wait, "runtime": head.max_runtime}
    return text.format(**{k: f" ({words(v)})" if v else "" for k, v in limits.items()})


def _reason(evidence: JobEvidence) -> str:
    """Why it is not resubmitted, or not yet: the next attempt's reason, else the decision's."""
    claim, ended = evidence.following, evidence.ended
    found = (claim and claim.reason, ended and ended.reason, ended and ended.held)
    return next((reason for reason in found if reason), "no reason was recorded")


def _following(evidence: JobEvidence) -> str:
    """The next attempt's name."""
    return str(
        (evidence.following and evidence.following.name) or (evidence.ended and evidence.ended.next)
    )


def _until(evidence: JobEvidence) -> str:
    most = evidence.policy.resubmission.max_age
    return f"until {words(most)} after the ending (max_age)"


def _by_hand(evidence: JobEvidence) -> tuple[str, ...]:
    if not evidence.head.reached_training:
        return (
            "Create the job again: on another instance type, on demand, or with a larger MaxWaitTimeInSeconds.",
        )
    return continue_by_hand(evidence)


def _look(evidence: JobEvidence) -> tuple[str, ...]:
    if evidence.head.status != "Failed" or evidence.head.ending is Ending.CAPACITY:
        return ()
    return ("Read the job's FailureReason and log in the console.",)
