"""A mutant is the module with one change, and nothing else."""

import ast
from pathlib import Path

from tests import mutation


def test_each_mutant_changes_its_module_once_on_its_line() -> None:
    every = [m for m in mutation.mutants() if m.path.endswith("deadline/hand_over.py")]
    assert len(every) > 10
    sound = Path(mutation.REPOSITORY / every[0].path).read_text()
    plain = compile(ast.parse(sound), "x", "exec")
    for mutant in every:
        changed = mutation.Places(mutant.number)
        changed.visit(ast.parse(sound))
        assert changed.found[mutant.number] == (mutant.line, mutant.what)
        assert mutation.mutated(mutant) != plain


def test_the_tests_of_a_line_that_runs_at_import_are_those_of_its_file() -> None:
    lines = {"3": ["a", "b"], "5": ["c"]}
    assert mutation.reaching(lines, 5) == ["c"]
    assert mutation.reaching(lines, 1) == ["a", "b", "c"]
