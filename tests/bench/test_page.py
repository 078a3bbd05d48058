"""docs/bench.md says what it says in words from the figures and the prices, too."""

from dataclasses import asdict

import pytest

from bench import prices
from bench.both_designs import Used
from bench.lives import DESIGNS, LIVES, Life
from bench.page import page

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
