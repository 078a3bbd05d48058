"""A mutant is the module with one change, and nothing else; its tests run in a process that is forked."""

import ast
import json
import os
import sys
from pathlib import Path

import pytest

from tests import mutation
from tests.support import subprocesses
from tests.support.equivalent_mutants import EQUIVALENT
from tests.support.mutants import Mutant, Places, mutants
from tests.support.proof_page import REPOSITORY


def test_each_mutant_changes_its_module_once_on_its_line() -> None:
    every = [m for m in mutants() if m.path.endswith("deadline/hand_over.py")]
    assert len(every) > 10
    sound = Path(REPOSITORY / every[0].path).read_text()
    plain = compile(ast.parse(sound), "x", "exec")
    for mutant in every:
        changed = Places(mutant.number)
        changed.visit(ast.parse(sound))
        assert changed.found[mutant.number] == (mutant.line, mutant.what, mutant.in_function)
        assert mutant.code() != plain


def test_decorators_are_left_alone_and_defaults_run_at_import() -> None:
    text = "@dataclass(frozen=True)\nclass A:\n    def f(self, n=1):\n        return n + 2\n"
    places = Places()
    places.visit(ast.parse(text))
    assert places.found == [
        (3, "1 to 2", False),
        (4, "2 to 3", True),
        (4, "Add to Sub", True),
        (4, "None is returned", True),
    ]


def test_the_tests_of_a_line_that_runs_at_import_are_those_of_its_file_in_turn() -> None:
    lines = {"3": ["a::1", "a::2"], "5": ["b::1"]}
    assert mutation.reaching(lines, 5) == ["b::1"]
    assert mutation.reaching(lines, 1) == ["a::1", "b::1", "a::2"]


PLACE = "lambdas/spotter/core/deadline/hand_over.py"
TESTS = ["tests/core/deadline/test_hand_over.py"]
TRIED = """
import json, sys
from tests.support.changed_modules import outcome, source, warm
path, old, new, budget, *tests = json.loads(sys.argv[1])
warm()
text = source(path)
assert old in text
found = outcome(path, compile(text.replace(old, new), path, "exec"), tests, 60, budget)
print(found.outcome.value, found.test)
"""


@pytest.mark.parametrize(
    ("old", "new", "ended"),
    [
        ("now.slack <= point", "now.slack <= point", "survived None"),
        (
            "now.slack <= point",
            "now.slack < point",
            "noticed tests/core/deadline/test_hand_over.py",
        ),
        ("HAND_OVER = ", "HAND_OVER = no_such_name or ", "noticed its import"),
    ],
)
def test_a_change_in_memory_is_noticed_by_its_tests(old, new, ended) -> None:
    assert _tried(old, new, 600).startswith(ended)


def test_a_change_that_no_test_noticed_within_its_budget_survived() -> None:
    assert _tried("now.slack <= point", "now.slack < point", 0).startswith("survived None")


def _tried(old: str, new: str, budget: float) -> str:
    words = [sys.executable, "-c", TRIED, json.dumps([PLACE, old, new, budget, *TESTS])]
    done = subprocesses.run(words, cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": "."})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_mutants_of_functions_are_tried_in_one_session(monkeypatch, tmp_path) -> None:
    """In a process of its own, since this one has imported Spotter."""
    code = """
import json, sys
from tests import mutation
from tests.support.changed_modules import warm
from tests.support.equivalent_mutants import EQUIVALENT
from tests.support.mutants import mutants
path, test = sys.argv[1:]
chosen = [m for m in mutants() if m.path == path and m.in_function]
chosen = [m for m in chosen if m.what == "LtE to Lt" or m.what == "None is returned"]
mutation.TESTS = (test.partition("::")[0],)
warm()
tests = {path: {str(m.line): [test] for m in chosen}}
print(json.dumps([[m.text, status] for m, status in mutation.in_one_session(chosen, tests)]))
"""
    test = f"{TESTS[0]}::test_on_demand_stays_whatever_the_time"
    words = [sys.executable, "-c", code, PLACE, test]
    done = subprocesses.run(words, cwd=REPOSITORY, env=os.environ | {"PYTHONPATH": "."})
    found = {(text, status) for text, status in json.loads(done.stdout)}
    assert ("return NextStep.STAY", 1) in found, done.stderr
    assert ("return NextStep.HAND_OVER", 0) in found


def test_a_survivor_is_in_the_page_with_its_line_and_its_judgement() -> None:
    mutant = next(m for m in mutants() if m.path == PLACE and m.in_function)
    page = mutation.page([mutant], 7, 0)
    assert f"| {PLACE}:{mutant.line} |" in page
    assert page.rstrip().endswith("| not judged |")
    assert isinstance(mutant, Mutant)


def test_every_judgement_is_about_a_mutant_that_there_is() -> None:
    every = {(m.path.removeprefix("lambdas/spotter/core/"), m.text, m.what) for m in mutants()}
    assert [key for key in EQUIVALENT if key not in every] == []
