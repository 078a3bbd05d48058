"""The example notebook runs against a deployed Spotter, cell by cell, in this process."""

import os
from pathlib import Path

import pytest

from laptop import startup
from tests.laptop.test_startup import in_time, training_request
from tests.support.notebooks import run_cells, shown

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("laptop")]
EXAMPLE = Path(__file__).parents[2] / "examples/first-look.ipynb"


def test_the_example_notebook_shows_the_jobs_of_a_laptop(place, shell, monkeypatch):
    startup.client(place, "sagemaker").create_training_job(**training_request("noted-1"))
    assert in_time(lambda: "Completed" in shell("spotter timeline noted-1 --json").stdout)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in place.environment().items():
        monkeypatch.setenv(name, value)
    cells = [shown(value) for value in run_cells(EXAMPLE)]
    assert cells[0].startswith("<Spotter Spotter in account ")
    assert "noted-1" in cells[1]
    assert "<svg" in cells[5]
    assert "('Training', " in cells[-1]
