"""docs/bench.md is what the figures make of it, what it says in words, too."""

from dataclasses import asdict
from pathlib import Path

import pytest

from bench import prices
from bench.both_designs import Used
from bench.lives import DESIGNS, LIVES, Life
from bench.page import page
from bench.run import pages

TRANSITIONS = dict(zip(LIVES, (5, 9, 11), strict=True))


def told() -> str:
    lives = {
        name: {
            design: asdict(Life(transitions, {}, 40.0, 16.0, Used({}, {}, {"record": 4000}), 1))
            for design in DESIGNS
        }
        for name, transitions in TRANSITIONS.items()
    }
    return page({"lives": {"lives": lives, "long": {}, "machine": {}}})


def test_what_writes_and_queue_cost_at_least_follows_the_prices(monkeypatch: pytest.MonkeyPatch):
    """5.9 transitions a job: 16.8 write units, and 17.7 requests of the queue."""
    assert "10.50 dollars for these million jobs, and the queue 7.08" in told()
    monkeypatch.setattr(prices, "WRITE_UNIT", 2 * prices.WRITE_UNIT)
    monkeypatch.setattr(prices, "QUEUE_REQUESTS", 1)
    assert "21.00 dollars for these million jobs, and the queue 2.36" in told()


@pytest.mark.parametrize("file", pages(), ids=lambda file: file.name)
def test_the_page_and_its_charts_are_made_from_the_figures_that_are_kept(file: Path):
    assert file.read_text() == pages()[file]


def test_a_part_that_was_measured_before_keeps_the_line_about_its_machine():
    row = {"drift": 0.01, "sagemaker": 20, "aws": 90, "seconds": 1.0, "peak_mb": 9.0}
    today = {"sweeps": [row | {"jobs": 10}], "machine": {"date": "2026-11-28"}}
    before = {"sweeps": [row | {"jobs": 1_000}], "machine": {"date": "2026-11-27"}}
    text = page({"sweeps": today, "largest_sweep": before})
    parts = text.index("| 10 |"), text.index("2026-11-28"), text.index("| 1,000 |")
    assert sorted(parts) == list(parts)
    assert text.index("2026-11-27") > parts[2]
