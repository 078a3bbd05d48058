"""STOP rows: that Spotter stops a running attempt for its lineage's deadline, and how far that came.

`resubmit` puts the row and replaces it, by turn; `spotter continue` replaces it, too, where nobody knows whose stop
ended the job. The states and what follows from each are in core/deadline/stop_order.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from spotter.core.deadline.hand_over import NextStep
from spotter.core.deadline.stop_order import JobShows, OrderState, StoppedBy, stopped_by
from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import Key, Row
from spotter.core.ledger.typed_row import further, instant_in, instant_text, without_absent
from spotter.core.ledger.validation import Malformed, Shape, count, flag, instant, job, text
from spotter.core.model.identity import Attempt, JobId

SHAPE: tuple[Shape, Shape] = (
    {"job": job, "state": text},
    {
        "step": text, "reason": text, "option": text, "ordered": instant, "over_at": instant,
        "continued": instant, "answer": text, "closed": flag, "turn": count,
    },
)  # fmt: skip


@dataclass(frozen=True)
class StopOrder:
    """The order to stop one attempt.

    `step` is what the deadline wanted and `reason` why, `option` the capacity option that would come next. `ordered`
    is when it was put last in that state, by the writer's clock, for people. From `over_at` on, by the Date
    of SageMaker's answers, the writer of a `calling` can no longer live. `answer` is the code with which SageMaker
    declined. A `closed` order is that of an ending that is settled: nothing is called any more. `continued` is when a
    person decided that the lineage goes on.
    """

    attempt: Attempt
    job: JobId
    state: OrderState
    step: NextStep = NextStep.STAY
    reason: str | None = None
    option: str | None = None
    ordered: datetime | None = None
    over_at: datetime | None = None
    answer: str | None = None
    closed: bool = False
    continued: datetime | None = None
    turn: int | None = None
    others: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return key(self.attempt)

    @property
    def was_ordered(self) -> bool:
        """False of a row that only closes an ending: nobody ever ordered or advised to stop the attempt."""
        return not (self.closed and self.state is OrderState.VOID and self.ordered is None)

    def is_over(self, date: datetime | None) -> bool:
        """True once the writer of a `calling` can no longer live, by the Date of an answer of SageMaker."""
        return self.over_at is not None and date is not None and date >= self.over_at

    def stopped_by(self, date: datetime | None) -> StoppedBy:
        """Whose stop it was, if the job shows Stopped in an answer of this Date."""
        return stopped_by(self.state, over=self.is_over(date))

    def row(self) -> Row:
        row = {**self.others, **row_keys.keyed(self.key), "job": str(self.job)}
        row |= {"state": self.state.value, "step": self.step.value}
        row |= {name: getattr(self, name) for name in _AS_IS}
        row |= {name: instant_text(getattr(self, name)) for name in _INSTANTS}
        return without_absent(row | {"closed": self.closed or None})

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """The order in a row; Malformed if it is none, also where its state is one that only a newer Spotter knows."""
        row, own = validation.held_to(row, SHAPE), row_keys.key_of(row)
        if row["state"] not in set(OrderState):
            raise Malformed(own, "`state` is none that this version knows")
        step = row.get("step")
        return cls(
            attempt=Attempt(validation.root_of(own), validation.number_of(own)),
            job=JobId.parse(row["job"]),
            state=OrderState(row["state"]),
            step=NextStep(step) if step in set(NextStep) else NextStep.STAY,
            closed=row.get("closed", False),
            others=further(row, _KNOWN),
            ordered=instant_in(row, "ordered"),
            over_at=instant_in(row, "over_at"),
            continued=instant_in(row, "continued"),
            **{name: row[name] for name in _AS_IS if name in row},
        )


def key(attempt: Attempt) -> Key:
    return row_keys.lineage_pk(attempt.root), row_keys.stop_sk(attempt.number)


def closed(order: StopOrder | None, attempt: Attempt, job: JobId, shows: JobShows) -> StopOrder:
    """The order of an ending that is settled; one that was never called is void.

    An attempt without an order gets one: so whoever saw the attempt run meets a conflict.
    """
    known = order or StopOrder(attempt, job, OrderState.VOID)
    never = known.state in (OrderState.ORDERED, OrderState.ADVISED)
    refuted = known.state is OrderState.CALLING and shows is JobShows.ENDED
    state = OrderState.VOID if never or refuted else known.state
    return replace(known, state=state, closed=True)


_AS_IS = ("reason", "option", "answer", "turn")
_INSTANTS = ("ordered", "over_at", "continued")
_KNOWN = {*_AS_IS, *_INSTANTS, "job", "state", "step", "closed"}
