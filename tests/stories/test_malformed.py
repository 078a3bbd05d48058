"""A row that cannot be read is reported and passed over: it costs what it is about, and nothing else."""

import json
from datetime import timedelta
from typing import Any

import pytest

from laptop.market.spot import LAUNCH, Script, Step
from spotter.core import rows
from spotter.core.hints import look
from spotter.core.instants import iso
from spotter.core.policy import Alerts, Policy
from spotter.shell import lease, wire
from tests.nightly import ACT, PATIENT, bounded, children, failing, waiting
from tests.world import HERE, World

TRAINS = Script(steps=(*LAUNCH, Step("Training")))
GONE = ...
WRONG_HEADS: tuple[dict[str, Any], ...] = (
    {"modified": GONE}, {"status": GONE}, {"status": 7}, {"root": "x"}, {"recorded": "many"},
    {"attempt": "x"}, {"instances": ["ml.g5.xlarge many"]}, {"instances": 7}, {"since": 10**30},
    {"checkpoint": ["x"]}, {"tags": ["x"]}, {"in_scope": "yes"}, {"waited": 10**30},
    {"max_wait": 10**30},
)  # fmt: skip


def put(told: World, row: dict[str, Any], **wrong: Any) -> dict[str, Any]:
    """Somebody with more power than Spotter alters a row; the stream tells of it, too."""
    new = {name: value for name, value in (row | wrong).items() if value is not GONE}
    told.stream.client.put_item(TableName=told.ledger.table, Item=wire.written(new))
    return new


def row_of(told: World, sk: str, name: str = "") -> dict[str, Any]:
    (found,) = [r for r in told.rows() if r[rows.SK].startswith(sk) and name in r[rows.PK]]
    return found


def training(told: World, *names: str) -> World:
    told.script("*", TRAINS)
    for name in names:
        told.create(name, StoppingCondition=PATIENT, HyperParameters={"steps": "900"})
    told.pass_time(15)
    return told


@pytest.mark.parametrize("wrong", WRONG_HEADS, ids=str)
def test_a_malformed_head_keeps_no_sweep_from_its_end_and_no_other_job_from_being_found_gone(
    world, wrong
):
    told = training(world(), "bad", "deleted")
    put(told, row_of(told, "HEAD#", "/bad"), **wrong)
    told.weather = lambda entry: []
    told.sagemaker.stop_training_job(TrainingJobName="deleted")
    told.pass_time(5)
    told.sagemaker.delete_training_job(TrainingJobName="deleted")
    assert told.sweep().finished
    (gone,) = told.ledger.readable([row_of(told, "HEAD#", "/deleted")])
    assert not gone.living
    assert {one.key[0].rpartition("/")[2] for one in told.malformed} == {"bad"}
    assert told.dead_letters == []


@pytest.mark.parametrize("sk", ["HEAD#", "HEAD#x", "HEAD#99999999999999999999"])
def test_a_key_of_a_running_head_that_names_no_job_is_passed_over(world, sk):
    told = training(world(), "job")
    bad = row_of(told, "HEAD#") | {rows.SK: sk, rows.PK: "JOB#nobody"}
    put(told, bad)
    assert told.sweep().finished
    assert {one.key for one in told.malformed} == {("JOB#nobody", sk)}


def test_a_malformed_head_is_reported_at_each_sweep_so_that_its_alarm_stays_on(world):
    told = training(world(), "bad")
    put(told, row_of(told, "HEAD#"), status=7)
    for _ in range(3):
        told.malformed.clear()
        told.sweep()
        assert told.malformed


def test_an_event_about_a_job_whose_head_is_malformed_takes_no_batch_along(world):
    told = training(world(), "bad", "good")
    put(told, row_of(told, "HEAD#", "/bad"), recorded="many")
    for name in ("bad", "good"):
        told.sagemaker.stop_training_job(TrainingJobName=name)
    told.pass_time(10)
    (good,) = told.ledger.readable([row_of(told, "HEAD#", "/good")])
    assert good.ending
    assert told.dead_letters == []


