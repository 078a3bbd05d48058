"""Every combination of what SageMaker can say and of what lies in S3 is decided; the table shows how.

The table in docs/decision-table.md is written from here: `make docs` writes it anew.
"""

from itertools import product
from pathlib import Path

import pytest

from docs import generate
from docs.generate import CHECKPOINTS, FAILURES, OWNERS, STATUSES, decided
from spotter.core.model.endings import MAY_BE_CARRIED_ON
from spotter.core.model.job import Job
from spotter.core.model.timeline import ORDER
from spotter.core.resubmit.case import Kind

TABLE = Path(__file__).parents[3] / "docs/decision-table.md"
SECONDARIES = (*ORDER, "Quantised")


@pytest.mark.parametrize("status", STATUSES)
def test_no_combination_is_undecided(status):
    for secondary, failure, (checkpoint, owner) in product(
        SECONDARIES, FAILURES, product(CHECKPOINTS, OWNERS)
    ):
        job, decision = decided(status, secondary, failure, checkpoint, owner)
        assert decision.reason
        assert decision.because
        if decision.kind is Kind.CARRY_ON:
            allowed(job, checkpoint, owner)


def allowed(job: Job, checkpoint: str, owner: str) -> None:
    """All that promise 3 asks for."""
    assert owner == "nobody else"
    assert job.ending in MAY_BE_CARRIED_ON
    assert checkpoint in ("never trained", "a newer one")


def test_the_table_in_the_documentation_is_this_one():
    assert TABLE.read_text() == generate.decision_table()


def test_the_page_of_checkpoints_is_made_from_the_table_of_layouts():
    assert generate.CHECKPOINTS_PAGE.read_text() == generate.checkpoints_page()


def test_the_page_of_checks_names_every_rule_of_them():
    assert generate.CHECKS_PAGE.read_text() == generate.checks_page()


def test_the_page_of_rules_names_every_rule_as_it_is():
    assert generate.RULES_PAGE.read_text() == generate.rules_page()


def test_decision_5_has_the_table_of_what_a_request_does_with_each_member():
    assert generate.REQUEST_PAGE.read_text() == generate.request_page()
    assert generate.request_table() in generate.request_page()
