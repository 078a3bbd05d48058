"""Stopping a running attempt for its lineage's deadline: the order in the ledger, and the one call of StopTrainingJob.

Each change of the order is a put on the turn that was read, so of two functions one goes on and the other meets
a conflict. What follows from each state is in core/deadline/stop_order.py; this module makes the calls.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)

from spotter.aws.ledger.jobs import Conflict
from spotter.aws.ledger.table import Ledger
from spotter.aws.record import describe
from spotter.core.deadline.stop_order import (
    JobShows,
    OrderLook,
    OrderState,
    OrderStep,
    StopAnswer,
    answered,
    order_step,
)
from spotter.core.ledger.stop_order import StopOrder
from spotter.core.model.endings import Ending
from spotter.core.model.job import Job

AFTER_THE_LIMIT = timedelta(minutes=2)
"""For a request of the function that is still under way when Lambda ends it, and for SageMaker's own clocks."""
NEVER_SENT = (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError)
NOT_CARRIED_OUT = frozenset(
    {
        "ThrottlingException",
        "Throttling",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "RequestThrottledException",
        "AccessDeniedException",
        "AccessDenied",
        "ExpiredTokenException",
        "UnrecognizedClientException",
    }
)
"""Codes of an answer that says: the stop was not carried out, and may be later."""
REFUSED = frozenset({"ValidationException", "ResourceNotFound", "ResourceNotFoundException"})
"""Codes of an answer that says: the job had ended, or was stopping, or is gone."""
Described = dict[str, Any]
IsDue = Callable[[Described], bool]
"""Whether the lineage still wants the job stopped, by a newer answer of DescribeTrainingJob."""


def shows(described: Described) -> JobShows:
    """What an answer of DescribeTrainingJob shows."""
    job = Job.described(described)
    if job.running:
        return JobShows.STOPPING if job.status == JobShows.STOPPING else JobShows.IN_PROGRESS
    return JobShows.STOPPED if job.ending is Ending.STOPPED else JobShows.ENDED


@dataclass(frozen=True)
class Stopper:
    """The ledger, a SageMaker to read from, and `stopping`, one that calls once and does not retry.

    `switched_on` reads the switch at this moment. `time_limit` is that of the function.
    """

    ledger: Ledger
    sagemaker: Any
    stopping: Any
    switched_on: Callable[[], bool]
    time_limit: timedelta

    def look(
        self, order: StopOrder | None, fresh: StopOrder, described: Described, is_due: IsDue
    ) -> StopOrder | None:
        """One look at a job and its order: the order as it stands afterwards, None if there is none.

        `fresh` is what would be put as ordered. Conflict if somebody else changed the order meanwhile.
        """
        if order is not None and order.closed:
            return order
        over = order is not None and order.is_over(describe.date(described))
        seen = OrderLook(shows(described), due=is_due(described), over=over)
        match order_step(order.state if order else None, seen):
            case OrderStep.NOTHING | OrderStep.WAIT:
                return order
            case OrderStep.VOID:
                assert order is not None
                return self._void(order, "the job had ended, or the step was no longer due")
            case OrderStep.ORDER:
                return self._call(self._order(order, fresh), is_due)
            case OrderStep.CALL:
                assert order is not None
                return self._call(order, is_due)

    def _order(self, order: StopOrder | None, fresh: StopOrder) -> StopOrder:
        """Put the order as ordered, in place of the one that was read, or as the first one."""
        if order is not None:
            return self.ledger.replace(order, replace(fresh, others=order.others))
        first = replace(fresh, turn=0)
        if not self.ledger.put_new(first):
            raise Conflict(" ".join(first.key))
        return first

    def _void(self, order: StopOrder, why: str) -> StopOrder:
        return self.ledger.replace(order, replace(order, state=OrderState.VOID, answer=why))

    def _call(self, order: StopOrder, is_due: IsDue) -> StopOrder:
        """Describe again, read the switch again, put the order as calling, and call, once.

        Whether the stop is still due takes reads of S3 and of the ledger, so the job is described once more after
        them: if it changed meanwhile (a user stopped it, or it got its capacity), the next look decides.
        """
        again = self._described(order)
        if again is None:
            return self._void(order, "SageMaker no longer knows the job")
        seen = OrderLook(shows(again), due=is_due(again))
        if order_step(order.state, seen) is not OrderStep.CALL:
            return self._void(order, "the job had ended, or the step was no longer due")
        if not self.switched_on():
            return order
        last = self._described(order)
        date = describe.date(last) if last else None
        if last is None or date is None or _status(last) != _status(again):
            return order
        over_at = date + self.time_limit + AFTER_THE_LIMIT
        calling = replace(order, state=OrderState.CALLING, over_at=over_at, answer=None)
        calling = self.ledger.replace(order, calling)
        answer, code = self._stop(order.job.name)
        state = answered(answer)
        if state is OrderState.CALLING:
            return calling
        return self.ledger.replace(calling, replace(calling, state=state, answer=code))

    def _described(self, order: StopOrder) -> Described | None:
        """The job as SageMaker shows it now; None if it is gone, also if its name is another job's."""
        found = describe.describe(self.sagemaker, [order.job.name])
        return found if found and Job.described(found).id == order.job else None

    def _stop(self, name: str) -> tuple[StopAnswer, str | None]:
        """StopTrainingJob, once: how that ended, and the code of an answer that is no success."""
        try:
            self.stopping.stop_training_job(TrainingJobName=name)
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            if code in REFUSED:
                return StopAnswer.REFUSED, code
            return (StopAnswer.NOT_DONE if code in NOT_CARRIED_OUT else StopAnswer.LOST), code
        except (*NEVER_SENT, ParamValidationError) as error:
            return StopAnswer.NOT_DONE, type(error).__name__
        except BotoCoreError as error:
            return StopAnswer.LOST, type(error).__name__
        return StopAnswer.ACCEPTED, None


def _status(described: Described) -> tuple[str, str]:
    job = Job.described(described)
    return job.status, job.secondary
