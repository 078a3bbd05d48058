"""Every planted bug can still be planted; `make proof` plants them and runs the test that notices each."""

import ast
import sys

import pytest

from tests.planted_bugs import BUGS, PlantedBug
from tests.support import subprocesses
from tests.support.proof_page import REPOSITORY
from tests.support.proof_table import ProofCount

AREAS = (
    "record", "outbox", "claims", "sweep", "keys", "gate", "deadline", "policy", "IAM conditions",
    "dead letters", "filters",
)  # fmt: skip


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.what)
def test_a_bug_can_be_planted_and_its_test_exists(bug: PlantedBug) -> None:
    sound = (REPOSITORY / bug.path).read_text()
    assert ast.dump(ast.parse(bug.planted(sound))) != ast.dump(ast.parse(sound))
    for test in bug.tests.split():
        file, _, name = test.partition("::")
        assert f"def {name}(" in (REPOSITORY / file).read_text()


@pytest.mark.proof
@pytest.mark.shows(
    "planted bugs", "each is planted in memory, and the test that is named for it fails"
)
@pytest.mark.parametrize("area", AREAS)
def test_each_bug_of_an_area_is_caught(area: str, proof: ProofCount) -> None:
    words = [sys.executable, "-m", "tests.planted_bugs", "--area", area]
    lines = subprocesses.run(words, cwd=REPOSITORY).stdout.splitlines()
    caught = [line for line in lines if line.startswith("caught by ")]
    proof.count(tries=len([bug for bug in BUGS if bug.area == area]), fired=len(caught))
    assert [line for line in lines if line.startswith("MISSED")] == []
    assert len(caught) == len([bug for bug in BUGS if bug.area == area])


def test_there_are_forty_and_some_in_every_area() -> None:
    assert len(BUGS) >= 40
    assert {bug.area for bug in BUGS} == set(AREAS)
    assert len({bug.what for bug in BUGS}) == len(BUGS)
