"""`spotter export` writes every job and transition once, as it reads them, and a file whole or not at all."""

import csv
import io
import json
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
import typer.main

from laptop.simulated_sagemaker.spot_market import INTERRUPTED_ONCE, NEVER_LAUNCHED, Script, Step
from spotter.core.reports import rows
from spotter.core.reports.rows import JobRow, TransitionRow
from spotter_cli.errors import CommandError
from spotter_cli.main import app
from spotter_cli.output import files
from spotter_cli.stack.deployed import Deployed
from spotter_cli.views import exported
from spotter_cli.views.exported import lines
from tests.support.jobs import NOON
from tests.support.nightly_lineage import ACT, out_of_wait

BEGIN = NOON - timedelta(days=1)
PAGE = Path(__file__).parents[2] / "docs/exporting.md"


@pytest.fixture
def world(new_world):
    made = new_world(ACT)
    made.stream.page = made.stream.portion = 2
    out_of_wait(made, Tags=[{"Key": "team", "Value": "=1+1"}])
    for name, script in (("once", INTERRUPTED_ONCE), ("never", NEVER_LAUNCHED)):
        made.script(name, script)
        made.create(name, HyperParameters={})
    made.pass_time(300, step=5)
    return made


def written(world, deployed, what: str, kind: str) -> list[str]:
    spotter = deployed(world)
    end = world.now + timedelta(days=1)
    return [*lines(exported.rows(spotter, what, BEGIN, end, "", world.now), what, kind)]


def test_every_job_is_a_line_of_json(world, deployed):
    found = [json.loads(line) for line in written(world, deployed, "jobs", "jsonl")]
    assert {one["job"]: one["ending"] for one in found} == {
        head.id.name: head.ending and head.ending.value for head in world.heads().values()
    }
    assert all(tuple(one) == rows.columns(JobRow) for one in found)


def test_every_transition_is_a_line_of_csv(world, deployed):
    found = [*csv.DictReader(written(world, deployed, "transitions", "csv"))]
    for name in world.heads():
        of_it = [one for one in found if one["job"] == name]
        assert tuple(one["status"] for one in of_it) == world.statuses(name)
    assert tuple(found[0]) == rows.columns(TransitionRow)
    assert {one["final"] for one in found} == {"true", "false"}


def test_csv_has_empty_fields_for_what_is_not_known_and_json_has_null(world, deployed):
    [never] = [
        one for one in csv.DictReader(written(world, deployed, "jobs", "csv")) if one["job"] == "never"
    ]  # fmt: skip
    assert (never["saved_percent"], never["running"]) == ("", "true")
    assert '"saved_percent": null' in "".join(written(world, deployed, "jobs", "jsonl"))


def test_nothing_is_read_that_is_not_written(new_world, deployed):
    world = new_world(ACT)
    world.script("*", Script(steps=(Step("Starting", 5), Step("Training"))))
    for number in range(300):
        world.create(f"job-{number:03d}", HyperParameters={})
    world.pass_time(10)
    spotter, read = deployed(world), []
    query = world.stream.query
    world.stream.query = lambda **arguments: read.append(1) or query(**arguments)
    end = world.now + timedelta(days=1)
    found = exported.rows(spotter, "transitions", BEGIN, end, "", world.now)
    [*islice(found, 3)]
    some = len(read)
    assert some < 100
    assert len({row.job for row in found}) == 299  # the first job's two rows are taken
    assert len(read) > 300


def test_a_file_is_written_whole_or_stays_as_it_was(tmp_path):
    file = tmp_path / "jobs.jsonl"
    file.write_text("before")

    def broken():
        yield "one"
        raise CommandError("AWS could not be reached")

    with pytest.raises(CommandError, match="AWS"):
        files.write_lines(file, broken())
    assert file.read_text() == "before"
    assert files.write_lines(file, ["one", "two"]) == 2
    assert file.read_text() == "one\ntwo\n"
    assert [*tmp_path.iterdir()] == [file]


@pytest.fixture
def command(world, deployed, monkeypatch, capsysbinary):
    """Runs the command against the pretend world: its code, its output and its remarks."""
    spotter = deployed(world)
    monkeypatch.setattr(Deployed, "find", lambda *_: spotter)

    def run(*words: str):
        with pytest.raises(SystemExit) as ended:
            typer.main.get_command(app)(["export", *words])
        out, err = capsysbinary.readouterr()
        return ended.value.code, out.decode(), err.decode()

    return run


def test_the_command_writes_to_standard_output_and_to_a_file(command, tmp_path):
    since = ("--since", "2026-11-20")
    code, out, _ = command(*since, "--what", "transitions", "--format", "csv")
    assert code == 0
    found = [*csv.DictReader(io.StringIO(out))]
    assert {one["job"] for one in found} >= {"once", "never", "nightly-7"}
    file = tmp_path / "transitions.csv"
    code, out, err = command(*since, "--what", "transitions", "--format", "csv", "-o", str(file))
    assert (code, out) == (0, "")
    assert f"Written to {file}: {len(found)} transitions" in err
    assert [*csv.DictReader(io.StringIO(file.read_text()))] == found
    _, _, err = command(*since, "--name", "onc", "-o", str(tmp_path / "one"))
    assert ": 1 job\n" in err


def test_a_word_that_is_not_allowed_is_a_usage_error(command):
    code, _, err = command("--format", "parquet")
    assert code == 2
    assert '"parquet" is none of csv, jsonl' in err


@pytest.mark.parametrize("kind", [JobRow, TransitionRow])
def test_every_column_is_documented(kind):
    text = PAGE.read_text()
    assert [name for name in rows.columns(kind) if f"`{name}`" not in text] == []
