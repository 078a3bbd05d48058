"""The metrics of the functions add up to what the ledger holds, however often a job is described."""

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from handlers import record
from spotter.core.record import metrics
from spotter.core.resubmit.rules import RULES
from tests.support.jobs import ACCOUNT, REGION
from tests.support.nightly_lineage import ACT, children, out_of_wait
from tests.support.spotter_in_one_process import event

HERE = {"account": ACCOUNT, "region": REGION}
HANDLERS = Path(record.__file__).parent


class CountedMetrics:
    """Whatever is given to Metrics, added up."""

    def __init__(self) -> None:
        self.total: Counter[str] = Counter()

    def add_metric(self, name: str, unit: Any, value: float) -> None:
        (known,) = [one for one in metrics.ALL if one.name == name]
        assert (known.unit, known.service) == (unit.value, "record")
        self.total[name] += value

    def of_jobs(self) -> dict[str, float]:
        """The metrics of jobs, without that of rows."""
        return {name: value for name, value in self.total.items() if name != "RowsRecorded"}


@pytest.fixture
def counted(monkeypatch) -> CountedMetrics:
    found = CountedMetrics()
    monkeypatch.setattr(record, "metrics", found)
    return found


def test_figures_add_up_to_the_ledger(new_world, counted):
    one = out_of_wait(new_world(ACT))
    one.weather = lambda entry: [entry, entry]
    one.pass_time(90, step=1)
    heads = one.heads().values()
    assert children(one)
    expected = {
        "Transitions": sum(head.recorded for head in heads),
        "Interruptions": sum(head.interruptions for head in heads),
        "WaitedSeconds": sum(head.waited.total_seconds() for head in heads),
        "LostSeconds": sum(head.lost.total_seconds() for head in heads),
        "BillableSeconds": sum(head.billable_seconds or 0 for head in heads),
        "TrainingSeconds": sum(head.training_seconds or 0 for head in heads),
        "Resubmissions": len(children(one)),
    }
    assert all(expected.values()), expected
    assert {name: counted.total[name] for name in expected} == pytest.approx(expected)


def test_events_of_the_past_count_nothing(new_world, counted):
    one = new_world()
    past = []
    one.weather = lambda entry: past.append(entry) or [entry]
    one.create("nightly-7")
    one.pass_time(60)
    before = +counted.total
    one.events.extend({"body": json.dumps(event(entry))} for entry in past)
    one.settle()
    assert +counted.total == before


def test_of_two_recordings_at_once_the_one_with_a_conflict_counts_nothing(new_world, counted):
    """The same life, recorded again by two at once into another ledger, adds the same figures."""
    one, another = new_world(), new_world()
    one.create("nightly-7")
    one.pass_time(60, step=60)
    once = counted.of_jobs()
    look = [{"messageId": "0", "body": json.dumps({"training_job": "nightly-7", **HERE})}]
    recorder = replace(one.recorder, ledger=another.ledger)
    another.stream.intruder = (2, lambda: record.record(look, recorder))
    record.record(look, recorder)
    assert once
    assert counted.of_jobs() == {name: 2 * value for name, value in once.items()}


def test_a_decision_is_counted_by_the_rule_that_made_it(new_world, counted, capsys):
    one = out_of_wait(new_world(ACT))
    one.pass_time(30, step=10)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    rules = {rule.__name__ for rule in RULES} | {metrics.NO_RULE}
    assert lines
    for line in lines:
        (emitted,) = line["_aws"]["CloudWatchMetrics"]
        assert (emitted["Namespace"], emitted["Dimensions"]) == (
            metrics.NAMESPACE,
            [["stack", "service", "rule"]],
        )
        assert emitted["Metrics"] == [{"Name": "Decisions", "Unit": "Count"}]
        assert (line["service"], line["rule"] in rules) == ("resubmit", True)
    assert "whatever_is_left_is_carried_on" in {line["rule"] for line in lines}


@pytest.mark.parametrize("handler", sorted(HANDLERS.glob("[!_]*.py")), ids=lambda path: path.stem)
def test_every_figure_that_a_handler_names_is_described(handler):
    named = re.findall(r"add_metric\(\s*\"(\w+)\", MetricUnit\.(\w+)", handler.read_text())
    described = {(one.name, one.unit, one.service) for one in metrics.ALL}
    assert {(name, unit, handler.stem) for name, unit in named} <= described