@pytest.mark.parametrize("wrong", [{"root": "x"}, {"attempt": "x"}, {"root": GONE}], ids=str)
def test_a_malformed_claim_on_a_name_costs_that_name_alone(world, wrong):
    told = world(ACT)
    pk = f"JOB#{HERE.account}/{HERE.region}/bad"
    row = {rows.PK: pk, rows.SK: rows.CLAIM, "root": "x", "attempt": 2, "name": "bad"}
    put(told, row, **wrong)
    training(told, "bad", "good")
    assert "good" in told.heads()
    assert told.dead_letters == []
    assert {one.key for one in told.malformed} == {(pk, rows.CLAIM)}


ENDINGS: tuple[dict[str, Any], ...] = (
    {"job": "x"}, {"job": GONE}, {"ending": GONE}, {"ending": 7}, {"turn": "x"}, {"ended": 7},
)  # fmt: skip


@pytest.mark.parametrize("wrong", ENDINGS, ids=str)
def test_a_malformed_ending_costs_its_lineage_alone(world, wrong):
    told = world(ACT)
    told.held = []
    failing(told, "nightly-1", "nightly-2").pass_time(10, step=5)
    keys, told.held = told.held, None
    put(told, row_of(told, "ENDED#", "/nightly-1#"), **wrong)
    told.carry_on(*keys)
    assert [name[:12] for name in children(told)] == ["nightly-2-a2"]
    told.now += timedelta(minutes=5)
    assert told.sweep().finished
    assert {one.key[1] for one in told.malformed} == {"ENDED#001"}
    assert "nudged" not in row_of(told, "ENDED#", "/nightly-1#")


@pytest.mark.parametrize("pk", ["LINEAGE#x", "LINEAGE#", "LINEAGE#a/b/c#x"])
def test_an_ending_whose_key_names_no_lineage_is_passed_over(world, pk):
    told = world(ACT)
    row = {rows.PK: pk, rows.SK: "ENDED#001", "job": "x", "ending": "x"}
    put(told, row | rows.open_keys(pk, told.now))
    failing(told, "nightly-1").settle()
    assert told.sweep().finished
    told.carry_on((pk, "ENDED#001"))
    told.pass_time(10, step=5)
    assert len(children(told)) == 1


ATTEMPTS: tuple[dict[str, Any], ...] = (
    {"state": GONE}, {"state": 7}, {"name": GONE}, {"rung": GONE}, {"request": 7}, {"turn": "x"},
    {"max_wait": 10**30}, {"root": "x"},
)  # fmt: skip


@pytest.mark.parametrize("wrong", ATTEMPTS, ids=str)
def test_a_malformed_attempt_costs_its_lineage_alone(world, wrong):
    told = waiting(world(ACT), 1, hours=0)
    bad = put(told, row_of(told, "ATTEMPT#", "/nightly-0#"), **wrong)
    failing(told, "nightly-2").pass_time(10, step=5)
    told.now += timedelta(minutes=10)
    told.tries = 1
    assert told.sweep().finished
    told.carry_on((bad[rows.PK], bad[rows.SK]))
    assert [name[:12] for name in children(told)] == ["nightly-2-a2"]
    assert told.failures == []


SLOTS: tuple[dict[str, Any], ...] = (
    {"claimed": GONE}, {"claimed": "soon"}, {"claimed": 7}, {"claimed": "2999-01-01T00:00:00.000Z"},
    {"root": "x"}, {"attempt": "x"}, {"name": 7}, {"turn": "x"}, {"checkpoint": 7},
    {rows.SK: "SLOT#x"}, {rows.SK: "SLOT#9999999999"}, {rows.SK: "SLOT#"},
)  # fmt: skip


@pytest.mark.parametrize("wrong", SLOTS, ids=str)
def test_a_malformed_slot_counts_as_one_taken_when_it_was_first_met(world, wrong):
    told = world(bounded(creations_per_hour=1))
    slot = {
        rows.PK: rows.CREATIONS, rows.SK: rows.slot_sk(1), "claimed": iso(told.now), "root": "x",
        "attempt": 2, "name": "nobody",
    }  # fmt: skip
    put(told, slot, **wrong)
    failing(told, "nightly-1").pass_time(10, step=5)
    assert children(told) == [], "the cap of one is used up"
    for _ in range(14):
        told.now += timedelta(minutes=5)
        told.sweep()
    assert len(children(told)) == 1, "an hour later there is room again"
    assert told.malformed


