"""The hook in a script's interpreter: it observes, and changes nothing. Frameworks are tried by test_corpus."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from spotter_cli.rehearse.observed.observations import AttemptObservations
from spotter_cli.rehearse.stage.machine import HOOK
from tests.rehearse.attempts import compare_restarts

XGBOOST = """
import json


class Booster:
    '''As much of the real one as the hook touches: each round adds a tree.'''

    def __init__(self):
        self.trees = []

    def update(self, data, iteration):
        self.trees.append(data + iteration)

    def num_boosted_rounds(self):
        return len(self.trees)

    def save_raw(self, how):
        trees = [{"id": n, "leaf": t} for n, t in enumerate(self.trees)]
        return json.dumps({"learner": {"gradient_booster": {"model": {"trees": trees}}}}).encode()

    def save_config(self):
        return '{"learning_rate":"0.3"}'

    def save_model(self, fname):
        with open(fname, "wb") as file:
            file.write(self.save_raw("json"))

    def load_model(self, fname):
        with open(fname, "rb") as file:
            held = json.load(file)
        self.trees = [t["leaf"] for t in held["learner"]["gradient_booster"]["model"]["trees"]]
"""
TRAIN = """
import os
import sys
from xgboost import Booster

rounds, resumes = int(sys.argv[1]), sys.argv[2] == "resumes"
path = os.path.join(os.environ["SPOTTER_REHEARSAL_CHECKPOINTS"], "model.json")
booster = Booster()
if resumes and os.path.exists(path):
    booster.load_model(path)
for number in range(booster.num_boosted_rounds(), rounds):
    booster.update(7, number)
    if number % 5 == 4:
        booster.save_model(path)
"""


@pytest.fixture
def machine(tmp_path: Path) -> "Machine":
    return Machine(tmp_path)


class Machine:
    """A folder with a script, its modules and its checkpoints."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkpoints = folder / "checkpoints"
        self.checkpoints.mkdir()
        self.site = folder / "site"
        self.site.mkdir()

    def install_xgboost(self) -> None:
        """A stand-in with the class that the hook observes."""
        package = self.site / "xgboost"
        package.mkdir()
        (package / "__init__.py").write_text("from .core import Booster")
        (package / "core.py").write_text(XGBOOST)

    def run(
        self, text: str, *arguments: str, log: str = "log", **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        script = self.folder / "train.py"
        script.write_text(text)
        own = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join((str(HOOK), str(self.site))),
            "SPOTTER_REHEARSAL_LOG": str(self.folder / log),
            "SPOTTER_REHEARSAL_CHECKPOINTS": str(self.checkpoints),
        }
        command = [sys.executable, str(script), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=own | variables)

    def observed(self, log: str = "log") -> AttemptObservations:
        return AttemptObservations.of_file(self.folder / log)


def test_the_users_own_sitecustomize_runs_and_the_path_is_as_without_the_hook(
    machine: Machine,
) -> None:
    (machine.site / "sitecustomize.py").write_text("import builtins; builtins.mine = 'ran'")
    done = machine.run("import sys, sitecustomize; print(mine, sys.path, sitecustomize.__file__)")
    assert done.stderr == ""
    assert done.stdout.startswith("ran ")
    assert str(HOOK) not in done.stdout
    assert str(machine.site / "sitecustomize.py") in done.stdout


def test_the_hook_imports_no_framework_and_nothing_heavy(machine: Machine) -> None:
    done = machine.run("import sys; print(*sys.modules)")
    assert not {"numpy", "torch", "asyncio", "urllib.request"} & set(done.stdout.split())


def test_without_a_log_nothing_is_observed(machine: Machine) -> None:
    done = machine.run(
        "import sys; print('spotter_rehearsal' in sys.modules)", SPOTTER_REHEARSAL_LOG=""
    )
    assert done.stdout == "False\n"


def test_what_a_script_does_to_its_checkpoints_is_observed(machine: Machine) -> None:
    machine.run(
        "import os\n"
        f"os.chdir({str(machine.checkpoints)!r})\n"
        "open('a.part', 'wb').write(b'1')\n"
        "os.replace('a.part', 'a.pt')\n"
        "open('a.pt', 'rb').read()\n"
        "os.remove('a.pt')\n"
        "open('../elsewhere.pt', 'wb').close()\n"
    )
    seen = [(use.operation, Path(use.path).name, use.inside) for use in machine.observed().files]
    assert seen == [
        ("write", "a.part", True),
        ("rename", "a.part", True),
        ("read", "a.pt", True),
        ("remove", "a.pt", True),
        ("write", "elsewhere.pt", False),
    ]


