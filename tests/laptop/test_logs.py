"""The simulated training writes its log where SageMaker does, and `spotter logs` shows it."""

import json
from typing import Any

import pytest

from laptop import startup
from tests.laptop.test_startup import in_time, training_request

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("laptop")]


def test_the_log_of_a_job_is_shown_and_followed_to_its_end(place, shell):
    sagemaker = startup.client(place, "sagemaker")
    sagemaker.create_training_job(**training_request("logged-1"))

    def recorded() -> Any:
        return shell("spotter timeline logged-1 --json").returncode == 0

    assert in_time(recorded)
    followed = shell("spotter logs logged-1 --follow --interval 1 --json")
    assert followed.returncode == 0, followed.stderr
    entries = [json.loads(line) for line in followed.stdout.splitlines()]
    kinds = [one["type"] for one in entries]
    assert (kinds[0], kinds[-1], set(kinds[1:-1])) == ("attempt", "ending", {"line"})
    assert entries[1]["message"] == "Training begins: no checkpoint, 4 steps in all"
    last = shell("spotter logs logged-1 --limit 1 --utc").stdout.splitlines()
    assert "Training is complete" in last[1]
    assert len(shell("spotter logs logged-1 --since 1h --json").stdout.splitlines()) == len(entries)
    answer = json.loads(shell("spotter explain logged-1 --logs 2 --json").stdout)
    assert [one["type"] for one in answer["log"]] == ["attempt", "line", "line", "ending"]
    assert "logged-1%2F" in answer["attempts"][0]["logs_url"].replace("$252F", "%2F")
    silent = shell("spotter logs logged-1 --attempt 2")
    assert (silent.returncode, silent.stdout) == (1, "")
    assert silent.stderr == "There is no attempt 2: the lineage has 1.\n"


def test_transitions_are_exported(place, shell):
    startup.client(place, "sagemaker").create_training_job(**training_request("exported-1"))

    def exported() -> list[Any]:
        done = shell("spotter export --what transitions --name exported-1 --format jsonl")
        return [json.loads(line) for line in done.stdout.splitlines()]

    assert in_time(lambda: any(one["final"] for one in exported()))
    assert [one["status"] for one in exported()][-2:] == ["Uploading", "Completed"]
