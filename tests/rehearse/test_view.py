"""What an interruption costs, in figures and sentences."""

from pathlib import Path

import pytest

from spotter_cli.rehearse.stage.machine import TrainingScript
from spotter_cli.rehearse.times.intervals import MeasuredTimes
from spotter_cli.rehearse.verdict.evidence import RehearsalEvidence
from spotter_cli.rehearse.verdict.judge import RehearsalResult, RehearsalVerdict
from spotter_cli.views.rehearsal_view import RehearsalView, costs

TIMES = MeasuredTimes(launch=3.0, step=0.1, save=0.01, between_saves=10.0, whole=100.0)


@pytest.mark.parametrize(
    ("result", "lost", "interval"),
    [(RehearsalResult.CONTINUES, 5.0, True), (RehearsalResult.DOES_NOT_CONTINUE, 50.0, False)],
)
def test_saves_that_are_not_used_make_an_interruption_no_cheaper(result, lost, interval):
    """Half of the training is lost on average, and no interval between saves costs least."""
    view = RehearsalView(TrainingScript(Path("t.py"), "python"), RehearsalEvidence([]), RehearsalVerdict(result, ""))  # fmt: skip
    view.__dict__["times"] = TIMES
    assert view.lost == lost
    assert any("costs least" in line for line in costs(view)) is interval


def test_a_time_that_no_restart_showed_is_unknown_and_not_zero():
    """A script that prints no step: nobody saw when the first one was done."""
    view = RehearsalView(
        TrainingScript(Path("t.py"), "python"),
        RehearsalEvidence([]),
        RehearsalVerdict(RehearsalResult.CONTINUES, "", restarts=1),
    )
    view.__dict__["times"] = MeasuredTimes(between_saves=10.0, whole=100.0)
    (line,) = [one for one in costs(view) if one.startswith("An interruption costs")]
    assert "an unknown time until the first step" in line