def test_a_checkpoint_that_is_written_in_place_is_observed_each_time_without_steps(
    machine: Machine,
) -> None:
    machine.run(
        "import os, time\n"
        f"os.chdir({str(machine.checkpoints)!r})\n"
        "for _ in range(3):\n"
        "    open('last.json', 'w').close()\n"
        "    time.sleep(0.06)\n"
    )
    assert [use.operation for use in machine.observed().files].count("write") == 3


def test_an_error_that_ends_the_script_is_observed(machine: Machine) -> None:
    done = machine.run("raise ValueError('torn')")
    assert done.returncode == 1
    assert machine.observed().error == "ValueError: torn"


def test_a_log_that_cannot_be_written_does_not_concern_the_script(machine: Machine) -> None:
    done = machine.run("print('trained')", SPOTTER_REHEARSAL_LOG=str(machine.folder))
    assert (done.returncode, done.stdout) == (0, "trained\n")


def test_observing_a_framework_changes_nothing_that_the_script_sees(machine: Machine) -> None:
    """Random numbers, results and the module's functions are as without the hook."""
    machine.install_xgboost()
    text = TRAIN + (
        "import random, xgboost.core\n"
        "random.seed(3)\n"
        "print(booster.trees, random.random(), Booster.update.__name__, xgboost.core.__loader__)\n"
    )
    with_hook = machine.run(text, "12", "starts over")
    (machine.checkpoints / "model.json").unlink()
    without = machine.run(text, "12", "starts over", SPOTTER_REHEARSAL_LOG="")
    assert with_hook.stdout.split(" <")[0] == without.stdout.split(" <")[0] != ""
    assert with_hook.stderr == without.stderr == ""


@pytest.mark.parametrize("resumes", [True, False])
def test_a_booster_that_resumes_is_told_from_one_that_starts_over(
    machine: Machine, resumes: bool
) -> None:
    machine.install_xgboost()
    how = "resumes" if resumes else "starts over"
    machine.run(TRAIN, "20", "starts over", log="whole")
    (machine.checkpoints / "model.json").unlink()
    machine.run(TRAIN, "12", how, log="first")
    machine.run(TRAIN, "20", how, log="second")
    whole, first, second = (machine.observed(log) for log in ("whole", "first", "second"))
    assert whole.faults == first.faults == second.faults == ()
    (found,) = compare_restarts([first, second], [whole, whole])
    assert (found.resumed_from, found.started_over) == ((10, False) if resumes else (0, True))
    assert found.lost == ()


def test_a_forked_process_counts_its_own_steps(machine: Machine) -> None:
    machine.install_xgboost()
    machine.run(
        "import os\nfrom xgboost import Booster\nb = Booster()\n"
        "for n in range(3):\n    b.update(1, n)\n"
        "child = os.fork()\n"
        "b.update(1, 3)\n"
        "if not child:\n    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
    )
    found = machine.observed()
    assert (found.finished_steps, found.training_processes) == (4, 2)


def test_a_file_that_changes_in_each_step_is_not_taken_for_a_save_each_time(
    machine: Machine,
) -> None:
    """States of which it is not sure that they are saves may cost a small part of the training."""
    machine.install_xgboost()
    machine.run(
        "import os\nfrom xgboost import Booster\nb = Booster()\n"
        "path = os.path.join(os.environ['SPOTTER_REHEARSAL_CHECKPOINTS'], 'metrics')\n"
        "for n in range(300):\n"
        "    b.update(1, n)\n"
        "    open(path, 'a').write('loss 1')\n"
    )
    found = machine.observed()
    assert found.finished_steps == 300
    assert 0 < sum(state.moment in ("save", "found") for state in found.states) < 100


def test_equal_seeds_show_equal_generators_in_each_process(machine: Machine) -> None:
    """The hash of None is an address in Python before 3.12."""
    machine.install_xgboost()
    text = "import random\nfrom xgboost import Booster\nrandom.seed(1)\nBooster().update(1, 1)\n"
    seen = []
    for log, script in (("a", text), ("b", text), ("c", text.replace("seed(1)", "seed(2)"))):
        machine.run(script, log=log)
        seen.append(machine.observed(log).steps[0].rng["python"])
    assert seen[0] == seen[1] != seen[2]


@pytest.mark.parametrize(("name", "each"), [("last.pt.tmp", True), ("last.txt.tmp", False)])
def test_a_checkpoint_that_is_renamed_when_it_is_whole_is_a_save_each_time(
    machine: Machine, name: str, each: bool
) -> None:
    machine.install_xgboost()
    machine.run(
        "import os\nfrom xgboost import Booster\nb = Booster()\n"
        f"path = os.path.join(os.environ['SPOTTER_REHEARSAL_CHECKPOINTS'], {name!r})\n"
        "for n in range(60):\n"
        "    b.update(1, n)\n"
        "    open(path, 'w').close()\n"
        "    os.replace(path, path[:-4])\n"
    )
    saves = sum(state.moment == "save" for state in machine.observed().states)
    assert (saves == 60) is each
