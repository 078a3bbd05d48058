"""What a newcomer stumbles over is one sentence that leads on, and nothing of theirs is overwritten."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TextIO

import pytest

from laptop.simulated_sagemaker.spot_market import UNINTERRUPTED
from spotter.core.policy.model import Policy
from spotter_cli.errors import CommandError
from spotter_cli.output.files import write
from spotter_cli.stack.job_lookup import find_job
from spotter_cli.views import explanation
from tests.cli.test_command_line import COMMAND, ROOT, run
from tests.support.spotter_in_one_process import request


@pytest.fixture
def world(new_world):
    """A world whose SageMaker has a job that nothing has recorded yet."""
    made = new_world(Policy())
    made.script("*", UNINTERRUPTED)
    made.sagemaker.create_training_job(**request("resubmit-1"))
    return made


def test_a_job_that_is_not_recorded_yet_is_explained_as_sagemaker_shows_it(world, deployed, capsys):
    spotter = deployed(world)
    facts = explanation.explain_job(spotter, find_job(spotter, "resubmit-1"), None, world.now)
    lines = list(explanation.in_words(facts, verbose=False))
    assert lines[0] == "resubmit-1: Starting"
    assert lines[1].startswith("Outlook: waiting")
    assert lines[2].startswith("Next: SageMaker runs it: Starting since ")
    assert "resubmit-1 is not in the ledger yet" in capsys.readouterr().err


def test_a_job_that_does_not_exist_is_one_sentence(world, deployed):
    with pytest.raises(CommandError, match=r"Job other not found in .*: neither SageMaker nor"):
        find_job(deployed(world), "other")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("jobs", "--state", "living"), '"living" is none of running, finished, InProgress'),
        (("alerts", "--severity", "loud"), '"loud" is none of critical, warning, info'),
        (("pause", " "), "give a reason"),
        (("resume", ""), "give a reason"),
        (("savings", "--csv", "--json"), "cannot be used with --json"),
    ],
)
def test_a_word_that_is_not_allowed_is_a_usage_error(words, sentence):
    done = run(*words, COLUMNS="200")
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr


def test_a_folder_is_called_one(tmp_path: Path):
    done = run("policy", "check", str(tmp_path))
    assert done.returncode == 1
    assert "Is a directory" in done.stderr
    assert "Errno" not in done.stderr


def keys_written_to(output: TextIO, before: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"{before}{COMMAND}", "policy", "keys"],
        cwd=ROOT, stdout=output, stderr=subprocess.PIPE, text=True, check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )  # fmt: skip


def test_a_file_that_may_not_grow_is_one_sentence(tmp_path: Path):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); "
    with (tmp_path / "keys").open("w") as output:
        done = keys_written_to(output, limit)
    assert done.returncode == 1
    assert done.stderr == "The output cannot be written: File too large.\n"


FULL = Path("/dev/full")


@pytest.mark.skipif(
    not FULL.exists(),
    reason="only Linux has /dev/full; the file that may not grow is tried instead",
)
def test_a_full_disk_is_one_sentence():
    with FULL.open("w") as output:
        done = keys_written_to(output)
    assert done.returncode == 1
    assert done.stderr == "The output cannot be written: No space left on device.\n"


def test_an_answer_of_aws_that_does_not_come_is_no_error_of_the_output(tmp_path: Path):
    late = (
        "from botocore.exceptions import ReadTimeoutError; import spotter_cli.main as m; "
        "m.app = lambda: (_ for _ in ()).throw(ReadTimeoutError(endpoint_url='https://sqs')); "
    )
    with (tmp_path / "keys").open("w") as output:
        done = keys_written_to(output, late)
    assert done.returncode == 1
    assert done.stderr == (
        'AWS did not answer: Read timeout on endpoint URL: "https://sqs". Try again.\n'
    )


def test_a_closed_pipe_is_one_sentence():
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "policy", "keys"],
        cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )  # fmt: skip
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == "The output was closed before all of it was written.\n"


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell closes the output")
@pytest.mark.parametrize("closed", [">&-", "<&- >&-"])
def test_an_output_that_is_not_open_is_one_sentence(closed):
    command = shlex.join([sys.executable, "-c", COMMAND, "policy", "check", "--json"])
    done = subprocess.run(
        ["sh", "-c", f"exec {command} {closed}"],
        cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "The output cannot be written: Bad file descriptor.\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_an_encoding_that_lacks_letters_is_no_error(tmp_path, encoding):
    """Words have a question mark in their place, JSON an escape: the same JSON."""
    file = tmp_path / "policy.toml"
    file.write_text('recorded_tags = ["Büro 漢字 \U0001f600"]\n[[rule]]\nname = "a b"\n', "utf-8")
    written = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    assert run("policy", "keys", **written).returncode == 0
    words = run("policy", "check", str(file), **written)
    assert (words.returncode, "name" in words.stderr) == (1, True)
    file.write_text('recorded_tags = ["Büro 漢字 \U0001f600"]\n', "utf-8")
    facts = json.loads(run("policy", "check", str(file), "--json", **written).stdout)
    assert facts["recorded_tags"] == ["Büro 漢字 \U0001f600"]


def test_a_file_is_written_whole_and_a_link_stays_a_link(tmp_path: Path):
    page, link = tmp_path / "page.html", tmp_path / "link.html"
    page.write_bytes(b"old")
    link.symlink_to(page)
    write(link, b"new")
    assert (link.is_symlink(), page.read_bytes()) == (True, b"new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.html", "page.html"]


def test_a_device_stays_a_device_and_a_folder_a_folder(tmp_path: Path):
    write(Path(os.devnull), b"page")
    assert not Path(os.devnull).is_file()
    for place, sentence in (
        (tmp_path, "is a folder"),
        (tmp_path / "no" / "x", "cannot be written"),
    ):
        with pytest.raises(CommandError, match=sentence):
            write(place, b"page")
    assert list(tmp_path.iterdir()) == []


def test_a_dash_is_standard_output(capfdbinary):
    write(Path("-"), b"page")
    assert capfdbinary.readouterr().out == b"page"
