"""Which files outside of the checkpoint folder are checkpoints, and which are the training's result."""

import os
import sys
from pathlib import Path

import pytest

from spotter_cli.rehearse.observed.observations import AttemptObservations
from spotter_cli.rehearse.observed.printed import form_of
from spotter_cli.rehearse.runs.attempt import RunningAttempt
from spotter_cli.rehearse.runs.kill_plan import MachineLoss
from spotter_cli.rehearse.runs.saved_elsewhere import saved_elsewhere
from spotter_cli.rehearse.stage.machine import StagedMachine, TrainingScript
from spotter_cli.rehearse.uploads.bucket import SimulatedBucket

TRAIN = """
import os, sys, time
FOLDER = {folder}
STEPS, EACH = 20, {each}
os.makedirs(FOLDER, exist_ok=True)
for step in range(1, STEPS + 1):
    time.sleep(.05)
    print("step", step, flush=True)
    if step % EACH == 0:
        name = os.path.join(FOLDER, "last.pt")
        open(name + ".tmp", "wb").close()
        os.replace(name + ".tmp", name)
{end}
"""
MODEL = "os.environ['SM_MODEL_DIR']"


def found(tmp_path: Path, text: str, loss: MachineLoss | None = None) -> list[str]:
    (tmp_path / "train.py").write_text(text)
    (tmp_path / "bucket").mkdir()
    machine = StagedMachine(tmp_path / "machine", TrainingScript(tmp_path / "train.py", sys.executable))  # fmt: skip
    machine.lay({})
    mark = f"test-{os.getpid()}-{tmp_path.name}"
    bucket = SimulatedBucket(tmp_path / "bucket")
    done = RunningAttempt(machine, bucket, mark, 60.0, form=form_of("step 1")).run(loss)
    return saved_elsewhere(done, AttemptObservations.of_file(machine.log))


@pytest.mark.parametrize(("folder", "name"), [("'kept'", "code/kept"), (MODEL, "model")])
def test_a_file_that_is_replaced_until_the_end_is_a_checkpoint(tmp_path, folder, name):
    text = TRAIN.format(folder=folder, each=10, end="")
    assert found(tmp_path, text) == [f"/opt/ml/{name}/last.pt"]


def test_what_is_written_after_the_last_step_only_is_a_result(tmp_path):
    end = "open(os.path.join(FOLDER, 'model.pt'), 'wb').close()"
    assert found(tmp_path, TRAIN.format(folder=MODEL, each=100, end=end)) == []


def test_an_attempt_whose_machine_is_taken_away_right_after_a_save_left_a_checkpoint(tmp_path):
    text = TRAIN.format(folder="'kept'", each=20, end="time.sleep(600)")
    loss = MachineLoss(0.5, steps=20)
    assert found(tmp_path, text.replace('name + ".tmp"', "'other'"), loss) == [
        "/opt/ml/code/kept/last.pt"
    ]
