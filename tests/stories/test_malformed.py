"""A row that cannot be read is reported and passed over: it costs what it is about, and nothing else."""

import json
from datetime import timedelta
from typing import Any

import pytest

from laptop.simulated_sagemaker.spot_market import LAUNCH, Script, Step
from spotter.aws.ledger import codec
from spotter.aws.reports.dashboard_widget import answer
from spotter.aws.sweep import lease
from spotter.core.ledger import row_keys
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.hints import sweep_message
from spotter.core.model.times import iso, ms
from spotter.core.policy.model import AlertsPolicy, Policy
from tests.support.nightly_lineage import ACT, PATIENT, bounded, children, failing, waiting
from tests.support.spotter_in_one_process import HERE, SpotterInOneProcess

TRAINS = Script(steps=(*LAUNCH, Step("Training")))
GONE, DAY = ..., timedelta(days=1)
WRONG_HEADS: tuple[dict[str, Any], ...] = (
    {"modified": GONE}, {"status": GONE}, {"status": 7}, {"root": "x"}, {"recorded": "many"},
    {"attempt": "x"}, {"instances": ["ml.g5.xlarge many"]}, {"instances": 7}, {"since": 10**30},
    {"checkpoint": ["x"]}, {"tags": ["x"]}, {"in_scope": "yes"}, {"waited": 10**30},
    {"max_wait": 10**30}, {"max_wait": 9 * 10**11},
)  # fmt: skip


def put(world: SpotterInOneProcess, row: dict[str, Any], **wrong: Any) -> dict[str, Any]:
    """Somebody with more power than Spotter alters a row; the stream tells of it, too."""
    new = {name: value for name, value in (row | wrong).items() if value is not GONE}
    world.stream.client.put_item(TableName=world.ledger.table, Item=codec.written(new))
    return new


def row_of(world: SpotterInOneProcess, sk: str, name: str = "") -> dict[str, Any]:
    (found,) = [r for r in world.rows() if r[row_keys.SK].startswith(sk) and name in r[row_keys.PK]]
    return found


def training(world: SpotterInOneProcess, *names: str) -> SpotterInOneProcess:
    world.script("*", TRAINS)
    for name in names:
        world.create(name, StoppingCondition=PATIENT, HyperParameters={"steps": "900"})
    world.pass_time(15)
    return world


@pytest.mark.parametrize("wrong", WRONG_HEADS, ids=str)
def test_a_malformed_head_keeps_no_sweep_from_its_end_and_no_other_job_from_being_found_gone(
    new_world, wrong
):
    world = training(new_world(), "bad", "deleted")
    put(world, row_of(world, "HEAD#", "/bad"), **wrong)
    world.weather = lambda entry: []
    world.sagemaker.stop_training_job(TrainingJobName="deleted")
    world.pass_time(5)
    world.sagemaker.delete_training_job(TrainingJobName="deleted")
    assert world.sweep().finished
    gone = JobRecord.read(row_of(world, "HEAD#", "/deleted"))
    assert not gone.running
    assert {one.key[0].rpartition("/")[2] for one in world.malformed} == {"bad"}
    assert world.dead_letters == []


@pytest.mark.parametrize("wrong", WRONG_HEADS, ids=str)
def test_a_malformed_head_keeps_no_other_job_from_the_dashboard(new_world, wrong):
    world = training(new_world(), "bad", "good")
    put(world, row_of(world, "HEAD#", "/bad"), **wrong)
    here = f"arn:aws:lambda:{HERE.region}:{HERE.account}:function:Spotter-Dashboard"
    range_ = {"start": ms(world.now - DAY), "end": ms(world.now + DAY)}
    event = {"widgetContext": {"timeRange": range_}}
    assert "good" in answer(event, world.ledger, here, world.now, None)


@pytest.mark.parametrize("sk", ["HEAD#", "HEAD#x", "HEAD#99999999999999999999"])
def test_a_key_of_a_running_head_that_names_no_job_is_passed_over(new_world, sk):
    world = training(new_world(), "job")
    bad = row_of(world, "HEAD#") | {row_keys.SK: sk, row_keys.PK: "JOB#nobody"}
    put(world, bad)
    assert world.sweep().finished
    assert {one.key for one in world.malformed} == {("JOB#nobody", sk)}


def test_a_malformed_head_is_reported_at_each_sweep_so_that_its_alarm_stays_on(new_world):
    world = training(new_world(), "bad")
    put(world, row_of(world, "HEAD#"), status=7)
    for _ in range(3):
        world.malformed.clear()
        world.sweep()
        assert world.malformed