CURSORS: tuple[dict[str, Any], ...] = (
    {"position": "x"}, {"position": 10**30}, {"position": -1}, {"finished": "x"}, {"turn": "x"},
    {"position": 32503680000000}, {"turn": GONE}, {"position": [1]},
)  # fmt: skip


@pytest.mark.parametrize("wrong", CURSORS, ids=str)
def test_a_malformed_cursor_makes_the_sweep_begin_anew(world, wrong):
    told = world()
    told.sweep()
    put(told, row_of(told, rows.CURSOR), **wrong)
    told.weather = lambda entry: []
    training(told, "job")
    assert told.sweep().finished
    assert "job" in told.heads()
    cursor = row_of(told, rows.CURSOR)
    assert set(cursor) == {rows.PK, rows.SK, "v", "finished", "turn"}
    told.malformed.clear()
    told.sweep()
    assert told.malformed == []


LEASES: tuple[dict[str, Any], ...] = (
    {"until": GONE}, {"until": "soon"}, {"until": 7}, {"until": "2999-01-01T00:00:00.000Z"},
    {"turn": "x", "until": 7}, {"holder": GONE},
)  # fmt: skip


@pytest.mark.parametrize("wrong", LEASES, ids=str)
def test_a_malformed_lease_holds_nobody_up(world, wrong):
    told, length = world(), timedelta(seconds=290)
    lease.take(told.ledger, "one", told.now, length)
    put(told, row_of(told, rows.LEASE), **wrong)
    mine = lease.take(told.ledger, "two", told.now, length)
    assert mine is not None
    assert lease.take(told.ledger, "three", told.now, length) is None
    lease.give_back(told.ledger, mine, told.now)
    assert lease.take(told.ledger, "three", told.now + timedelta(seconds=1), length) is not None
    assert len(told.malformed) == 1


def deep(many: int, inner: str = "") -> str:
    return "[" * many + inner + "]" * many


PLACE = f'"account": "{HERE.account}", "region": "{HERE.region}"'
MESSAGES = (
    deep(1000), deep(100_000), "9" * 20_000, f'{{"look": {"9" * 20_000}, {PLACE}}}',
    f'{{"look": {deep(900)}, {PLACE}}}', f'{{"account": {deep(900)}}}',
    f'{{"look": "x", {PLACE}, "created": {"9" * 4000}, "modified": {deep(100_000)}}}',
    f'{{"detail": {deep(200_000)}}}', '{"account": "\\ud800"}', "NaN", '{"account": 1e999}',
    '{"a":' * 1000 + "1" + "}" * 1000,
)  # fmt: skip


@pytest.mark.parametrize("body", MESSAGES, ids=lambda body: body[:12] + str(len(body)))
def test_a_message_that_cannot_be_read_is_a_dead_letter_and_takes_no_batch_along(world, body):
    told = world()
    told.weather = lambda entry: []
    told.script("*", TRAINS)
    told.create("job", StoppingCondition=PATIENT)
    told.events.extend([{"body": body}, {"body": look("job", HERE)}])
    told.settle()
    assert told.dead_letters == [body]
    assert "job" in told.heads()


@pytest.mark.parametrize("wrong", [{"since": GONE}, {"since": "x"}, {"limit": 10**30}, {"kind": 7}])
def test_a_malformed_notice_costs_only_itself(world, wrong):
    told = world(Policy(alerts=Alerts(waiting_for_capacity=timedelta(seconds=30))))
    told.script("*", Script(steps=(Step("Starting", 3000),)))
    told.create("job", StoppingCondition={"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 100})
    told.pass_time(40, step=5)
    told.sweep()
    put(told, row_of(told, "NOTICED#"), **wrong)
    told.pass_time(60, step=5)
    told.sweep()
    assert "wait_budget_used" in told.alerts()
    assert json.loads(json.loads(told.published[0]["Message"])["sqs"])["job"] == "job"
