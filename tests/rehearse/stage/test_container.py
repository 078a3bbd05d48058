"""A staged script finds SageMaker's variables, files and arguments, in its own folder or at /opt/ml."""

import json
import os
import sys
from pathlib import Path, PurePosixPath

import pytest

from spotter_cli.errors import CommandError
from spotter_cli.rehearse.runs.attempt import RunningAttempt
from spotter_cli.rehearse.stage import namespace
from spotter_cli.rehearse.stage.container import ScriptContainer, names_the_container
from spotter_cli.rehearse.stage.machine import StagedMachine, TrainingScript
from spotter_cli.rehearse.uploads.bucket import SimulatedBucket

HPS = {"lr": "0.1", "name": '"tiny"', "out": "/opt/ml/checkpoints", "k": "3"}


def test_hyperparameters_are_arguments_and_variables():
    container = ScriptContainer("/stage/code/train.py", PurePosixPath("/stage"), HPS, ("train",))
    assert container.command()[1:] == [
        *("-k", "3", "--lr", "0.1", "--name", "tiny", "--out", "/stage/checkpoints")
    ]
    found = container.environment()
    assert json.loads(found["SM_HPS"])["name"] == "tiny"
    assert (found["SM_HP_LR"], found["SM_HP_NAME"]) == ("0.1", "tiny")
    assert found["SM_CHANNEL_TRAIN"] == "/stage/input/data/train"
    assert json.loads(found["SM_CHANNELS"]) == ["train"]
    assert found["SM_MODEL_DIR"] == "/stage/model"
    assert json.loads(found["SM_TRAINING_ENV"])["user_entry_point"] == "train.py"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('open("/opt/ml/checkpoints/a")', True),
        ("'/opt/ml'", True),
        ("/opt/mlflow", False),
        ("/data/opt/ml/x", False),
    ],
)
def test_a_path_of_the_container_is_found_in_a_script(text, named):
    assert names_the_container(text) is named


TELL = """
import json, os, sys
from pathlib import Path
config = json.loads(Path(os.environ["SM_INPUT_CONFIG_DIR"], "hyperparameters.json").read_text())
data = Path(os.environ["SM_CHANNEL_TRAIN"], "data.txt").read_text()
print(json.dumps([config, data, sys.argv[1:], os.getcwd(), os.environ["SM_MODEL_DIR"]]))
"""


def ran(machine: StagedMachine, folder: Path) -> str:
    folder.mkdir()
    machine.lay({})
    done = RunningAttempt(machine, SimulatedBucket(folder), "test", longest=600).run()
    assert done.exit_code == 0, done.printed.tail
    return "\n".join(done.printed.tail)


def script(tmp_path: Path, text: str, **given: object) -> TrainingScript:
    code = tmp_path / "src"
    code.mkdir()
    (code / "train.py").write_text(text)
    return TrainingScript(code / "train.py", sys.executable, **given)  # type: ignore[arg-type]


def test_a_script_runs_unchanged_in_a_folder_of_its_own(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "data.txt").write_text("rows")
    made = script(tmp_path, TELL, channels={"train": data}, hyperparameters={"lr": "0.1"})
    machine = StagedMachine(tmp_path / "machine", made)
    config, rows, arguments, cwd, model = json.loads(ran(machine, tmp_path / "bucket"))
    assert (config, rows, arguments) == ({"lr": "0.1"}, "rows", ["--lr", "0.1"])
    assert (Path(cwd), Path(model)) == (machine.code, machine.model)
    assert [p.name for p in (tmp_path / "src").iterdir()] == ["train.py"]


@pytest.mark.skipif(
    not namespace.is_possible(),
    reason="unshare is not on the PATH, or this user may not make mount namespaces",
)
def test_a_script_that_names_opt_ml_finds_its_machine_there(tmp_path):
    text = "import os; open('/opt/ml/model/a', 'w').close(); print(os.environ['SM_MODEL_DIR'])"
    made = script(tmp_path, text).staged()
    assert made.in_namespace
    machine = StagedMachine(tmp_path / "machine", made)
    assert ran(machine, tmp_path / "bucket") == "/opt/ml/model"
    assert (machine.model / "a").exists()
    assert not Path("/opt/ml/model/a").exists()


def test_the_folder_of_the_code_goes_with_the_script_but_nothing_large_or_hidden(tmp_path, monkeypatch):  # fmt: skip
    monkeypatch.setattr("spotter_cli.rehearse.stage.machine.LARGEST", 1000)
    made = script(tmp_path, "import helper; print(helper.X)")
    code = made.path.parent
    (code / "helper.py").write_text("X = 5")
    (code / "data.bin").write_bytes(bytes(2000))
    (code / ".git").mkdir()
    (code / ".git" / "config").write_text("x")
    whole = TrainingScript(made.path, sys.executable, folder=code)
    machine = StagedMachine(tmp_path / "machine", whole)
    assert ran(machine, tmp_path / "bucket") == "5"
    copied = {str(p.relative_to(machine.code)) for p in machine.code.rglob("*") if p.is_file()}
    assert {one for one in copied if "__pycache__" not in one} == {"train.py", "helper.py"}


def test_a_folder_that_is_too_large_is_refused_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("spotter_cli.rehearse.stage.machine.MOST", 10)
    made = script(tmp_path, "print('more than ten bytes')")
    whole = TrainingScript(made.path, sys.executable, folder=made.path.parent)
    with pytest.raises(CommandError, match="--source-dir"):
        StagedMachine(tmp_path / "machine", whole).lay({})


def test_variables_of_another_container_do_not_reach_the_script(tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "SM_CHANNEL_OLD", "x")
    made = script(tmp_path, "import os; print(os.environ.get('SM_CHANNEL_OLD'))")
    assert ran(StagedMachine(tmp_path / "machine", made), tmp_path / "bucket") == "None"
