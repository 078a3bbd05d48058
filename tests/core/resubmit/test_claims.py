"""What becomes of a claim: it is tried again on another capacity option, and says what it waits for."""

import pytest

from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.resubmit.case import Decision, Kind
from spotter.core.resubmit.claims import tried_again, waited_for
from spotter.core.resubmit.past_attempts import Spend
from spotter.core.resubmit.plan import plan
from tests.support.jobs import NOON, job
from tests.support.ledger_rows import claim, ending

DENIED = {"code": "AccessDeniedException", "kind": "access denied"}
REFUSED = {"barred": [{"rung": "spot", **DENIED}]}


def decision(option: str) -> Decision:
    taken = plan(CapacityOption.parse(option), job(), left=None, before=Spend(), prices={})
    return Decision(Kind.RESUBMIT, "a reason", plan=taken)


@pytest.mark.parametrize(
    ("known", "option", "early"),
    [
        (REFUSED, "on-demand", True),
        (REFUSED, "spot ml.g5.2xlarge", False),
        ({}, "on-demand", False),
        ({}, "spot", False),
    ],
)
def test_on_demand_is_early_only_where_sagemaker_refused_the_options_before_it(
    known, option, early
):
    again = tried_again(claim(**known), decision(option), "hash", NOON)
    assert (again.option, again.early) == (option, early)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (None, None),
        (ending(), None),
        (ending(held="another job writes there"), "another job writes there"),
        (claim(reason="a quota is in use", refusal=DENIED), "a quota is in use"),
        (
            claim(refusal=DENIED),
            "SageMaker answered AccessDeniedException: the call is not allowed",
        ),
        (claim(), None),
    ],
)
def test_what_a_row_waited_for_is_its_own_reason_before_sagemakers_answer(row, reason):
    assert waited_for(row) == reason