@pytest.mark.shows("poisoned messages", "a message about a job whose row is malformed")
def test_an_event_about_a_job_whose_head_is_malformed_takes_no_batch_along(new_world):
    world = training(new_world(), "bad", "good")
    put(world, row_of(world, "HEAD#", "/bad"), recorded="many")
    for name in ("bad", "good"):
        world.sagemaker.stop_training_job(TrainingJobName=name)
    world.pass_time(10)
    good = JobRecord.read(row_of(world, "HEAD#", "/good"))
    assert good.ending
    assert world.dead_letters == []


@pytest.mark.parametrize("wrong", [{"root": "x"}, {"attempt": "x"}, {"root": GONE}], ids=str)
def test_a_malformed_claim_on_a_name_costs_that_name_alone(new_world, wrong):
    world = new_world(ACT)
    pk = f"JOB#{HERE.account}/{HERE.region}/bad"
    row = {row_keys.PK: pk, row_keys.SK: row_keys.CLAIM, "root": "x", "attempt": 2, "name": "bad"}
    put(world, row, **wrong)
    training(world, "bad", "good")
    assert "good" in world.heads()
    assert world.dead_letters == []
    assert {one.key for one in world.malformed} == {(pk, row_keys.CLAIM)}


ENDINGS: tuple[dict[str, Any], ...] = (
    {"job": "x"}, {"job": GONE}, {"ending": GONE}, {"ending": 7}, {"turn": "x"}, {"ended": 7},
)  # fmt: skip


@pytest.mark.shows("poisoned changes", "a malformed ending")
@pytest.mark.parametrize("wrong", ENDINGS, ids=str)
def test_a_malformed_ending_costs_its_lineage_alone(new_world, wrong):
    world = new_world(ACT)
    world.held = []
    failing(world, "nightly-1", "nightly-2").pass_time(10, step=5)
    keys, world.held = world.held, None
    put(world, row_of(world, "ENDED#", "/nightly-1#"), **wrong)
    world.run_resubmit(*keys)
    assert [name[:12] for name in children(world)] == ["nightly-2-a2"]
    world.now += timedelta(minutes=5)
    assert world.sweep().finished
    assert {one.key[1] for one in world.malformed} == {"ENDED#001"}
    assert "retriggered_at" not in row_of(world, "ENDED#", "/nightly-1#")


@pytest.mark.parametrize("pk", ["LINEAGE#x", "LINEAGE#", "LINEAGE#a/b/c#x"])
def test_an_ending_whose_key_names_no_lineage_is_passed_over(new_world, pk):
    world = new_world(ACT)
    row = {row_keys.PK: pk, row_keys.SK: "ENDED#001", "job": "x", "ending": "x"}
    put(world, row | row_keys.open_keys(pk, world.now))
    failing(world, "nightly-1").settle()
    assert world.sweep().finished
    world.run_resubmit((pk, "ENDED#001"))
    world.pass_time(10, step=5)
    assert len(children(world)) == 1


ATTEMPTS: tuple[dict[str, Any], ...] = (
    {"state": GONE}, {"state": 7}, {"name": GONE}, {"rung": GONE}, {"request": 7}, {"turn": "x"},
    {"max_wait": 10**30}, {"root": "x"},
)  # fmt: skip


@pytest.mark.shows("poisoned changes", "a malformed attempt")
@pytest.mark.parametrize("wrong", ATTEMPTS, ids=str)
def test_a_malformed_attempt_costs_its_lineage_alone(new_world, wrong):
    world = waiting(new_world(ACT), 1, hours=0)
    bad = put(world, row_of(world, "ATTEMPT#", "/nightly-0#"), **wrong)
    failing(world, "nightly-2").pass_time(10, step=5)
    world.now += timedelta(minutes=10)
    world.tries = 1
    assert world.sweep().finished
    world.run_resubmit((bad[row_keys.PK], bad[row_keys.SK]))
    assert [name[:12] for name in children(world)] == ["nightly-2-a2"]
    assert world.failures == []


SLOTS: tuple[dict[str, Any], ...] = (
    {"claimed": GONE}, {"claimed": "soon"}, {"claimed": 7}, {"claimed": "2999-01-01T00:00:00.000Z"},
    {"root": "x"}, {"attempt": "x"}, {"name": 7}, {"turn": "x"}, {"checkpoint": 7},
    {row_keys.SK: "SLOT#x"}, {row_keys.SK: "SLOT#9999999999"}, {row_keys.SK: "SLOT#"},
)  # fmt: skip


