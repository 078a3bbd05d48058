"""The table of `make proof` counts what tests counted, in every worker, and fails where nothing was shown."""

import sys
from pathlib import Path

import pytest

from laptop.location import REPOSITORY
from tests.support import proof_page, subprocesses
from tests.support.proof_table import GROUPS, ProofTable

TESTS = """
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

@pytest.mark.shows("races", "two at once")
@pytest.mark.parametrize("n", range(4))
def test_counts(n, proof):
    proof.count(tries=10, fired=n)

@pytest.mark.shows("quotas", "it was never used up")
def test_that_shows_nothing(proof):
    proof.count(tries=3, fired=0)

@pytest.mark.shows("names", "random numbers")
@settings(max_examples=30)
@given(st.integers())
def test_property(n):
    assume(n % 2 == 0)

@pytest.mark.shows("clocks", "an hour ahead")
@pytest.mark.parametrize("n", range(2))
def test_without_counts(n):
    assert n == 0
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_counts_are_added_over_tests_and_workers(tmp_path: Path, workers):
    (tmp_path / "test_some.py").write_text(TESTS)
    conftest = (REPOSITORY / "tests/conftest.py").read_text()
    (tmp_path / "conftest.py").write_text(conftest)
    words = ["-c", REPOSITORY / "pyproject.toml", "--rootdir", tmp_path, "-p", "no:cacheprovider"]
    page = tmp_path / "proof.md"
    words += ["-n", workers, "--proof-page", page, tmp_path]
    done = subprocesses.run([sys.executable, "-m", "pytest", *words], cwd=REPOSITORY)
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "two at once 40 6 0" in lines
    assert "an hour ahead 2 2 1" in lines
    assert "random numbers 30 30 0" in lines
    assert any("it was never used up: the fault never happened" in line for line in lines)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert not page.exists(), "a part of the tests makes no page"


def test_a_group_without_a_test_is_named():
    table = ProofTable()
    table.add(("races", "two at once"), 1, 1, 0)
    assert len(table.missing()) == len(GROUPS) - 1
    assert table.broken() == []


def test_the_page_holds_the_table_the_long_runs_and_what_is_not_covered(monkeypatch, tmp_path):
    monkeypatch.setattr(proof_page, "RECORDS", tmp_path / "records.json")
    table = ProofTable()
    table.add(("races", "two at once"), 40, 6, 0)
    before = proof_page.page(table, "Run on a day.")
    assert "| two at once | 40 | 6 | 0 |" in before
    assert "## Long runs" not in before
    assert "- `xray:PutTraceSegments`: Lambda sends the trace." in before
    assert "## Not covered" in before
    run = proof_page.LongRun("fleets")
    run.record(10, "0 to 9", "0 broke a promise")
    run.record(20, "0 to 19", "0 broke a promise")
    [row] = [line for line in proof_page.page(table, "").splitlines() if "fleets" in line]
    assert row.startswith(f"| fleets | 20 | 0 to 19 | {run.commit} |")
    assert row.endswith("| 0 broke a promise |")


def test_make_proof_names_its_page_in_one_word():
    """Pytest takes a word that is the name of a file for a path of tests, and then loads no option of ours."""
    makefile = (Path(__file__).parents[1] / "Makefile").read_text()
    assert "--proof-page=docs/proof.md" in makefile
