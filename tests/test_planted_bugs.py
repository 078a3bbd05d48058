"""Every planted bug can still be planted; `python -m tests.planted_bugs` plants them and runs their tests."""

import ast

import pytest

from tests.planted_bugs import BUGS, REPOSITORY, PlantedBug
from tests.support.proof_table import ProofCount

AREAS = {
    "record", "outbox", "claims", "sweep", "keys", "gate", "deadline", "policy", "IAM conditions",
    "dead letters", "filters",
}  # fmt: skip


@pytest.mark.shows("planted bugs", "each text is there once, the change is code, its tests exist")
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.what)
def test_a_bug_can_be_planted_and_its_tests_exist(bug: PlantedBug, proof: ProofCount) -> None:
    sound = (REPOSITORY / bug.path).read_text()
    planted = bug.planted(sound)
    assert ast.dump(ast.parse(planted)) != ast.dump(ast.parse(sound))
    assert [test for test in bug.tests.split() if not (REPOSITORY / test).exists()] == []
    proof.count(tries=1, fired=1)


def test_there_are_forty_and_some_in_every_area() -> None:
    assert len(BUGS) >= 40
    assert {bug.area for bug in BUGS} == AREAS
    assert len({bug.what for bug in BUGS}) == len(BUGS)
