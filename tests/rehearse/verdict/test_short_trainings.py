"""A training that is too short to be interrupted after a save is not judged, and a right one gets no finding."""

import json

import pytest

from spotter_cli.rehearse.observed.observations import AttemptObservations
from spotter_cli.rehearse.observed.printed import PrintedStep
from spotter_cli.rehearse.verdict.evidence import (
    AttemptEvidence,
    EndedBy,
    RehearsalEvidence,
    RestartEvidence,
    UploadedFile,
)
from spotter_cli.rehearse.verdict.judge import RehearsalResult, ResumeFault, judge

Saves = list[tuple[float, str]]


def run(steps: int, saves: Saves, *, begin: int = 0, killed: bool = False, each: int = 1000) -> AttemptEvidence:  # fmt: skip
    """One step each second; the line names the epoch, too, of which `each` has so many steps."""
    printed = [
        PrintedStep(float(n), ((begin + n - 1) // each, float(begin + n)), "epoch # step #")
        for n in range(1, steps + 1)
    ]
    uploads = [UploadedFile(at, name, 1, str(at)) for at, name in saves]
    by = EndedBy.SIGTERM if killed else EndedBy.ITSELF
    return AttemptEvidence(steps + 1.0, by, 0, terminated=steps + 0.5 if killed else None, steps=printed, uploads=uploads)  # fmt: skip


def rehearsal(steps: int, saves: Saves, lost: int, *, epochs: int = 1) -> RehearsalEvidence:
    """The machine goes after the step `lost`; what was saved until then is not used."""
    each = steps // epochs
    whole = run(steps, saves, each=each)
    writer = run(lost, [one for one in saves if one[0] <= lost], killed=True, each=each)
    reader = run(steps, saves, each=each)
    restart = RestartEvidence([writer], reader)
    return RehearsalEvidence([whole, whole], [restart], [writer, reader], grace=5.0)


@pytest.mark.parametrize(
    ("steps", "saves"),
    [(4, []), (4, [(4.5, "last.pt")]), (40, [(40.2, "last.pt")]), (4, [(1.0, "train.log")])],
    ids=["no save is due", "a save at the end", "one epoch", "a log"],
)
def test_a_training_that_saves_nothing_before_its_end_is_not_judged(steps, saves):
    found = judge(rehearsal(steps, saves, steps - 1))
    assert (found.result, found.findings) == (RehearsalResult.CANNOT_BE_JUDGED, ())
    assert "Let it train for longer" in found.reason


@pytest.mark.parametrize("saves", [[], [(float(n), "metrics.json") for n in range(1, 41)]])
def test_a_training_of_some_length_that_saves_nothing_does_not_continue(saves):
    found = judge(rehearsal(40, saves, 30))
    assert [one.fault for one in found.findings] == [ResumeFault.SAVES_NOTHING]


@pytest.mark.parametrize("name", ["train.log", "metrics.json", "runs/events.out.tfevents.1.host"])
def test_what_is_no_checkpoint_does_not_count_as_a_save(name):
    """The only checkpoint comes in the middle."""
    saves = [(float(n), name) for n in range(1, 41)] + [(20.0, "last.pt")]
    found = judge(rehearsal(40, sorted(saves), 15))
    assert ResumeFault.NO_SAVE_AT_SIGTERM in [one.fault for one in found.findings]


def test_of_two_epochs_with_a_save_each_nothing_says_that_it_saves_rarely():
    found = judge(rehearsal(40, [(20.2, "last.pt"), (40.2, "last.pt")], 15, epochs=2))
    assert found.findings == ()
    found = judge(rehearsal(40, [(20.2, "last.pt"), (40.2, "last.pt")], 15, epochs=4))
    assert [one.fault for one in found.findings] == [ResumeFault.NO_SAVE_AT_SIGTERM]


def test_an_epoch_ends_where_another_pass_over_the_data_begins():
    rows = [{"kind": "step", "pid": 1, "at": float(n), "step": n} for n in range(1, 41)]
    rows += [{"kind": "loader", "pid": 1, "at": 20.1, "step": 20, "number": 2, "batches": 20}]
    observed = AttemptObservations.parse("\n".join(json.dumps(row) for row in rows))
    whole = AttemptEvidence(41.0, EndedBy.ITSELF, 0, observed=observed, uploads=[UploadedFile(20.5, "last.pt", 1, "a")])  # fmt: skip
    writer = AttemptEvidence(15.0, EndedBy.SIGTERM, 0, terminated=14.5, observed=observed)
    evidence = RehearsalEvidence([whole, whole], [RestartEvidence([writer], whole)], [writer, whole])  # fmt: skip
    assert judge(evidence).findings == ()


def test_of_a_few_steps_the_part_between_two_saves_says_nothing():
    found = judge(rehearsal(4, [(2.0, "last.pt"), (4.0, "last.pt")], 1))
    assert found.findings == ()


def test_of_some_epochs_without_a_save_it_is_known_that_nothing_is_saved():
    lines = [PrintedStep(float(n), (float(n), 0.0), "Epoch #/#") for n in range(1, 6)]
    whole = AttemptEvidence(6.0, EndedBy.ITSELF, 0, steps=lines)
    killed = AttemptEvidence(4.0, EndedBy.SIGKILL, 0, steps=lines[:3])
    evidence = RehearsalEvidence([whole, whole], [RestartEvidence([killed], whole)], [killed, whole])  # fmt: skip
    assert [one.fault for one in judge(evidence).findings] == [ResumeFault.SAVES_NOTHING]
