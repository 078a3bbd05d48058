"""Scripts in pure Python, right ones and with one planted fault each, get the right verdict."""

import sys
from pathlib import Path

import pytest

from spotter_cli.errors import CommandError
from spotter_cli.rehearse.runs.rehearsal import Rehearsal, RehearsalOptions
from spotter_cli.rehearse.stage.machine import TrainingScript
from spotter_cli.rehearse.verdict.judge import RehearsalResult, RehearsalVerdict, ResumeFault, judge

TRAIN = Path(__file__).parents[1] / "plain" / "train.py"


def rehearsed(tmp_path: Path, script: Path = TRAIN, *, seed: int = 1, interruptions: int = 2, writes: bool = False, **given: object) -> RehearsalVerdict:  # fmt: skip
    hyperparameters = {name: str(value) for name, value in given.items()}
    made = TrainingScript(script, sys.executable, hyperparameters=hyperparameters).staged()
    options = RehearsalOptions(interruptions, seed=seed, at_writes=writes)
    verdict = judge(Rehearsal(made, tmp_path, options).run())
    left = [path for path in tmp_path.rglob("*") if "machine" in path.name]
    assert left == []
    return verdict


@pytest.mark.parametrize("fault", ["none", "right_handler", "keeps_one"])
def test_a_right_script_continues_bit_for_bit(tmp_path, fault):
    found = rehearsed(tmp_path, fault=fault)
    assert (found.result, found.findings) == (RehearsalResult.CONTINUES, ()), found.reason
    assert "Bit for bit" in found.reason


@pytest.mark.parametrize("silent", [0, 1])
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("no_resume", ResumeFault.STARTS_OVER),
        ("elsewhere", ResumeFault.SAVES_ELSEWHERE),
        ("saves_nothing", ResumeFault.SAVES_NOTHING),
        ("fails", ResumeFault.FAILS),
    ],
)
def test_a_script_that_does_not_continue(tmp_path, fault, expected, silent):
    """Whether it prints its steps or nothing."""
    found = rehearsed(tmp_path, fault=fault, silent=silent)
    assert found.result is RehearsalResult.DOES_NOT_CONTINUE, found.reason
    assert [one.fault for one in found.findings] == [expected]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("rare", ResumeFault.NO_SAVE_AT_SIGTERM), ("at_sigterm", ResumeFault.SAVES_NOTHING)],
)
def test_a_script_that_loses_most_of_its_training(tmp_path, fault, expected):
    found = rehearsed(tmp_path, fault=fault)
    assert found.result is RehearsalResult.DOES_NOT_CONTINUE, found.reason
    assert [one.fault for one in found.findings] == [expected]


@pytest.mark.parametrize("fault", ["momentum", "rng"])
def test_a_lost_part_of_the_state_changes_the_result(tmp_path, fault):
    found = rehearsed(tmp_path, fault=fault)
    assert found.result is RehearsalResult.NOT_THE_SAME, found.reason
    assert [one.fault for one in found.findings] == [ResumeFault.OTHER_RESULT]


def test_noise_without_a_state_that_was_compared_is_not_judged(tmp_path):
    found = rehearsed(tmp_path, fault="unseeded")
    assert found.result is RehearsalResult.CANNOT_BE_JUDGED
    assert "noise hides a difference" in found.reason


def test_noise_does_not_hide_a_new_beginning(tmp_path):
    found = rehearsed(tmp_path, fault="unseeded_no_resume")
    assert [one.fault for one in found.findings] == [ResumeFault.STARTS_OVER]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("none", []),
        ("in_place", [ResumeFault.TORN]),
        ("falls_back", [ResumeFault.TORN]),
        ("deletes_first", [ResumeFault.DELETED_FIRST]),
    ],
)
def test_a_machine_that_is_lost_at_a_change_of_the_folder(tmp_path, fault, expected):
    found = rehearsed(tmp_path, writes=True, steps=12, every=4, fault=fault)
    assert [one.fault for one in found.findings] == expected, found.reason


def test_a_script_that_fails_by_itself_is_not_judged(tmp_path):
    (tmp_path / "bad.py").write_text("print('step 1'); raise ValueError('no data')")
    found = rehearsed(tmp_path, tmp_path / "bad.py")
    assert found.result is RehearsalResult.CANNOT_BE_JUDGED
    assert "ValueError: no data" in found.reason


def test_a_script_that_hangs_after_its_restart_does_not_continue(tmp_path, monkeypatch):
    monkeypatch.setattr("spotter_cli.rehearse.runs.rehearsal.SLACK", 1.0)
    found = rehearsed(tmp_path, fault="hangs", interruptions=1)
    assert [one.fault for one in found.findings] == [ResumeFault.HANGS], found.reason


def test_a_full_disk_is_one_sentence(tmp_path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("spotter_cli.rehearse.uploads.bucket.SimulatedBucket._stored", full)
    with pytest.raises(CommandError, match="is full: free space"):
        rehearsed(tmp_path)


def test_a_checkpoint_folder_can_lie_beside_the_script(tmp_path):
    made = TrainingScript(
        TRAIN, sys.executable, hyperparameters={"fault": "elsewhere"}, checkpoints="checkpoints"
    ).staged()
    found = judge(Rehearsal(made, tmp_path, RehearsalOptions(1)).run())
    assert found.result is RehearsalResult.CONTINUES, found.reason
