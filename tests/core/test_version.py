"""A command line works with stacks of its own version and of older ones, and names what is in the way else."""

import re

import pytest

from spotter.core import version
from spotter.core.version import OLDEST_STACK, VERSION, incompatible


@pytest.mark.parametrize(
    ("stack", "reader"),
    [(None, VERSION), (VERSION, VERSION), (OLDEST_STACK, VERSION), ("0.1.0", "0.2.0"),
     ("0.2.7", "0.2.1"), ("0.9.9", "1.0.0")],
)  # fmt: skip
def test_the_same_or_an_older_stack_will_do(stack, reader):
    assert incompatible("Spotter", stack, reader) is None


@pytest.mark.parametrize(("stack", "reader"), [("0.2.0", "0.1.9"), ("1.0.0", "0.9.9"), ("99.0.0", VERSION)])  # fmt: skip
def test_a_newer_stack_needs_a_newer_command_line(stack, reader):
    reason = incompatible("Spotter", stack, reader) or ""
    assert f"is of version {stack}, and this Spotter is {reader}, which is too old" in reason
    assert reason.endswith(f"install sagemaker-spotter {stack} or newer.")


def test_a_stack_that_is_too_old_is_named_with_what_reads_it(monkeypatch):
    monkeypatch.setattr(version, "OLDEST_STACK", "0.3.0")
    reason = incompatible("Spotter", "0.2.0", "1.0.0") or ""
    assert "which reads stacks from 0.3.0 on: deploy a newer Spotter, or install" in reason


@pytest.mark.parametrize("stack", ["", "1", "1.0", "1.0.0rc1", "one", "9999999.0.0"])
def test_a_version_of_another_form_is_not_guessed(stack):
    assert "does not know" in (incompatible("Spotter", stack) or "")


def test_versions_are_three_numbers():
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    assert re.fullmatch(r"\d+\.\d+\.\d+", OLDEST_STACK)
