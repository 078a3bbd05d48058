"""Rehearsals of real training scripts, right ones and such with a planted fault: `make test-rehearse`."""

import ast
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from tests.rehearse.corpus import SCRIPTS, ScriptVariant, rehearse, variants
from tests.rehearse.warm import IMPORTED, warm

PYTHON = os.environ.get("SPOTTER_FRAMEWORKS", "")
MODULES = {
    "python": "json",
    "plain": "torch",
    "huggingface": "transformers",
    "lightning": "lightning",
    "keras": "tensorflow",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
}
ALL = pytest.mark.parametrize("variant", variants(), ids=lambda one: f"{one.framework}-{one.name}")


@cache
def is_there(framework: str) -> bool:
    find = (
        f"import importlib.util as u; raise SystemExit(u.find_spec({MODULES[framework]!r}) is None)"
    )
    return subprocess.run([PYTHON, "-c", find]).returncode == 0


@pytest.fixture(scope="module")
def interpreters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Of a framework, the path of an interpreter that has imported it already."""
    with ExitStack() as stack:

        @cache
        def warmed(framework: str) -> str:
            folder = tmp_path_factory.mktemp(framework)
            return stack.enter_context(warm(PYTHON, folder, IMPORTED[framework]))

        yield warmed


@pytest.mark.frameworks
@ALL
def test_a_script_gets_the_verdict_that_was_planted(
    variant: ScriptVariant, interpreters: Callable[[str], str], tmp_path: Path
) -> None:
    """Each framework's right script in an interpreter of its own and in SageMaker's folders, as the command does it."""
    if not PYTHON or not is_there(variant.framework):
        pytest.skip(
            f"no interpreter with {MODULES[variant.framework]}: SPOTTER_FRAMEWORKS names one"
        )
    anew = variant.name == "right"
    python = PYTHON if anew else interpreters(variant.framework)
    verdict = rehearse(variant, python, tmp_path, seed=1, interruptions=2, in_namespace=anew)
    assert variant.is_met(verdict), verdict


@ALL
def test_a_variant_is_the_right_script_with_its_edits(variant: ScriptVariant) -> None:
    ast.parse(variant.text)


def test_an_edit_whose_text_is_not_in_the_script_is_named() -> None:
    gone = ScriptVariant("plain", "gone", "", "continues", edits=(("no such text", ""),))
    with pytest.raises(LookupError, match="plain/gone: 0 times in the script: 'no such text'"):
        _ = gone.text
    often = ScriptVariant("plain", "often", "", "continues", edits=(("import", ""),))
    with pytest.raises(LookupError, match="times in the script: 'import'"):
        _ = often.text


def test_each_family_has_a_right_script_and_two_faulty_ones_at_least() -> None:
    assert {path.stem for path in SCRIPTS.glob("*.py")} == set(MODULES)
    for framework in MODULES:
        right = [one.is_right for one in variants() if one.framework == framework]
        assert (True in right, right.count(False) >= 2) == (True, True)
