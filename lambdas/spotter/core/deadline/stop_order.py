"""A stop order: whether a running job is stopped for its lineage's deadline, and whose stop it was afterwards.

Theory. Nothing in SageMaker's answers names the caller of StopTrainingJob. If Spotter took a user's stop for its
own, it would start again what a person stopped; if it took its own for a user's, a lineage would end for good. So
the order is a row of the ledger that is written before the call, and replaced only by whoever read its last turn.
Two functions, the one that the sweep wakes and the one that an event wakes, may work on it at the same time, and
each may end at any point.

| order | becomes | when |
|---|---|---|
| none, void, advised | ordered | the step is due, the job is InProgress, the switch is on |
| ordered | calling | described again: still InProgress, still due, the switch still on; and directly before the call nothing has changed |
| ordered | void | the job is no longer InProgress, or the step is no longer due |
| calling | called | SageMaker accepted the stop |
| calling | ordered | SageMaker did not carry out the call (throttled, denied, or the request was never sent) |
| calling | void | SageMaker refused: the job had ended, or was stopping already |
| calling | calling | the answer was lost: nobody knows whether SageMaker carried the call out |
| calling, nobody finished it | ordered | its writer can no longer live, and the job is still InProgress and due |
| calling, nobody finished it | void | likewise, and the job is no longer due, or has ended by anything but a stop |
| calling, nobody finished it | calling | likewise, and the job has Stopped: for good, unless a person continues the lineage |

While a call may be under way nobody judges the job's ending. Its writer can no longer live once its time limit and
two minutes have passed, by the Date in SageMaker's own answers: clocks of two machines are never compared to tell
who stopped a job. A job that completed while it was being stopped has completed.

An answer is lost if the call timed out, if SageMaker answered with an error that does not say whether the stop was
carried out, or if the function ended before it had recorded the answer. Such an order stays `calling`, whatever a
Describe shows: a user may have stopped the job within the moment between the last Describe and the call, and a job
that shows Stopping does not tell whose stop it was. So a stop whose answer was lost is never taken for Spotter's own.
If the job has Stopped, its lineage is not resubmitted, and a critical alert names the one command that continues it:
only `spotter continue` makes such an order called.

An order that is called stays called: SageMaker accepts one stop of a job and refuses each later one, so a user who
comes after Spotter sees a refusal, and Spotter sees one if a user came before. That a job which is Stopping already
is refused, and not only one that has ended, could not be verified without an account (docs/unverified.md,
second-stop).

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopTrainingJob.html
"""

from dataclasses import dataclass
from enum import StrEnum


class OrderState(StrEnum):
    """How far an order came. `advised` is that of mode `advise`: nothing is stopped."""

    ADVISED = "advised"
    ORDERED = "ordered"
    CALLING = "calling"
    CALLED = "called"
    VOID = "void"


class JobShows(StrEnum):
    """What DescribeTrainingJob shows of the job, as far as an order depends on it."""

    IN_PROGRESS = "InProgress"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    ENDED = "ended otherwise"


class OrderStep(StrEnum):
    """What a function does about an order."""

    NOTHING = "nothing"
    WAIT = "wait until its writer can no longer live"
    ORDER = "put it as ordered"
    CALL = "put it as calling, and call StopTrainingJob"
    VOID = "put it as void"


class StopAnswer(StrEnum):
    """How a call of StopTrainingJob ended."""

    ACCEPTED = "accepted"
    NOT_DONE = "not carried out"
    REFUSED = "refused"
    LOST = "no answer"


class StoppedBy(StrEnum):
    """Whose stop ended a job that shows Stopped."""

    SPOTTER = "Spotter"
    SOMEBODY_ELSE = "somebody else"
    UNKNOWN = "unknown"
    NOT_YET_KNOWN = "not yet known"


@dataclass(frozen=True)
class OrderLook:
    """One look at a job and its order.

    `due` is True if the lineage's deadline wants the job stopped now, and all else allows it. `over` is True
    once the writer of a `calling` can no longer live.
    """

    shows: JobShows
    due: bool = False
    over: bool = False


def order_step(state: OrderState | None, look: OrderLook) -> OrderStep:
    """What is done about an order in this state, None where there is none, at this look."""
    wanted = look.due and look.shows is JobShows.IN_PROGRESS
    match state:
        case None | OrderState.VOID | OrderState.ADVISED:
            return OrderStep.ORDER if wanted else OrderStep.NOTHING
        case OrderState.ORDERED:
            return OrderStep.CALL if wanted else OrderStep.VOID
        case OrderState.CALLING:
            return _nobody_finished(look, wanted) if look.over else OrderStep.WAIT
        case OrderState.CALLED:
            return OrderStep.NOTHING


def _nobody_finished(look: OrderLook, wanted: bool) -> OrderStep:
    match look.shows:
        case JobShows.IN_PROGRESS:
            return OrderStep.ORDER if wanted else OrderStep.VOID
        case JobShows.STOPPING:
            return OrderStep.WAIT
        case JobShows.STOPPED:
            return OrderStep.NOTHING
        case JobShows.ENDED:
            return OrderStep.VOID


def answered(answer: StopAnswer) -> OrderState:
    """The state of the order whose call ended so."""
    match answer:
        case StopAnswer.ACCEPTED:
            return OrderState.CALLED
        case StopAnswer.NOT_DONE:
            return OrderState.ORDERED
        case StopAnswer.REFUSED:
            return OrderState.VOID
        case StopAnswer.LOST:
            return OrderState.CALLING


def stopped_by(state: OrderState | None, *, over: bool) -> StoppedBy:
    """Whose stop it was if a job with this order shows Stopped."""
    if state is OrderState.CALLED:
        return StoppedBy.SPOTTER
    if state is OrderState.CALLING:
        return StoppedBy.UNKNOWN if over else StoppedBy.NOT_YET_KNOWN
    return StoppedBy.SOMEBODY_ELSE
