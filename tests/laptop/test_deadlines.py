"""A lineage with a deadline on the laptop: handed over to on demand, and what the command line shows of it."""

import json

import pytest

from laptop import startup
from laptop.demo import market_control
from tests.laptop.test_commands import tell
from tests.laptop.test_startup import in_time, training_request

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("laptop")]
__all__ = ["tell"]
TEAM = [{"Key": "team", "Value": "demo"}]
LIMITS = {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 600}
STARVES = {"steps": [["Starting", None]]}


def begin(place, name):
    """A job without capacity, under the laptop's rule with a deadline; on demand it trains at once."""
    market_control.control(place, "scripts", [STARVES | {"name": name}])
    request = training_request(name, Tags=TEAM, StoppingCondition=LIMITS)
    startup.client(place, "sagemaker").create_training_job(**request)


def test_a_job_that_starves_is_handed_over_and_finishes(place, tell):
    begin(place, "finish-in-time-seen")

    def attempts():
        truths = market_control.truth(place)
        found = [one for one in truths if one["name"].startswith("finish-in-time-seen")]
        return [[status for status, _ in one["transitions"]] for one in found]

    assert in_time(lambda: len(attempts()) == 2 and attempts()[1][-1] == "Completed")
    assert attempts()[0] == ["Starting", "Stopping", "Stopped"]
    facts = tell("explain finish-in-time-seen --json")
    assert facts["attempts"][0]["decision"]["kind"] == "resubmit"
    shown = tell("finish finish-in-time-seen")
    assert "finish-in-time" in shown
    refused = tell("continue finish-in-time-seen", 1)
    assert "finish-in-time-seen" in refused


def test_a_plan_says_what_it_lacks(place, tell):
    refused = tell("plan --needs 6h --finish-by 12h --type ml.p5.48xlarge", 1)
    assert "at least 5 are needed" in refused


def test_a_script_is_rehearsed_without_the_laptop(tell, tmp_path):
    script = tmp_path / "train.py"
    script.write_text("print('step 1')\n")
    facts = tell(f"rehearse {script} --interruptions 1 --json", 3)
    assert "saves nothing" in json.dumps(facts)
