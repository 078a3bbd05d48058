"""What a row must hold to be read: each kind of value to its limits, and each row without what it lacks."""

from typing import Any

import pytest

from spotter.core.ledger import (
    attempt,
    checkpoint_sightings,
    cursor,
    deadline,
    ending,
    evaluation,
    job_record,
    lease_row,
    measured_durations,
    notice,
    row_keys,
    slot,
    stop_order,
    transitions,
    validation,
    watching_since,
)
from spotter.core.ledger.job_summary import JobSummary
from spotter.core.ledger.validation import Malformed
from spotter.core.model.times import iso, ms
from tests.support.jobs import NOON
from tests.support.ledger_rows import ROOT

LINEAGE, JOB = row_keys.lineage_pk(ROOT), row_keys.job_pk(ROOT)
CREATED = f"{ms(NOON):013d}"
INSTANT, JOB_TEXT = iso(NOON), str(ROOT)

VALUES: list[tuple[validation.Test, list[Any], list[Any]]] = [
    (validation.text, ["", "x"], [None, 7, b"x", ["x"]]),
    (validation.flag, [True, False], [None, 0, 1, "true"]),
    (validation.count, [0, 999_999_999_999], [-1, 10**12, 1.0, True, "1", None]),
    (validation.limit, [0, 99_999_999_999], [-1, 10**11, 1.0, True, "1", None]),
    (validation.milliseconds, [0, 253_402_300_799_999], [-1, 253_402_300_800_000, 1.0, True, "1"]),
    (
        validation.instant,
        [INSTANT, "2026-11-23T12:00:00+01:00"],
        ["", "2026-11-23T12:00:00", "2026-13-23T12:00:00Z", 7, None],
    ),
    (validation.job, [JOB_TEXT], ["", "x", ROOT.place, f"{ROOT.place}#x", 7, None]),
    (validation.texts, [[], ["x", ""]], ["x", ("x",), ["x", 7], {"x": "x"}, None]),
    (validation.counts, [[], [0, 10**15]], [["1"], [1, -1], [True], (1,), "1", None]),
    (validation.groups, [[], ["ml.g5.xlarge 2"]], [["ml.g5.xlarge"], ["x many"], [7], "x 2", None]),
    (validation.pairs, [{}, {"team": "vision"}], [[], {"team": 7}, {"a": "b", "c": None}, None]),
    (deadline.span, [-999_999_999_999, 0, 999_999_999_999], [-(10**12), 10**12, True, 1.0, "1"]),
    (deadline.microseconds, [1, 999_999_999_999], [0, -1, 10**12, True, 1.0, "1"]),
    (measured_durations.spans, [[], [0, 7]], [[-1], ["7"], 7, None]),
    (
        checkpoint_sightings.saves,
        [[], [[0]], [[0, 7]], [[1], [2, 0]]],
        [7, [[]], [[0, 7, 7]], [[0, -1]], [["0"]], [[0], 7], [{}], None],
    ),
    (
        checkpoint_sightings.interruptions,
        [
            [],
            [{"at": 1, "trained": 0, "seen": 2}],
            [{"at": 1, "trained": 0, "seen": 2, "newest": 0}],
        ],
        [
            *(7, None, [7], [{}], [{"at": 1, "trained": 0}]),
            *([{"at": "1", "trained": 0, "seen": 2}], [{"at": 1, "trained": 0, "seen": 2, "newest": None}]),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("test", "fits", "wrong"), VALUES, ids=lambda v: getattr(v, "__name__", "")
)
def test_a_kind_of_value_is_accepted_up_to_its_limits_and_nothing_else(test, fits, wrong):
    assert [test(value) for value in fits] == [True] * len(fits)
    assert [test(value) for value in wrong] == [False] * len(wrong)


HEAD = {
    "arn": "arn", "in_scope": True, "status": "Stopped", "secondary": "Stopped", "spot": True, "modified": ms(NOON),
}  # fmt: skip
CLAIM = {
    "root": JOB_TEXT, "attempt": 2, "name": "nightly-7-a2", "claimed": INSTANT, "state": "creating", "request": "x",
    "rung": "spot",
}  # fmt: skip
SIGHTED = {"interruptions": [], "seen": 1, "newest": 1, "saves": [[1, 2]]}
FIRST = {"root": JOB_TEXT, "attempt": 1}
ROWS: dict[str, tuple[Any, Any, tuple[str, str], dict[str, Any]]] = {
    "head": (job_record.JobRecord.read, job_record.SHAPE, (JOB, f"HEAD#{CREATED}"), HEAD),
    "transition": (transitions.transition, transitions.SHAPE, (JOB, "AT#1"), {"status": "x", "start": 1}),
    "ending": (ending.EndingRecord.read, ending.SHAPE, (LINEAGE, "ENDED#001"), {"job": JOB_TEXT, "ending": "x"}),
    "claim": (attempt.AttemptRecord.read, attempt.SHAPE, (LINEAGE, "ATTEMPT#002"), CLAIM),
    "pointer": (attempt.ClaimPointer.read, attempt.POINTER_SHAPE, (JOB, "CLAIM"), FIRST),
    "stop": (stop_order.StopOrder.read, stop_order.SHAPE, (LINEAGE, "STOP#001"), {"job": JOB_TEXT, "state": "void"}),
    "slot": (
        slot.Slot.read, slot.SHAPE, ("CREATIONS", "SLOT#0000000001"), {"claimed": INSTANT, **FIRST, "name": "n"},
    ),
    "notice": (
        notice.NoticeRecord.read, notice.SHAPE, (JOB, "NOTICED#a#b"),
        {"kind": "a", "key": "b", "created": ms(NOON), "since": 1, "limit": 1, "noticed": 1},
    ),
    "evaluation": (
        evaluation.EvaluationRecord.read, evaluation.SHAPE, (JOB, f"EVALUATION#{CREATED}"), {"announced": INSTANT},
    ),
    "checkpoints": (
        checkpoint_sightings.CheckpointSightings.read, checkpoint_sightings.SHAPE, (JOB, f"CHECKPOINTS#{CREATED}"),
        SIGHTED,
    ),
    "deadline": (
        deadline.DeadlineRecord.read, deadline.SHAPE, (JOB, f"DEADLINE#{CREATED}"), FIRST | {"policy": "x"},
    ),
    "type": (
        measured_durations.TypeDurations.read, measured_durations.TYPE_SHAPE, ("DURATIONS", "TYPE#ml.g5.xlarge"),
        {"measured": 1},
    ),
    "rule": (
        measured_durations.RuleLineages.read, measured_durations.RULE_SHAPE, measured_durations.rule_key("x"),
        {"rule": "x", "measured": 1, "trained": []},
    ),
    "lease": (lease_row.Lease.read, lease_row.SHAPE, lease_row.KEY, {"holder": "x", "until": INSTANT}),
    "cursor": (cursor.Cursor.read, cursor.SHAPE, cursor.KEY, {}),
    "since": (watching_since.WatchingSince.read, watching_since.SHAPE, watching_since.KEY, {"since": 1}),
}  # fmt: skip


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_with_what_its_kind_needs_is_read_and_written_back(kind):
    read, _, key, held = ROWS[kind]
    found = read({**row_keys.keyed(key), **held, "of_a_newer_spotter": {"x"}})
    if hasattr(found, "row"):
        again = found.row(notable=False) if kind == "head" else found.row()
        assert {name: again[name] for name in held} == held
        assert row_keys.key_of(again) == key


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_that_lacks_what_its_kind_needs_is_malformed_and_says_so(kind):
    read, (needed, _), key, held = ROWS[kind]
    assert set(needed) <= set(held)
    for name in needed:
        row = {**row_keys.keyed(key), **{n: v for n, v in held.items() if n != name}}
        with pytest.raises(Malformed, match=f"`{name}` is missing") as caught:
            read(row)
        assert caught.value.key == key


@pytest.mark.parametrize("kind", ROWS)
def test_a_row_with_a_wrong_value_under_a_known_name_is_malformed_and_names_it(kind):
    read, (needed, allowed), key, held = ROWS[kind]
    for name in (*needed, *allowed):
        with pytest.raises(Malformed, match=f"`{name}` is no ") as caught:
            read({**row_keys.keyed(key), **held, name: {"a set"}})
        assert caught.value.key == key


@pytest.mark.parametrize("sk", ["", "HEAD", "HEAD#", "HEAD#x", "ENDED#", "ENDED#x", "ENDED#1.5"])
@pytest.mark.parametrize(
    "kind", ["head", "ending", "claim", "stop", "evaluation", "deadline", "slot"]
)
def test_a_row_whose_sort_key_names_nothing_is_malformed(kind, sk):
    read, _, (pk, _), held = ROWS[kind]
    with pytest.raises(Malformed):
        read({**row_keys.keyed((pk, sk)), **held})


NO_JOB = ("", "JOB#", "JOB#x", "LINEAGE#", "LINEAGE#x")
NO_LINEAGE = (*NO_JOB, JOB, JOB_TEXT)


@pytest.mark.parametrize(
    ("kind", "partitions"),
    [("ending", NO_LINEAGE), ("claim", NO_LINEAGE), ("stop", NO_LINEAGE), ("notice", NO_JOB)],
)
def test_a_row_whose_partition_key_names_nothing_is_malformed(kind, partitions):
    read, _, (_, sk), held = ROWS[kind]
    for pk in partitions:
        with pytest.raises(Malformed):
            read({**row_keys.keyed((pk, sk)), **held})


@pytest.mark.parametrize(
    ("number", "fits"), [(0, False), (1, True), (9 * 10**9, True), (9 * 10**9 + 1, False)]
)
def test_a_slot_has_a_number_that_can_have_been_given(number, fits):
    read, _, (pk, _), held = ROWS["slot"]
    row = {**row_keys.keyed((pk, row_keys.slot_sk(number))), **held}
    if fits:
        assert read(row).number == slot.number_in(row[row_keys.SK]) == number
    else:
        assert slot.number_in(row[row_keys.SK]) == 0
        with pytest.raises(Malformed, match="none that was given"):
            read(row)


@pytest.mark.parametrize("sk", ["SLOT#", "SLOT#x", "SLOT#00000000001", "SLOT#-1", ""])
def test_a_sort_key_that_no_slot_can_have_has_the_number_zero(sk):
    assert slot.number_in(sk) == 0


def test_a_head_of_an_older_spotter_stands_for_a_first_attempt_that_did_nothing_yet():
    row = {**row_keys.keyed((JOB, f"HEAD#{CREATED}")), **HEAD}
    head, summary = job_record.JobRecord.read(row), JobSummary.read(ROOT, row)
    assert (head.attempt.root, head.attempt.number, head.id) == (ROOT, 1, ROOT)
    for one in (head, summary):
        assert one.interruptions == 0
        assert not one.waited
        assert not one.trained
        assert (one.instances, one.checkpoint, one.since, one.waiting_since) == (
            (),
            None,
            None,
            None,
        )
    assert (head.recorded, head.lost, head.tags, head.reached_training) == (0, None, None, False)


def test_a_running_jobs_key_must_be_the_instant_of_its_creation():
    row = {**row_keys.keyed((JOB, f"HEAD#{CREATED}")), row_keys.OPEN_SK: INSTANT}
    assert validation.running(row) == ROOT
    with pytest.raises(Malformed, match="is not when the job was created"):
        validation.running(row | {row_keys.OPEN_SK: "2026-11-23T12:00:00.001Z"})


def test_a_shortage_is_at_the_instant_that_its_key_begins_with():
    row = {**row_keys.keyed((JOB, "AT#1")), row_keys.MARKET_SK: f"{INSTANT}#{ROOT}"}
    assert validation.shortage(row) == NOON
    with pytest.raises(Malformed, match="names no instant"):
        validation.shortage(row | {row_keys.MARKET_SK: f"noon#{ROOT}"})


def test_an_instant_may_be_the_latest_that_it_can_be_or_absent():
    key = (JOB, "x")
    validation.none_after(NOON, key, ordered=NOON, closed=None)
    with pytest.raises(Malformed, match="`ordered` is later than it can be"):
        validation.none_after(NOON, key, closed=None, ordered=NOON + validation.CLOCKS)


def test_only_rows_of_a_jobs_partition_are_about_a_job():
    assert validation.job_of_row((JOB, f"HEAD#{CREATED}")) == ROOT
    assert validation.job_of_row((LINEAGE, "ENDED#001")) is None
    with pytest.raises(Malformed, match="names no job"):
        validation.job_of_row((JOB, "HEAD#x"))
