"""Rehearsals of real training scripts, right ones and such with a planted fault: `make test-rehearse`."""

import os
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.rehearse.corpus import SCRIPTS, ExpectedVerdict, expected, rehearse

PYTHON = os.environ.get("SPOTTER_FRAMEWORKS", "")
MODULES = {
    "plain": "torch",
    "huggingface": "transformers",
    "lightning": "lightning",
    "keras": "tensorflow",
    "xgboost": "xgboost",
}


@cache
def is_there(framework: str) -> bool:
    find = (
        f"import importlib.util as u; raise SystemExit(u.find_spec({MODULES[framework]!r}) is None)"
    )
    return subprocess.run([PYTHON, "-c", find]).returncode == 0


@pytest.mark.frameworks
@pytest.mark.parametrize("case", expected(), ids=lambda case: f"{case.framework}-{case.name}")
def test_a_script_gets_the_verdict_that_was_planted(case: ExpectedVerdict, tmp_path: Path) -> None:
    if not PYTHON or not is_there(case.framework):
        pytest.skip(f"no interpreter with {MODULES[case.framework]}: SPOTTER_FRAMEWORKS names one")
    verdict = rehearse(case, PYTHON, tmp_path, seed=1)
    assert case.is_met(verdict), verdict


def test_each_script_has_an_expected_verdict() -> None:
    """And each framework a right script and two faulty ones at least."""
    cases = expected()
    assert {case.path for case in cases} == set(SCRIPTS.glob("*/*.py"))
    for framework in MODULES:
        right = [case.is_right for case in cases if case.framework == framework]
        assert (True in right, right.count(False) >= 2) == (True, True)
