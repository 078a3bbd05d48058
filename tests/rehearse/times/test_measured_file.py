"""Measured times are kept by script, the newest of each, and read back as they were written."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from spotter_cli.errors import CommandError
from spotter_cli.rehearse.times import measured_file
from spotter_cli.rehearse.times.intervals import MeasuredTimes
from spotter_cli.rehearse.times.measured_file import RehearsedScript

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
TIMES = MeasuredTimes(launch=21.4, restart=None, step=0.25, save=1.5, between_saves=155.0)


def rehearsal(script: str, hours: int = 0, instance: str = "") -> RehearsedScript:
    return RehearsedScript(script, NOW + timedelta(hours=hours), "continues", TIMES, instance)


def test_the_newest_rehearsal_of_a_script_is_kept(tmp_path):
    file = tmp_path / "deep" / "rehearsals.json"
    for one in (rehearsal("/a/train.py"), rehearsal("/b/train.py", 1), rehearsal("/a/train.py", 2, "ml.g5.xlarge")):  # fmt: skip
        measured_file.record(one, file)
    assert [one.script for one in measured_file.rehearsals(file)] == ["/a/train.py", "/b/train.py"]
    found = measured_file.of_script("train.py", file)
    assert found == rehearsal("/a/train.py", 2, "ml.g5.xlarge")
    assert measured_file.of_script("/b/train.py", file) == rehearsal("/b/train.py", 1)
    assert measured_file.of_script("other.py", file) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "other", "rehearsals": [{}]}', "[" * 9999])  # fmt: skip
def test_what_is_no_such_file_holds_nothing_and_is_replaced(tmp_path, text):
    file = tmp_path / "rehearsals.json"
    file.write_text(text)
    assert measured_file.rehearsals(file) == []
    measured_file.record(rehearsal("/a/train.py"), file)
    assert json.loads(file.read_text())["rehearsals"][0]["restart_seconds"] is None


def test_it_lies_in_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert measured_file.place() == tmp_path / "spotter" / "rehearsals.json"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/ana")
    assert measured_file.place().is_relative_to(Path("/home/ana"))


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be made"):
        measured_file.record(rehearsal("/a/train.py"), tmp_path / "file" / "rehearsals.json")