@pytest.mark.shows("poisoned changes", "a malformed creation slot")
@pytest.mark.parametrize("wrong", SLOTS, ids=str)
def test_a_malformed_slot_counts_as_one_taken_when_it_was_first_met(new_world, wrong):
    world = new_world(bounded(max_creations_per_hour=1))
    slot = {
        row_keys.PK: row_keys.CREATIONS, row_keys.SK: row_keys.slot_sk(1), "claimed": iso(world.now), "root": "x",
        "attempt": 2, "name": "nobody",
    }  # fmt: skip
    put(world, slot, **wrong)
    failing(world, "nightly-1").pass_time(10, step=5)
    assert children(world) == [], "the cap of one is used up"
    for _ in range(14):
        world.now += timedelta(minutes=5)
        world.sweep()
    assert len(children(world)) == 1, "an hour later there is room again"
    assert world.malformed


CURSORS: tuple[dict[str, Any], ...] = (
    {"position": "x"}, {"position": 10**30}, {"position": -1}, {"finished": "x"}, {"turn": "x"},
    {"position": 32503680000000}, {"turn": GONE}, {"position": [1]},
)  # fmt: skip


@pytest.mark.parametrize("wrong", CURSORS, ids=str)
def test_a_malformed_cursor_makes_the_sweep_begin_anew(new_world, wrong):
    world = new_world()
    world.sweep()
    put(world, row_of(world, row_keys.CURSOR), **wrong)
    world.weather = lambda entry: []
    training(world, "job")
    assert world.sweep().finished
    assert "job" in world.heads()
    cursor = row_of(world, row_keys.CURSOR)
    assert set(cursor) == {row_keys.PK, row_keys.SK, "v", "finished", "turn"}
    world.malformed.clear()
    world.sweep()
    assert world.malformed == []


LEASES: tuple[dict[str, Any], ...] = (
    {"until": GONE}, {"until": "soon"}, {"until": 7}, {"until": "2999-01-01T00:00:00.000Z"},
    {"turn": "x", "until": 7}, {"holder": GONE},
)  # fmt: skip


@pytest.mark.shows("poisoned changes", "a malformed lease")
@pytest.mark.parametrize("wrong", LEASES, ids=str)
def test_a_malformed_lease_holds_nobody_up(new_world, wrong):
    world, length = new_world(), timedelta(seconds=290)
    lease.take(world.ledger, "one", world.now, length)
    put(world, row_of(world, row_keys.LEASE), **wrong)
    mine = lease.take(world.ledger, "two", world.now, length)
    assert mine is not None
    assert lease.take(world.ledger, "three", world.now, length) is None
    lease.give_back(world.ledger, mine, world.now)
    assert lease.take(world.ledger, "three", world.now + timedelta(seconds=1), length) is not None
    assert len(world.malformed) == 1


def deep(many: int, inner: str = "") -> str:
    return "[" * many + inner + "]" * many


PLACE = f'"account": "{HERE.account}", "region": "{HERE.region}"'
MESSAGES = (
    deep(1000), deep(100_000), "9" * 20_000, f'{{"training_job": {"9" * 20_000}, {PLACE}}}',
    f'{{"training_job": {deep(900)}, {PLACE}}}', f'{{"account": {deep(900)}}}',
    f'{{"training_job": "x", {PLACE}, "created": {"9" * 4000}, "modified": {deep(100_000)}}}',
    f'{{"detail": {deep(200_000)}}}', '{"account": "\\ud800"}', "NaN", '{"account": 1e999}',
    '{"a":' * 1000 + "1" + "}" * 1000,
)  # fmt: skip


@pytest.mark.shows("poisoned messages", "an unreadable message in a batch")
@pytest.mark.parametrize("body", MESSAGES, ids=lambda body: body[:12] + str(len(body)))
def test_a_message_that_cannot_be_read_is_a_dead_letter_and_takes_no_batch_along(new_world, body):
    world = new_world()
    world.weather = lambda entry: []
    world.script("*", TRAINS)
    world.create("job", StoppingCondition=PATIENT)
    world.events.extend([{"body": body}, {"body": sweep_message("job", HERE)}])
    world.settle()
    assert world.dead_letters == [body]
    assert "job" in world.heads()


@pytest.mark.parametrize("wrong", [{"since": GONE}, {"since": "x"}, {"limit": 10**30}, {"kind": 7}])
def test_a_malformed_notice_costs_only_itself(new_world, wrong):
    world = new_world(Policy(alerts=AlertsPolicy(waiting_for_capacity=timedelta(seconds=30))))
    world.script("*", Script(steps=(Step("Starting", 3000),)))
    world.create("job", StoppingCondition={"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 100})
    world.pass_time(40, step=5)
    world.sweep()
    put(world, row_of(world, "NOTICED#"), **wrong)
    world.pass_time(60, step=5)
    world.sweep()
    assert "wait_budget_used" in world.alerts()
    assert json.loads(json.loads(world.published[0]["Message"])["sqs"])["job"] == "job"
