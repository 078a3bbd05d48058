"""`spotter logs` shows the lines of all attempts, and gives a reason where it shows none."""

import json
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from laptop.simulated_sagemaker.spot_market import INTERRUPTED_ONCE, Script, Step
from laptop.simulated_sagemaker.training import Trainer
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.model.times import ms
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.reports.job_log import LogLine
from spotter_cli.errors import CommandError
from spotter_cli.stack.job_lookup import find_job
from spotter_cli.stack.lineage_log import LineageLog
from spotter_cli.views import log_lines
from tests.support.deadline_lineage import begun, live, timely
from tests.support.fake_logs import GROUP, FakeLogs
from tests.support.jobs import NOON
from tests.support.nightly_lineage import ACT, NIGHTLY, out_of_wait
from tests.support.spotter_in_one_process import request


@pytest.fixture
def logged(new_world):
    """A world whose training writes a log."""
    world = new_world(ACT)
    world.logs = FakeLogs()
    world.sagemaker.train = Trainer(world.s3, world.logs)
    return world


def log_of(world, deployed, number=None, name="nightly-7") -> LineageLog:
    spotter = deployed(world)
    return LineageLog(spotter, find_job(spotter, name), lambda: world.now, number)


def texts(log, entries) -> list[str]:
    return [*map(log_lines.as_text(log, UTC), entries)]


def test_all_attempts_are_one_stream_with_what_happened_between(logged, deployed):
    out_of_wait(logged)
    logged.pass_time(120, step=5)
    log = log_of(logged, deployed)
    found = [*log.since(NOON - timedelta(days=1))]
    assert [one.at for one in found] == sorted(one.at for one in found)
    kinds = [one.facts["type"] for one in found if not isinstance(one, LogLine)]
    assert kinds == ["attempt", "interruption", "ending", "attempt", "ending"]
    shown = texts(log, found)
    assert "==== Attempt 1: nightly-7, spot, 1 x ml.g5.xlarge ====" in shown[0]
    begin = shown.index(next(one for one in shown if "==== Attempt 2: nightly-7-a2-" in one))
    assert any("resumed from checkpoint-" in one for one in shown[begin:])
    assert not any("resumed from checkpoint-" in one for one in shown[:begin])
    first = [*log_of(logged, deployed, number=1).since(NOON)]
    assert {one.attempt for one in first} == {1}


def test_the_last_lines_are_the_end_of_all_of_them(logged, deployed):
    out_of_wait(logged)
    logged.pass_time(120, step=5)
    every = [*log_of(logged, deployed).since(NOON)]
    lines = [one for one in every if isinstance(one, LogLine)]
    for count in (1, 2, 3, len(lines) - 1, len(lines), len(lines) + 5):
        found = log_of(logged, deployed).last(count)
        assert [one for one in found if isinstance(one, LogLine)] == lines[-count:]
        assert found[0].facts["type"] == "attempt"


def test_an_interruption_is_marked_between_the_lines_around_it(logged, deployed):
    logged.script("nightly-7", INTERRUPTED_ONCE)
    logged.create("nightly-7", HyperParameters={"steps": "40", "checkpoint_every": "5"})
    logged.pass_time(90)
    log = log_of(logged, deployed)
    shown = texts(log, log.since(NOON))
    [place] = [n for n, one in enumerate(shown) if "Interruption 1 of attempt 1" in one]
    assert "step 20" in "".join(shown[:place])
    assert "resumed from checkpoint-20" in shown[place + 1]


def test_a_log_is_followed_until_the_lineage_ends(logged, deployed):
    logged.script("nightly-7", INTERRUPTED_ONCE)
    logged.create("nightly-7")
    logged.pass_time(10)
    log = log_of(logged, deployed)
    before = log.last(100)
    assert log.news() == ([], True)
    found = []
    for _ in range(40):
        logged.pass_time(5)
        more, goes_on = log.news()
        found += more
    assert not goes_on
    every = [*log_of(logged, deployed).since(NOON)]
    assert [*before, *found] == every
    assert [*log_lines.followed(log, 0)] == []


def test_a_log_of_one_attempt_that_is_followed_ends_with_it(logged, deployed):
    logged.switch = "off: the budget is spent"
    out_of_wait(logged)
    logged.pass_time(60, step=5)
    one, whole = log_of(logged, deployed, number=1), log_of(logged, deployed)
    assert logged.ended("nightly-7")["held"]
    assert (one.news()[1], whole.news()[1]) == (False, True)


def test_a_hand_over_is_marked_once_and_as_one(new_world, deployed):
    """When the job has ended, resubmit has not yet told whose stop it was."""
    world = begun(new_world(timely(finish_by=FinishBy(after=timedelta(hours=2)))))
    world.logs = FakeLogs()
    log, seen = log_of(world, deployed), []
    decide = world.run_resubmit

    def decide_between_two_looks(*keys, **more):
        seen.extend(log.news()[0])
        decide(*keys, **more)
        seen.extend(log.news()[0])

    world.run_resubmit = decide_between_two_looks
    live(world, 20)
    ended = [one.text for one in seen if getattr(one, "kind", "") == "ending"]
    assert ended == ["Attempt 1 ended: HandedOver"]


