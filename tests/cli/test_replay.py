"""`spotter replay` compares policies on trace files, and says in one sentence what is no trace."""

import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spotter_cli.main import app

SHORT = ("--needs", "4h", "--finish-by", "1.5x", "--windows", "3")


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    """Two pools of a fortnight, free and taken for hours at a time."""
    dice = random.Random(7)
    for name in ("a", "b"):
        data: list[int] = []
        while len(data) < 14 * 144:
            data += [len(data) % 2] * dice.randint(3, 40)
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({"metadata": {"gap_seconds": 600}, "data": data}))
    return tmp_path


def replayed(*given: object) -> dict[str, dict[str, float]]:
    done = CliRunner().invoke(app, ["replay", *map(str, given), *SHORT, "--json"])
    assert done.exit_code == 0, done.output
    return {one["policy"]: one for one in json.loads(done.stdout)["policies"]}


def test_the_hand_over_is_on_time_and_costs_less_than_on_demand(traces):
    found = replayed("--traces", traces)
    assert found["hand over in time"]["late"] == 0
    assert found["hand over in time"]["cost_mean"] < 1.0
    assert found["on demand only"]["cost_mean"] == 1.0
    assert found["spot only"]["late"] > 0
    assert {one["windows"] for one in found.values()} == {6}


def test_the_same_seed_gives_the_same_figures(traces):
    assert replayed("--traces", traces) == replayed("--traces", traces)
    assert replayed("--traces", traces) != replayed("--traces", traces, "--seed", 2)


def test_with_patience_the_traces_of_a_folder_are_the_pools(traces):
    found = replayed("--traces", traces, "--patience", "30m")
    moved, stayed = found["hand over, next pool"], found["hand over in time"]
    assert moved["late"] == 0
    assert moved["attempts"] > stayed["attempts"]
    assert moved["above_optimum"] is None


def test_people_get_a_table_with_the_optimum(traces):
    done = CliRunner().invoke(app, ["replay", "--traces", str(traces), *SHORT])
    assert "hand over in time" in done.stdout
    assert "optimum" in done.stdout
    assert "6 creations on 2 traces" in done.stderr


def test_without_the_optimum_the_table_has_no_column_of_it(traces):
    done = CliRunner().invoke(app, ["replay", "--traces", str(traces), *SHORT, "--no-optimum"])
    assert "attempts" in done.stdout
    assert "optimum" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("--finish-by", "0.9x"), "neither a duration"),
        (("--finish-by", "xx"), "neither a duration"),
        (("--finish-by", "nanx"), "neither a duration"),
        (("--needs", "long"), "no duration"),
        (("--needs", "0h"), "no duration"),
        (("--needs", "4h", "--finish-by", "4h"), "on demand alone would be late"),
        (("--needs", "4h", "--finish-by", "30d"), "shorter than the deadline"),
        (("--traces", "/dev/null"), "no trace"),
        (("--traces", "nowhere.json"), "cannot be read"),
    ],
)
def test_bad_input_gets_one_sentence(traces, given, sentence):
    done = CliRunner().invoke(app, ["replay", "--traces", str(traces), *given])
    screen = " ".join(f"{done.output} {done.exception}".replace("│", " ").split())
    assert done.exit_code
    assert sentence in screen
    assert "Traceback" not in screen


def test_an_empty_folder_is_said_to_hold_no_trace(tmp_path):
    done = CliRunner().invoke(app, ["replay", "--traces", str(tmp_path)])
    assert "holds no trace" in str(done.exception)
