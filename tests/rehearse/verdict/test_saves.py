"""How much of a training lies between two saves, on a machine that is busy, too."""

import pytest

from spotter_cli.rehearse.observed.observations import AttemptObservations
from spotter_cli.rehearse.observed.printed import PrintedStep
from spotter_cli.rehearse.verdict.evidence import (
    AttemptEvidence,
    EndedBy,
    RehearsalEvidence,
    UploadedFile,
)
from spotter_cli.rehearse.verdict.positions import ProgressScale
from spotter_cli.rehearse.verdict.saves import had_training_to_save, longest_gap, saved_at_sigterm


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


@pytest.mark.parametrize(
    ("ended_by", "steps", "saved", "expected"),
    [
        (EndedBy.SIGTERM, 12, 11.2, True),
        (EndedBy.SIGTERM, 21, 11.2, False),
        (EndedBy.SIGTERM, 12, 10.0, False),
        (EndedBy.SIGKILL, 14, 11.2, False),
        (EndedBy.SIGKILL, 14, 14.2, True),
    ],
    ids=[
        "at a regular step, and ended",
        "at a regular step, and trained to the end",
        "before",
        "at a regular step, and trained on",
        "between",
    ],
)
def test_a_save_at_sigterm_may_fall_on_a_regular_step(ended_by, steps, saved, expected):
    """SIGTERM comes at second 10.5; the uninterrupted run saves at second 11."""
    printed = [PrintedStep(at, (0, n), "step #") for n, at in enumerate(EVEN, start=1)]
    reference = AttemptEvidence(99.0, EndedBy.ITSELF, 0, steps=printed, uploads=[UploadedFile(11.0, "last.pt", 1, "a")])  # fmt: skip
    attempt = AttemptEvidence(
        15.0,
        ended_by,
        0,
        terminated=10.5,
        steps=printed[:steps],
        observed=AttemptObservations(sigterm="handled"),
        uploads=[UploadedFile(saved, "last.pt", 1, "b")],
    )
    assert saved_at_sigterm(attempt, reference, ProgressScale.of([reference])) is expected


@pytest.mark.parametrize(
    ("terminated", "steps", "expected"),
    [
        (None, 21, False),
        (0.5, 0, True),
        (0.5, 1, False),
        (1.5, 1, True),
        (10.5, 21, True),
        (20.5, 21, False),
        (22.0, 21, False),
    ],
    ids=[
        "no warning",
        "its steps are unknown",
        "before its first step",
        "after its first step",
        "amid, and trained on",
        "amid its last step",
        "after its end",
    ],
)
def test_a_warning_before_the_first_step_or_at_the_end_finds_nothing_to_save(
    terminated, steps, expected
):
    printed = [PrintedStep(at, (0, n), "step #") for n, at in enumerate(EVEN, start=1)]
    whole = AttemptEvidence(99.0, EndedBy.ITSELF, 0, steps=printed)
    attempt = AttemptEvidence(
        23.0, EndedBy.SIGTERM, 0, terminated=terminated, steps=printed[:steps]
    )
    assert had_training_to_save(attempt, ProgressScale.of([whole])) is expected
