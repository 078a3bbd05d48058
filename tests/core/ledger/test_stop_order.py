"""The row of a stop order, closed by the ending that it was about."""

import pytest

from spotter.core.deadline.stop_order import JobShows, OrderState
from spotter.core.ledger.stop_order import StopOrder, closed
from spotter.core.model.identity import Attempt
from tests.support.ledger_rows import ROOT

_, _, STOPPED, ENDED = JobShows


@pytest.mark.parametrize(
    ("state", "shows", "expected"),
    [
        (OrderState.ORDERED, STOPPED, OrderState.VOID),
        (OrderState.ADVISED, STOPPED, OrderState.VOID),
        (OrderState.CALLING, ENDED, OrderState.VOID),
        (OrderState.CALLING, STOPPED, OrderState.CALLING),
        (OrderState.CALLED, ENDED, OrderState.CALLED),
        (OrderState.CALLED, STOPPED, OrderState.CALLED),
    ],
)
def test_an_ending_that_is_settled_makes_void_what_was_never_called(state, shows, expected):
    attempt = Attempt(ROOT, 2)
    order = closed(StopOrder(attempt, ROOT, state), attempt, ROOT, shows)
    assert (order.state, order.closed) == (expected, True)


def test_an_ending_without_an_order_gets_a_void_one():
    order = closed(None, Attempt(ROOT, 2), ROOT, STOPPED)
    assert (order.state, order.closed) == (OrderState.VOID, True)
