"""Lineages with a deadline on the laptop: on spot, handed over to on demand, stopped by their owners, and what the
command line shows of them. Of no lineage two attempts ever run at once.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from laptop.demo.lineages import differences
from laptop.location import Laptop
from spotter.core.deadline.hand_over import NextStep
from spotter.core.deadline.stop_order import OrderState
from spotter.core.ledger.deadline import DeadlineRecord, deadline_key
from tests.laptop import deadline_stories as stories
from tests.laptop.deadline_stage import Stage
from tests.laptop.deadline_stage import tell as tell_all
from tests.laptop.test_commands import tell

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("laptop")]
__all__ = ["tell"]


def test_a_plan_says_what_it_lacks(place, tell):
    refused = tell("plan --needs 6h --finish-by 12h --type ml.p5.48xlarge", 1)
    assert "at least 5 are needed" in refused


def test_a_script_is_rehearsed_without_the_laptop(tell, tmp_path):
    script = tmp_path / "train.py"
    script.write_text("print('step 1')\n")
    facts = tell(f"rehearse {script} --interruptions 1 --json", 3)
    assert "saves nothing" in json.dumps(facts)


@pytest.fixture(scope="module")
def told(place: Laptop) -> Iterator[tuple[Stage, dict[str, Any], dict[str, Any]]]:
    """All stories, told at once: the stage after them, what each failed with, and what the command line said."""
    stage, said = Stage(place), dict[str, Any]()
    stories.measured(stage)
    each = {
        stories.WHOLE: stories.whole(stage),
        stories.SEEN: stories.handed_over(stage),
        stories.USER: stories.user(stage),
        stories.LATE: stories.late(stage),
        stories.RACE: stories.race(stage),
        stories.THROTTLED: stories.throttled(stage),
        stories.LOST: stories.lost(stage, said),
        stories.AWAY[0]: stories.away(stage),
    }
    try:
        yield stage, tell_all(stage, each), said
    finally:
        stage.close()


@pytest.fixture
def seen(told: Any) -> Callable[..., tuple[Stage, list[Any]]]:
    """The stage and the attempts of a lineage whose story came to its end, none of which ran beside another."""
    stage, failures, _ = told

    def lineage(name: str, story: str = "") -> tuple[Stage, list[Any]]:
        if failure := failures[story or name]:
            raise failure
        attempts = stage.attempts(name)
        lines = [[*stage.ledger.timeline(one.head.id)] for one in attempts]
        for before, after in itertools.pairwise(lines):
            assert before[-1].status in ("Stopped", "Completed", "Failed")
            assert before[-1].start <= after[0].start
        truths = stage.truths(name)
        assert [one["name"] for one in truths] == [one.head.id.name for one in attempts]
        for before, after in itertools.pairwise(truths):
            assert before["transitions"][-1][1] <= after["created"]
        assert differences(stage.ledger, [t for t in truths if is_over(t)]) == []
        return stage, attempts

    return lineage


def is_over(truth: dict[str, Any]) -> bool:
    return truth["transitions"][-1][0] in ("Stopped", "Completed", "Failed")


def statuses(stage: Stage, name: str) -> list[list[str]]:
    return [[status for status, _ in one["transitions"]] for one in stage.truths(name)]


def test_it_trains_starves_asks_another_type_is_interrupted_hands_over_and_finishes_in_time(seen):
    """Bit for bit the model of the job that was never interrupted."""
    stage, attempts = seen(stories.WHOLE)
    held = [(one.head.spot, one.head.instances[0][0]) for one in attempts]
    turns = [stories.OF_WHOLE, stories.POOL] * len(held)
    assert held == [*((True, kind) for kind in turns[: len(held) - 1]), (False, stories.OF_WHOLE)]
    assert len(held) >= 4
    steps = [one.order.step for one in attempts[:-1]]
    assert steps == [*[NextStep.TRY_NEXT] * (len(steps) - 1), NextStep.HAND_OVER]
    assert statuses(stage, stories.WHOLE)[1].count("Interrupted") == 2
    assert statuses(stage, stories.WHOLE)[1].count("Training") == 2
    record = stage.ledger.get(DeadlineRecord, deadline_key(attempts[0].head.id))
    last = [*stage.ledger.timeline(attempts[-1].head.id)][-1]
    assert last.status == "Completed"
    assert last.start < record.terms.finish_by
    model = stage.model(attempts[-1].head.id.name)
    assert json.loads(model)["step"] == 60
    assert model == stage.model(stories.ALONE)


def test_what_its_owner_stops_while_an_order_is_due_stays_stopped(seen):
    stage, attempts = seen(stories.USER)
    [truth], [only] = stage.truths(stories.USER), attempts
    assert (truth["stops"], only.order.state) == (["accepted"], OrderState.VOID)
    assert only.ended.ending == "Stopped"
    assert only.ended.rule == "what_was_stopped_on_purpose_stays_stopped"


def test_a_completion_while_it_is_being_stopped_wins(seen):
    stage, attempts = seen(stories.LATE)
    [truth], [only] = stage.truths(stories.LATE), attempts
    assert [status for status, _ in truth["transitions"]][-2:] == ["Stopping", "Completed"]
    assert (truth["stops"], only.order.state) == (["accepted"], OrderState.CALLED)
    assert only.head.outcome == "Completed"


def test_of_orders_that_race_one_calls_and_one_attempt_follows(seen):
    stage, attempts = seen(stories.RACE)
    first, second = stage.truths(stories.RACE)
    assert (first["stops"], second["stops"]) == (["accepted"], [])
    assert attempts[0].order.state is OrderState.CALLED
    assert [one.head.spot for one in attempts] == [True, False]


def test_a_throttled_stop_is_called_again_at_the_next_look(seen):
    stage, attempts = seen(stories.THROTTLED)
    assert [one["stops"] for one in stage.truths(stories.THROTTLED)] == [["accepted"], []]
    assert [one.head.spot for one in attempts] == [True, False]


@pytest.mark.parametrize("name", stories.AWAY)
def test_spotter_finds_its_way_after_half_an_hour_away(seen, name):
    stage, attempts = seen(name, stories.AWAY[0])
    assert [one["stops"] for one in stage.truths(name)] == [["accepted"], []]
    assert attempts[0].ended.ending == "HandedOver"
    assert [one.head.spot for one in attempts] == [True, False]


def test_a_stop_whose_answer_was_lost_goes_on_by_one_command_once(seen, told):
    stage, attempts = seen(stories.LOST)
    said, alert = told[2], stories.alert_about_its_end(stage)
    assert said["attempts before"] == 1
    assert (alert.severity, alert.outcome) == ("critical", "refused")
    command = f"spotter continue {stories.LOST}"
    assert any(command in step for step in alert.next_steps)
    assert said["first"].returncode == 0, said["first"].stderr
    for again in (said["again"], said["afterwards"]):
        assert (again.returncode, again.stdout, again.stderr.count("\n")) == (1, "", 1)
        assert f"{stories.LOST} was continued already" in again.stderr
    assert [one.head.spot for one in attempts] == [True, False]
    assert (attempts[0].ended.ending, attempts[1].head.outcome) == ("HandedOver", "Completed")
    assert [one["stops"] for one in stage.truths(stories.LOST)] == [["accepted"], []]


def test_a_job_that_starves_is_handed_over_and_the_command_line_shows_it(seen, tell):
    stage, attempts = seen(stories.SEEN)
    assert statuses(stage, stories.SEEN)[0] == ["Starting", "Stopping", "Stopped"]
    assert [one.head.spot for one in attempts] == [True, False]
    facts = tell(f"explain {stories.SEEN} --json")
    assert facts["attempts"][0]["decision"]["kind"] == "resubmit"
    assert "finish-in-time" in tell(f"finish {stories.SEEN}")
    assert stories.SEEN in tell(f"continue {stories.SEEN}", 1)
