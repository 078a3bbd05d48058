"""The states of a stop order: the table of core/deadline/stop_order.py, every combination of it."""

from itertools import product

import pytest

from spotter.core.deadline.stop_order import (
    JobShows,
    OrderLook,
    OrderState,
    OrderStep,
    StopAnswer,
    StoppedBy,
    answered,
    order_step,
    stopped_by,
)

RUNS, STOPPING, STOPPED, ENDED = JobShows
NONE_YET = (None, OrderState.VOID, OrderState.ADVISED)


@pytest.mark.parametrize(
    ("state", "shows", "due", "over"),
    list(product((None, *OrderState), JobShows, (False, True), (False, True))),
)
def test_what_follows_from_each_state_and_look(state, shows, due, over):
    """All 96 combinations, against the table as sentences."""
    step = order_step(state, OrderLook(shows, due=due, over=over))
    wanted = due and shows is RUNS
    if state in NONE_YET:
        assert step is (OrderStep.ORDER if wanted else OrderStep.NOTHING)
    elif state is OrderState.ORDERED:
        assert step is (OrderStep.CALL if wanted else OrderStep.VOID)
    elif state is OrderState.CALLED:
        assert step is OrderStep.NOTHING
    elif not over:
        assert step is OrderStep.WAIT
    else:
        expected = {
            RUNS: OrderStep.ORDER if due else OrderStep.VOID,
            STOPPING: OrderStep.WAIT,
            STOPPED: OrderStep.NOTHING,
            ENDED: OrderStep.VOID,
        }
        assert step is expected[shows]


def test_a_job_is_stopped_only_by_an_order_that_was_written_before():
    callers = [
        state
        for state, shows, due, over in product(
            (None, *OrderState), JobShows, (False, True), (False, True)
        )
        if order_step(state, OrderLook(shows, due=due, over=over)) is OrderStep.CALL
    ]
    assert set(callers) == {OrderState.ORDERED}


ANSWERS = {
    StopAnswer.ACCEPTED: OrderState.CALLED,
    StopAnswer.NOT_DONE: OrderState.ORDERED,
    StopAnswer.REFUSED: OrderState.VOID,
    StopAnswer.LOST: OrderState.CALLING,
}


@pytest.mark.parametrize("answer", StopAnswer)
def test_what_an_answer_makes_of_an_order(answer):
    assert answered(answer) is ANSWERS[answer]


@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("state", [None, *OrderState])
def test_only_a_called_order_makes_a_stop_spotters(state, over):
    found = stopped_by(state, over=over)
    assert (found is StoppedBy.SPOTTER) == (state is OrderState.CALLED)
    unknown = StoppedBy.UNKNOWN if over else StoppedBy.NOT_YET_KNOWN
    assert (found is unknown) == (state is OrderState.CALLING)


def test_a_look_that_does_not_say_so_finds_no_stop_due_and_no_writer_gone():
    assert order_step(None, OrderLook(RUNS)) is OrderStep.NOTHING
    assert order_step(OrderState.CALLING, OrderLook(RUNS)) is OrderStep.WAIT
