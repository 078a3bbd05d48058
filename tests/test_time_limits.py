"""A test that never comes to an end fails, whatever it does meanwhile."""

import sys
from pathlib import Path

from laptop.location import REPOSITORY
from tests.support import subprocesses

ENDLESS = """
import threading
from hypothesis import given, strategies

def test_a_loop():
    while True:
        pass

def test_a_loop_that_takes_every_exception():
    while True:
        try:
            pass
        except Exception:
            pass

@given(strategies.integers())
def test_a_loop_in_a_property_which_is_tried_again_as_it_fails(n):
    while True:
        pass

def test_a_wait():
    threading.Event().wait()

def test_after_them():
    pass
"""


def test_an_endless_test_fails_and_those_after_it_run(tmp_path: Path):
    (tmp_path / "test_endless.py").write_text(ENDLESS)
    words = ["-c", REPOSITORY / "pyproject.toml", "--rootdir", tmp_path, "-p", "no:cacheprovider"]
    soon = ["-o", "timeout=1", "-o", "faulthandler_timeout=3", "-n", "1", tmp_path]
    done = subprocesses.run([sys.executable, "-m", "pytest", *words, *soon], cwd=tmp_path)
    assert "4 failed, 1 passed" in done.stdout
