"""The outcome of an ending follows from its rows alone, whichever came first."""

from dataclasses import replace

import pytest

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt
from spotter.core.resubmit.outcome import Outcome, outcome
from tests.support.jobs import OUT_OF_TIME, job
from tests.support.ledger_rows import claim, ending

ONE = job(OUT_OF_TIME)
HEAD = JobRecord.of(ONE, Attempt(ONE.id, 1), in_scope=True)
CLAIMED = ending(settled="resubmit")


def following(state):
    return claim(state=state)


@pytest.mark.parametrize(
    ("ended", "next_attempt", "expected"),
    [
        (None, None, Outcome.NOT_CONSIDERED),
        (ending(), None, Outcome.PENDING),
        (ending(held="it pauses"), None, Outcome.HELD),
        (ending(held="it pauses", settled="refuse"), None, Outcome.REFUSED),
        (ending(settled="refuse"), None, Outcome.REFUSED),
        (ending(settled="advise"), None, Outcome.ADVISED),
        (CLAIMED, None, Outcome.PENDING),
        (CLAIMED, following("creating"), Outcome.PENDING),
        (CLAIMED, following("waiting"), Outcome.WAITING),
        (CLAIMED, following("started"), Outcome.STARTED),
        (CLAIMED, following("abandoned"), Outcome.ABANDONED),
        (CLAIMED, following("a newer state"), Outcome.PENDING),
        (ending(settled="refuse"), following("started"), Outcome.STARTED),
    ],
)
def test_each_state_of_the_rows_has_its_outcome(ended, next_attempt, expected):
    assert outcome(HEAD, ended, next_attempt) is expected


def test_a_job_that_runs_has_no_outcome():
    assert outcome(replace(HEAD, ending=None), ending(settled="refuse"), None) is None


@pytest.mark.parametrize("ending", [Ending.COMPLETED, Ending.STOPPED, Ending.DELETED])
def test_success_and_what_was_wanted_need_nothing(ending):
    assert outcome(replace(HEAD, ending=ending), None, None) is Outcome.NONE_NEEDED


def test_only_what_no_row_will_change_is_final():
    assert {o for o in Outcome if not o.final} == {Outcome.PENDING, Outcome.HELD, Outcome.WAITING}