@pytest.mark.parametrize("refused", [True, False])
def test_without_lines_there_is_one_sentence_and_the_console(logged, deployed, refused):
    logged.script("nightly-7", Script(steps=(Step("Starting"),)))
    logged.create("nightly-7")
    logged.pass_time(5)
    log = log_of(logged, deployed)
    if refused:
        logged.logs.refusal = "AccessDeniedException"
        with pytest.raises(CommandError) as raised:
            log.last(5)
        sentence = str(raised.value)
        assert sentence.startswith("You have no permission to read the log group")
    else:
        assert log.last(5) == []
        sentence = log.why_empty()
        assert sentence.startswith("nightly-7 has no log: its container has not started yet.")
    assert "In the console: https://us-east-1.console.aws.amazon.com/cloudwatch/" in sentence
    assert sentence.count("\n") == 0


def test_expired_lines_are_told_from_a_log_that_was_never_written(logged, deployed):
    out_of_wait(logged)
    logged.pass_time(120, step=5)
    for stream in logged.logs.groups[GROUP].values():
        stream.clear()
    log = log_of(logged, deployed)
    assert log.last(5) == []
    assert "retention time" in log.why_empty()
    logged.logs.groups[GROUP].clear()
    assert "no log stream" in log.why_empty()


def test_an_attempt_that_is_not_there_is_a_mistake(logged, deployed):
    logged.create("nightly-7")
    logged.pass_time(5)
    with pytest.raises(CommandError, match=r"There is no attempt 4: the lineage has 1\."):
        log_of(logged, deployed, number=4).last(5)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("loss\t0.5\n", "loss    0.5"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("10%\r50%\r100%\n", "10% | 50% | 100%"),
        ("\x1b]0;title\x07text", "text"),
        ("", ""),
    ],
)
def test_a_message_is_shown_without_what_was_for_a_terminal(message, shown):
    assert log_lines.readable(message) == shown


@pytest.mark.parametrize("name", ["nightly-7", "nightly-7-a2"])
def test_a_line_names_its_instance_where_its_own_job_has_several(new_world, deployed, name):
    two = replace(NIGHTLY, capacity=(CapacityOption.parse("spot instances=2"),))
    world = new_world(replace(ACT, rules=(two,)))
    world.logs = FakeLogs()
    out_of_wait(world)
    world.pass_time(120, step=5)
    first, second = sorted(world.heads().values(), key=lambda head: head.id.created)
    seconds = timedelta(seconds=1)
    world.logs.put(f"{first.id.name}/algo-1-1", {ms(first.id.created + seconds): "alone"})
    for number in (1, 2):
        line = {ms(second.id.created + number * seconds): f"of {number}"}
        world.logs.put(f"{second.id.name}/algo-{number}-1", line)
    named = first.id.name if name == "nightly-7" else second.id.name
    log = log_of(world, deployed, name=named)
    shown = [one for one in texts(log, log.last(10)) if "====" not in one]
    assert [one.split(" ", 2)[2] for one in shown] == ["alone", "[algo-1] of 1", "[algo-2] of 2"]


def test_other_commands_show_the_last_lines_on_request(logged, deployed, capsys):
    logged.create("nightly-7")
    logged.pass_time(15)
    spotter = deployed(logged)
    head = find_job(spotter, "nightly-7")
    assert log_lines.LastLines.read(spotter, head, None).facts == {}
    last = log_lines.LastLines.read(spotter, head, 2)
    assert [one["type"] for one in last.facts["log"]] == ["attempt", "line", "line"]
    assert json.loads(log_lines.as_json(last.entries[1])) == last.facts["log"][1]
    assert len([*last.in_words(UTC)]) == 4
    logged.logs.refusal = "AccessDeniedException"
    refused = log_lines.LastLines.read(spotter, head, 2)
    assert (refused.facts, [*refused.in_words(UTC)]) == ({"log": None}, [])
    assert "You have no permission" in capsys.readouterr().err


def test_a_log_that_is_followed_from_before_its_first_line_begins_with_its_attempt(
    logged, deployed
):
    logged.create("nightly-7")
    logged.pass_time(1)
    log = log_of(logged, deployed)
    assert log.last(100) == []
    logged.pass_time(30)
    found, _ = log.news()
    assert found == [*log_of(logged, deployed).since(NOON)]
    assert found[0].facts["type"] == "attempt"


@pytest.mark.parametrize("count", [1, 4, 30])
def test_following_begins_where_the_last_lines_end(logged, deployed, count):
    """The attempts before those that wrote the last lines are not shown again."""
    out_of_wait(logged)
    logged.pass_time(6)
    log = log_of(logged, deployed)
    before = log.last(count)
    assert log.news() == ([], True)
    logged.pass_time(100)
    more, goes_on = log.news()
    assert not goes_on
    every = [*log_of(logged, deployed).since(NOON)]
    assert [*before, *more][1:] == every[-len([*before, *more]) + 1 :]


def test_an_attempt_that_ended_long_ago_is_not_read_again(logged, deployed):
    out_of_wait(logged)
    logged.pass_time(6)
    log = log_of(logged, deployed)
    log.last(1000)
    logged.pass_time(300, step=5)
    log.news()
    log.news()
    before = logged.logs.calls
    assert log.news() == ([], False)
    assert logged.logs.calls == before


def test_a_job_that_is_not_recorded_yet_has_a_log(logged, deployed):
    logged.sagemaker.create_training_job(**request("early-1"))
    logged.now += timedelta(seconds=10)
    logged.sagemaker.advance()
    found = log_of(logged, deployed, name="early-1").last(5)
    assert [one.facts["type"] for one in found][:2] == ["attempt", "line"]


def test_no_lines_since_an_instant_are_told_from_an_empty_log(logged, deployed):
    out_of_wait(logged)
    logged.pass_time(120, step=5)
    log = log_of(logged, deployed)
    assert [*log.since(logged.now)] == []
    assert not log.is_empty()
    logged.logs.groups[GROUP].clear()
    assert log.is_empty()
