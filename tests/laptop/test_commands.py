"""The command line tells what became of a job on the laptop, and stops all resubmission at once."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from laptop import parent_watch, startup
from laptop.demo import market_control
from laptop.location import ACCOUNT, POLICY, REGION, Laptop, clean_environment
from laptop.simulated_sagemaker import price_list
from laptop.simulated_sagemaker.spot_market import Script, Step
from spotter.aws.ledger.table import Ledger
from spotter.core.model.hints import AccountRegion
from tests.cli.test_command_line import commands
from tests.laptop.conftest import COMMAND
from tests.laptop.test_startup import in_time, output_in_time, training_request

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("laptop")]
AT_ONCE, DECIDED_AT_ONCE = 100, 10
CTRL_C = b"\x03"
STORM = "resubmit-storm"
NO_CAPACITY = Script(steps=(Step("Starting", 2),), failure="CapacityError: none")


def script(place: Laptop, pattern: str) -> None:
    steps = [list(step) for step in NO_CAPACITY.steps]
    wanted = {"name": pattern, "steps": steps, "failure": NO_CAPACITY.failure}
    market_control.control(place, "scripts", [wanted])


def resubmitted(place: Laptop, name: str) -> Any:
    """The job, once it is over and has been carried on."""
    sagemaker = startup.client(place, "sagemaker")
    script(place, name)
    sagemaker.create_training_job(**training_request(name))
    return in_time(lambda: children(place, name))


def children(place: Laptop, prefix: str) -> list[tuple[str, datetime]]:
    """The next attempts of the jobs whose names begin so, and when each was created."""
    pages = startup.client(place, "sagemaker").get_paginator("list_training_jobs")
    found = (
        s for page in pages.paginate(NameContains=prefix) for s in page["TrainingJobSummaries"]
    )
    return [
        (s["TrainingJobName"], s["CreationTime"]) for s in found if "-a2-" in s["TrainingJobName"]
    ]


@pytest.fixture
def tell(shell: Callable[..., Any]) -> Callable[..., Any]:
    """A command of spotter's, in a shell that has the laptop's exports; its facts as JSON says them."""

    def run(command: str, code: int = 0) -> Any:
        done = shell(f"spotter {command}")
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout) if "--json" in command else done.stdout + done.stderr

    return run


def test_explain_shows_the_lineage_its_rules_and_what_is_left(place, tell):
    assert resubmitted(place, "resubmit-explained")
    both = in_time(lambda: len(tell("explain resubmit-explained --json")["attempts"]) == 2)
    assert both
    facts = tell(f"explain resubmit-explained --json --policy {POLICY}")
    assert [one["number"] for one in facts["attempts"]] == [1, 2]
    assert facts["attempts"][0]["decision"]["kind"] == "resubmit"
    assert facts["budget"]["attempts"]["allowed"] == 3
    words = tell("explain resubmit-explained")
    assert '"whatever is left is resubmitted" decided' in words
    assert "resubmit, because it failed for lack of capacity" in words
    every_rule = tell("explain resubmit-explained --verbose")
    assert "a running attempt is not resubmitted: passed" in every_rule
    assert "\x1b" not in words


def test_a_trial_says_what_a_policy_would_decide_and_changes_nothing(place, tell):
    assert resubmitted(place, "resubmit-tried")
    facts = tell(f"policy try resubmit-tried --policy {POLICY} --json")
    assert (facts["decision"], "already resubmitted as" in facts["reason"]) == ("refuse", True)
    facts = tell(f"policy try resubmit-tried --policy {POLICY} --at-end --json")
    assert (facts["decision"], facts["capacity_option"]) == ("resubmit", "spot")
    assert len(children(place, "resubmit-tried")) == 1


def test_every_command_reads_the_ledger(place, tell, tmp_path):
    """One lineage of two attempts, seen by each command that reads the ledger."""
    assert resubmitted(place, "resubmit-seen")
    both = in_time(lambda: len(tell("timeline resubmit-seen --json")["attempts"]) == 2)
    assert both
    listed = tell("jobs resubmit-seen --json")
    assert [one["attempt"] for one in listed["jobs"]] == [2, 1]
    assert (listed["more"], listed["jobs"][1]["ending"]) == (False, "CapacityError")
    assert "resubmit-seen" in tell("jobs --state finished --limit 1000")
    drawn = tell("timeline resubmit-se --utc")
    assert "No job is named resubmit-se; resubmit-seen-a2-" in drawn
    assert "Attempt 1: resubmit-seen, spot, 1 x ml.g5.xlarge: CapacityError" in drawn
    assert tell("savings --by type --json")["by"]["type"]["ml.g5.xlarge"]["attempts"] >= 2
    assert "max_instance_hours (default: 1000)" in tell("policy keys")
    assert tell("savings --csv").startswith("by,group,unit,attempts,")
    carried = tell("savings --json")
    assert (carried["currency"], carried["prices_region"]) == ("USD", REGION)
    prices = tmp_path / "prices.json"
    assert f"{len(price_list.PRICES)} instance types in {REGION}, USD" in tell(
        f"prices -o {prices}"
    )
    assert (
        tell(f"savings --prices {prices} --json")["prices_fetched_at"]
        > carried["prices_fetched_at"]
    )
    kinds = tell("market --json")["types"]
    assert "ml.g5.xlarge" in [one["instance_type"] for one in kinds]
    trace = tmp_path / "trace.json"
    trace.write_text(json.dumps({"metadata": {"gap_seconds": 3600}, "data": [0, 1] * 60}))
    replayed = tell(f"replay --traces {trace} --needs 4h --windows 2 --json")
    assert [one["late"] for one in replayed["policies"]][:2] == [0, 0]
    page = tmp_path / "report.html"
    assert f"Written to {page}: 1 lineage" in tell(f"report resubmit-seen -o {page}")
    assert 'data-job="resubmit-seen"' in page.read_text()


def test_a_list_is_watched_until_it_is_interrupted(place):
    """In a terminal of its own, as a person would: Ctrl-C ends it, and nothing complains.

    Whoever runs the tests in the background may have them ignore the signal.
    """
    here, there = pty.openpty()
    words = [COMMAND, "jobs", "--watch", "--interval", "1"]
    in_terminal = (
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.login_tty(0); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    command = [sys.executable, "-c", in_terminal, *words]
    environment = clean_environment() | place.environment() | {parent_watch.ENDS_WITH_PARENT: "1"}
    shown = b""
    with subprocess.Popen(command, stdin=there, env=environment) as watches:
        os.close(there)
        while b"job" not in shown:
            shown += os.read(here, 1000)
        os.write(here, CTRL_C)
        shown += read_to_its_end(here)
    assert watches.returncode == 0
    assert b"Traceback" not in shown


def read_to_its_end(terminal: int) -> bytes:
    """All that is still written to a terminal; Linux says by an error that nobody has it any more."""
    shown = b""
    with suppress(OSError):
        while more := os.read(terminal, 1000):
            shown += more
    os.close(terminal)
    return shown


def test_every_command_is_tried_on_the_laptop():
    files = Path(__file__).parent.glob("*.py")
    typed = "".join(file.read_text() for file in files).replace('", "', " ")
    names = [name.removeprefix("spotter ") for name in commands()]
    assert [n for n in names if not re.search(rf"""["' ]{n}[ "'\\]""", typed)] == []


def next_step(shell: Callable[..., Any], name: str) -> str:
    """What `explain` says comes next; nothing while the ledger does not know the job yet."""
    done = shell(f"spotter explain {name} --json")
    return json.loads(done.stdout)["next"]["summary"] if done.returncode == 0 else ""


def test_what_is_paused_waits_with_the_reason_and_goes_on_when_resumed(place, shell, tell):
    assert "Resubmission is paused" in tell("pause 'GPU budget'")
    assert "paused already" in tell("pause 'another reason'")
    script(place, "resubmit-paused")
    startup.client(place, "sagemaker").create_training_job(**training_request("resubmit-paused"))
    assert in_time(lambda: "GPU budget" in next_step(shell, "resubmit-paused"))
    assert "paused by arn:" in next_step(shell, "resubmit-paused")
    assert children(place, "resubmit-paused") == []
    assert "root" in tell("resume 'new month'")
    sweep = startup.client(place, "lambda")

    def swept() -> Any:
        sweep.invoke(FunctionName=place.outputs["SweepFunctionName"])
        return children(place, "resubmit-paused")

    assert in_time(swept)


def test_a_pause_in_a_storm_stops_every_creation(place, tell):
    """Nothing that fails after `spotter pause` has returned is followed; of what failed before, only
    what was being decided at that moment is.
    """
    sagemaker = startup.client(place, "sagemaker")
    script(place, f"{STORM}-*")
    fail(sagemaker, "before")
    assert in_time(lambda: len(children(place, STORM)) > 3)
    tell("pause storm")
    paused = datetime.now().astimezone()
    fail(sagemaker, "after")
    assert in_time(lambda: not any_runs(sagemaker))
    created = children(place, STORM)
    tell("resume 'the storm is over'")
    assert [name for name, _ in created if "-after-" in name] == []
    assert len([when for _, when in created if when > paused]) <= DECIDED_AT_ONCE


def fail(sagemaker: Any, when: str) -> None:
    """So many jobs that fail for want of capacity in two seconds."""
    for n in range(AT_ONCE):
        sagemaker.create_training_job(**training_request(f"{STORM}-{when}-{n}"))


def any_runs(sagemaker: Any) -> bool:
    """True while a job of the storm has not ended."""
    asked_for = {"NameContains": STORM, "StatusEquals": "InProgress"}
    return bool(sagemaker.list_training_jobs(**asked_for)["TrainingJobSummaries"])


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("explain no-such-job", "Job no-such-job not found in eu-central-2: "),
        ("pause x --stack Other", "Stack Other not found in this account and Region"),
        ("resume x --profile nobody", "profile (nobody) could not be found."),
        ("policy check nowhere.toml", "nowhere.toml cannot be read: there is no such file"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(tell, command, message):
    output = tell(command, code=1)
    assert message in output
    assert "Traceback" not in output


def test_alerts_are_listed_with_when_they_were_published(place: Laptop, shell):
    limits = {"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 1}
    startup.client(place, "sagemaker").create_training_job(
        **training_request("alerted", StoppingCondition=limits)
    )

    ledger = Ledger(startup.client(place, "dynamodb"), place.outputs["LedgerName"])
    here = AccountRegion(ACCOUNT, REGION)

    def is_published() -> bool:
        """In the ledger: a command line that is started anew each time makes a busy machine slower."""
        head = ledger.newest_head(here, "alerted")
        raised = ledger.alerts_about(head.id) if head else ()
        return any(a.alert.kind == "attempt_ended" and a.published_at for a in raised)

    assert output_in_time(place, is_published)
    found = shell("spotter alerts alerted --kind attempt_ended --json").stdout
    (one,) = map(json.loads, found.splitlines())
    assert one["published_at"]
    assert (one["schema"], one["job"]) == ("spotter.alert/1", "alerted")
    listed = shell("spotter alerts --severity critical --utc")
    assert "  critical  attempt_ended               alerted stopped" in listed.stdout
    full = shell("spotter alerts alerted --utc").stdout
    assert "CRITICAL: alerted stopped" in full
    assert "What you can do:" in full
    none = shell("spotter alerts alerted --since 2h --until 1h")
    note = "No alerts match. None in this time is about a job whose name begins with alerted.\n"
    assert (none.returncode, none.stdout, none.stderr) == (0, "", note)
    wrong = shell("spotter alerts --severity red")
    assert wrong.returncode == 2
    assert "is none of critical, warning, info" in " ".join(wrong.stderr.split())
