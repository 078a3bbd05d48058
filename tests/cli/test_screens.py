"""The commands of a pretend world, in windows of 60, 80 and 120 columns, and piped."""

import io
import re
from datetime import timedelta

import pytest
import typer.main

from laptop.simulated_sagemaker.spot_market import INTERRUPTED_ONCE, NEVER_LAUNCHED, UNINTERRUPTED
from spotter.core.policy.model import AlertsPolicy, Policy
from spotter_cli.main import app
from spotter_cli.stack.deployed import Deployed

LONG = "nightly-training-of-the-ranking-model-2026-11-23-a-b-c-d-e-f-63"
NAMES = (LONG, "b-done", "c-big", "d-lost")
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
SPAN = ("--since", "2026-11-20", "--utc")
WINDOWS = (60, 80, 120)
NEVER_BROKEN = {
    "jobs": ("NeverLaunched", "Completed", "12 x ml.p4d.24xlarge", "1 x ml.g5.xlarge"),
    "savings": ("instance-hours", "ml.p4d.24xlarge", "ml.g5.xlarge", "saved"),
    "market": ("ml.p4d.24xlarge", "ml.g5.xlarge", "per 100 h"),
    "timeline": ("ml.g5.xlarge", "Completed", "training", "waiting for capacity"),
    "alerts": ("2026-11-23 12:0", "critical", "attempt_ended", "MaxWaitTimeInSeconds"),
}


class Terminal(io.StringIO):
    """A window: what is written there is looked at by a person."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(new_world, deployed, monkeypatch):
    """What a command writes to a window of so many columns; None pipes it."""
    world = new_world(Policy(alerts=AlertsPolicy(waiting_for_capacity=timedelta(seconds=20))))
    for name, script in zip(
        NAMES, (INTERRUPTED_ONCE, INTERRUPTED_ONCE, UNINTERRUPTED, NEVER_LAUNCHED), strict=True
    ):
        world.script(name, script)
        big = {"InstanceType": "ml.p4d.24xlarge", "InstanceCount": 12, "VolumeSizeInGB": 30}
        limits = {"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 100}
        more = {"ResourceConfig": big} if name == "c-big" else {}
        world.create(name, StoppingCondition=limits, **more)
    world.pass_time(150, step=2)
    world.sweep()
    world.pass_time(10, step=10)
    spotter = deployed(world)
    monkeypatch.setattr(Deployed, "find", lambda *_: spotter)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def shown(command: str, width: int | None) -> str:
        out = Terminal() if width else io.StringIO()
        monkeypatch.setenv("COLUMNS", str(width or 80))
        with monkeypatch.context() as patched:
            patched.setattr("sys.stdout", out)
            made = typer.main.get_command(app)
            arguments = (
                [LONG, "--utc"]
                if command == "timeline"
                else SPAN[: 2 if command == "savings" else 3]
            )
            made.main([command, *arguments], standalone_mode=False)
        return out.getvalue()

    return shown


@pytest.mark.parametrize("width", WINDOWS)
@pytest.mark.parametrize("command", NEVER_BROKEN)
def test_a_screen_fits_its_window_and_breaks_no_status_number_or_type(screen, command, width):
    shown = ESCAPES.sub("", screen(command, width))
    assert [line for line in shown.splitlines() if len(line) > width] == []
    assert [word for word in NEVER_BROKEN[command] if word not in shown] == []


def test_every_job_has_its_whole_name_and_status_in_every_window(screen):
    for width in (*WINDOWS, 30):
        shown = ESCAPES.sub("", screen("jobs", width))
        together = "".join(shown.split())
        assert [name for name in NAMES if name not in together] == []
        assert "NeverLaunched" in shown
        assert "ml.p4d.24xlarge" in shown


def test_what_a_window_has_no_room_for_is_named(screen, capsys):
    screen("savings", 60)
    assert capsys.readouterr().err.splitlines()[0] == (
        "Columns left out: attempts, paid, on demand, no result, waited. Widen the window or use --json to see them."
    )
    screen("savings", 120)
    assert "Left out" not in capsys.readouterr().err


def test_the_map_of_hours_is_whole_in_every_window(screen):
    for width in WINDOWS:
        lines = ESCAPES.sub("", screen("market", width)).splitlines()
        begin = lines[0].index("00 to 23 h")
        row = next(line for line in lines if line.startswith("ml.g5.xlarge"))
        assert re.fullmatch(r" *\?+", row[begin : begin + 24])


def test_what_is_piped_is_a_line_a_row_with_no_colour_whatever_its_width(screen):
    for command, lines in (("jobs", 5), ("savings", 5), ("market", 5), ("alerts", 1)):
        shown = screen(command, None)
        assert "\x1b" not in shown
        assert len(shown.splitlines()) == lines
    assert LONG in screen("jobs", None)


def test_a_severity_has_its_colour_in_a_terminal_and_its_word_everywhere(screen, monkeypatch):
    coloured = screen("alerts", 80)
    assert "\x1b[1;31mcritical\x1b[0m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    plain = screen("alerts", 80)
    assert "\x1b[1;31m" not in plain
    assert ESCAPES.sub("", plain) == ESCAPES.sub("", coloured)
    assert "critical" in plain
