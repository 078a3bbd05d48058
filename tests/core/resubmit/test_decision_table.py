"""Every combination of what SageMaker can say and of what lies in S3 is decided; the table shows how.

The table in docs/decision-table.md is written from here: `make docs` writes it anew.
"""

from itertools import product

import pytest

from docs.generate import CHECKPOINTS, FAILURES, OWNERS, STATUSES, decided
from spotter.core.model.endings import RESUBMITTABLE
from spotter.core.model.job import Job
from spotter.core.model.timeline import ORDER
from spotter.core.resubmit.case import Kind

SECONDARIES = (*ORDER, "Quantised")


@pytest.mark.shows(
    "other endings", "every combination of statuses, failure, owner and what lies in S3"
)
@pytest.mark.parametrize("status", STATUSES)
def test_no_combination_is_undecided(status, proof):
    for secondary, failure, (checkpoint, owner) in product(
        SECONDARIES, FAILURES, product(CHECKPOINTS, OWNERS)
    ):
        job, decision = decided(status, secondary, failure, checkpoint, owner)
        assert decision.reason
        assert decision.rule
        proof.count(tries=1, fired=1)
        if decision.kind is Kind.RESUBMIT:
            allowed(job, checkpoint, owner)


def allowed(job: Job, checkpoint: str, owner: str) -> None:
    """All that promise 3 asks for."""
    assert owner == "nobody else"
    assert job.ending in RESUBMITTABLE
    assert checkpoint in ("never trained", "a newer one")
