"""`spotter rehearse`: exit codes for CI, facts, the page, and usage errors that list what is allowed."""

import json
import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spotter_cli.main import app
from spotter_cli.rehearse.times import measured_file

TRAIN = str(Path(__file__).parent / "plain" / "train.py")
SHORT = ("--python", sys.executable, "--interruptions", "1", "--args", "--steps 16 --every 4")


@pytest.fixture(autouse=True)
def _data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def test_a_right_script_is_exit_code_0_with_a_page_and_kept_times(tmp_path):
    page, work = tmp_path / "rehearsal.html", tmp_path / "work"
    work.mkdir()
    given = ["rehearse", TRAIN, *SHORT, "-o", str(page), "--folder", str(work)]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("train.py continues. Bit for bit")
    assert re.search(r"continues from step-\d+\.json, which Spotter would not take", done.output)
    assert "Continues." in page.read_text()
    assert "data-run=" in page.read_text()
    assert list(work.iterdir()) == []
    kept = measured_file.of_script("train.py")
    assert kept is not None
    assert kept.verdict == "continues"
    assert kept.times.step is not None


def test_a_link_to_a_script_is_rehearsed(tmp_path):
    (link := tmp_path / "train.py").symlink_to(TRAIN)
    done = CliRunner().invoke(app, ["rehearse", str(link), *SHORT, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["verdict"] == "continues"


def test_a_finding_is_exit_code_3_and_has_its_remedy():
    done = CliRunner().invoke(
        app, ["rehearse", TRAIN, *SHORT, "--hyperparameter", "fault=no_resume", "--json"]
    )
    assert done.exit_code == 3, done.output
    facts = json.loads(done.stdout)
    assert facts["schema"] == "spotter.rehearsal/1"
    assert facts["verdict"] == "does not continue"
    [finding] = facts["findings"]
    assert finding["fault"] == "starts from the beginning"
    assert "newest checkpoint" in finding["to_do"]
    assert facts["restarts"][0]["begun_step"] == 0


def test_a_last_checkpoint_that_is_deleted_before_the_next_one_is_a_remark():
    given = ["rehearse", TRAIN, *SHORT, "--hyperparameter", "fault=deletes_first", "--json"]
    facts = json.loads(CliRunner().invoke(app, given).stdout)
    deleted = any(one["fault"].startswith("deleted") for one in facts["findings"])
    said = any("is deleted before the next one is written" in one for one in facts["notes"])
    assert said is not deleted


def test_what_cannot_be_judged_is_exit_code_4():
    done = CliRunner().invoke(
        app, ["rehearse", TRAIN, *SHORT, "--hyperparameter", "fault=unseeded"]
    )
    assert done.exit_code == 4, done.output
    assert "cannot be judged" in done.stdout


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--at", "sometimes", "neither random nor writes"),
        ("--grace", "soon", "is no duration"),
        ("--longest", "0", "more than 0"),
        ("--checkpoint-dir", "/tmp/x", "neither below /opt/ml"),
        ("--checkpoint-dir", "../x", "neither below /opt/ml"),
        ("--channel", "train", "NAME=VALUE"),
        ("--channel", "train=/nowhere/at/all", "does not exist"),
        ("--channel", "a b=/", "is no name of a channel"),
        ("--output", "/nowhere/at/all/page.html", "cannot be written"),
        ("--output", "/", "cannot be written"),
        ("--python", "no-such-python", "is not found"),
        ("--python", "ls", "is no interpreter of Python"),
        ("--args", "'unclosed", "quotation"),
        ("--source-dir", str(Path(__file__).parent / "state"), "does not lie in"),
    ],
)
def test_a_wrong_option_is_a_usage_error(option, value, reason):
    done = CliRunner().invoke(app, ["rehearse", TRAIN, option, value])
    assert done.exit_code == 2
    shown = " ".join(done.output.replace("│", " ").split())
    assert reason in shown


def test_a_page_and_facts_are_not_mixed_on_standard_output():
    done = CliRunner().invoke(app, ["rehearse", TRAIN, "--json", "--output", "-"])
    assert done.exit_code == 2
    shown = " ".join(done.output.replace("│", " ").split())
    assert "cannot both be written to standard output: name a file" in shown
