"""How much of a training lies between two saves, on a machine that is busy, too."""

import pytest

from spotter_cli.rehearse.observed.printed import PrintedStep
from spotter_cli.rehearse.verdict.evidence import (
    AttemptEvidence,
    EndedBy,
    RehearsalEvidence,
    UploadedFile,
)
from spotter_cli.rehearse.verdict.saves import longest_gap


def gap(steps: list[float], saves: list[float]) -> float | None:
    printed = [PrintedStep(at, (0, n), "step #") for n, at in enumerate(steps, start=1)]
    uploads = [UploadedFile(at, "last.pt", 1, str(at)) for at in saves]
    run = AttemptEvidence(99.0, EndedBy.ITSELF, 0, steps=printed, uploads=uploads)
    return longest_gap(RehearsalEvidence([run]))


EVEN = [float(n) for n in range(1, 22)]


@pytest.mark.parametrize(
    ("steps", "saves", "expected"),
    [
        (EVEN, [6.0, 11.0, 16.0], 0.25),
        (EVEN, [11.0], 0.5),
        (EVEN, [], None),
        ([*EVEN[:10], *(at + 60 for at in EVEN[10:])], [6.0, 71.0, 76.0], 0.25),
        (EVEN, [6.0, 19.0], 0.65),
    ],
    ids=["even", "once", "never", "a step that took a minute", "a save that is missing"],
)
def test_the_longest_gap_is_a_part_of_the_training(steps, saves, expected):
    found = gap(steps, saves)
    assert found == (None if expected is None else pytest.approx(expected))
