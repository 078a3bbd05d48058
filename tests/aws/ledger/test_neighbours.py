"""Whom a next attempt would meet is found by keys, and is exactly what `touches` says of every pair."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from spotter.aws.ledger import codec, neighbours
from spotter.aws.ledger.table import Ledger
from spotter.core.ledger import row_keys
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.checkpoint_locations import touches
from spotter.core.model.identity import Attempt, JobId
from tests.support.counting_dynamodb import CountingDynamoDB
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.spotter_in_one_process import create_table

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ROOT = Attempt(JobId("1", "r", "mine", NOON), 1)
LONG = "x" * 600

folders = st.sampled_from(["run-1", "run-10", "run", "a", "é" * 3, "", ".", "#", LONG, "é" * 400])
locations = st.builds(
    lambda bucket, parts, end: "/".join([bucket, *parts]) + end,
    st.sampled_from(["s3://ml", "s3://ml-checkpoints", "s3://ml-checkpoints-2"]),
    st.lists(folders, max_size=4),
    st.sampled_from(["", "/", "//"]),
)


def head(name: str, checkpoint: str | None, **more) -> JobRecord:
    job = JobId("1", "r", name, NOON)
    known = {"attempt": Attempt(job, 1), "status": "InProgress"} | more
    return JobRecord(
        id=job,
        arn="arn",
        in_scope=True,
        secondary="Training",
        modified=NOON,
        spot=True,
        checkpoint=checkpoint,
        **known,
    )


def ledger(*heads: JobRecord) -> Ledger:
    made = Ledger(FakeDynamoDB(), "ledger")
    create_table(made.client, "ledger")
    for one in heads:
        made.put_head(one, notable=False)
    return made


def met(known: Ledger, location: str) -> list[str]:
    return sorted(neighbours.at_location(known, location, ROOT.root))


@given(st.lists(locations, min_size=1, max_size=12))
def test_a_look_up_finds_those_whose_locations_touch_and_no_other(places):
    heads = [head(f"job-{n:02d}", place) for n, place in enumerate(places)]
    known = ledger(*heads)
    for mine in places:
        touching = [one.id.name for one in heads if touches(mine, one.checkpoint or "")]
        assert met(known, mine) == touching


@given(st.lists(locations, min_size=1, max_size=12))
def test_those_whose_locations_overlap_are_found_and_no_other(places):
    heads = [head(f"job-{n:02d}", place) for n, place in enumerate(places)]
    known = ledger(*heads)
    for mine in places:
        theirs = [(one.id.name, one.checkpoint or "") for one in heads]
        meet = [name for name, place in theirs if touches(mine, place) or touches(place, mine)]
        assert sorted(one.id.name for one in neighbours.overlapping(known, mine)) == meet


def test_who_overlaps_is_found_in_as_few_reads_where_thousands_run():
    places = (
        "s3://b/team/run-1",
        "s3://b/team/run-10/",
        "s3://b/",
        "s3://b/tea",
        "s3://b/team/run-1/x",
    )
    ours = [head(f"job-{n}", place) for n, place in enumerate(places)]
    reads = []
    for many in (0, 3000):
        others = (head(f"other-{n}", f"s3://b/team/run-{n}0/") for n in range(2, many))
        counting = CountingDynamoDB(ledger(*ours, *others).client)
        found = neighbours.overlapping(Ledger(counting, "ledger"), "s3://b/team/run-10/")
        assert sorted(one.id.name for one in found) == ["job-0", "job-1", "job-2", "job-3"]
        reads.append(counting.calls.total())
    assert reads[0] <= 16
    assert reads[1] <= reads[0] + 2


def test_a_location_is_met_by_raw_prefix_below_and_by_folder_above():
    places = ("s3://b/run-1", "s3://b/run-10/", "s3://b/", "s3://b", "s3://b/run", "s3://b/run-1/x")
    known = ledger(*(head(f"job-{n}", place) for n, place in enumerate(places)))
    assert met(known, "s3://b/run-1") == ["job-0", "job-1", "job-2", "job-3", "job-5"]
    assert met(known, "s3://b/run-10/") == ["job-1", "job-2", "job-3"]


def test_only_what_runs_in_other_lineages_is_met():
    over = head("over", "s3://b/x", status="Completed")
    gone = head("gone", "s3://b/x", gone=True)
    ours = head("ours", "s3://b/x", attempt=Attempt(ROOT.root, 2))
    nowhere = head("nowhere", None)
    assert met(ledger(over, gone, ours, nowhere), "s3://b/x") == []
    assert met(ledger(over, ours, head("theirs", "s3://b/x")), "s3://b/x") == ["theirs"]


def test_a_head_that_cannot_be_read_counts_as_running_where_the_index_lists_it():
    known = ledger(head("bad", "s3://b/x"), head("far", "s3://c/x"))
    row = head("bad", "s3://b/x").row(notable=False) | {"status": 7}
    known.client.put_item(TableName="ledger", Item=codec.written(row))
    assert met(known, "s3://b/x") == ["bad"]
    assert met(known, "s3://c/x") == ["far"]


def test_a_lineages_running_attempts_are_found_by_their_names():
    second, third = Attempt(ROOT.root, 2), Attempt(ROOT.root, 3)
    heads = [head(one.name, None, attempt=one) for one in (second, third)]
    stranger = head(Attempt(ROOT.root, 4).name, None)
    known = ledger(*heads, stranger)
    assert [h.attempt for h in neighbours.of_lineage(known, ROOT, [])] == [second]
    found = neighbours.of_lineage(known, ROOT, [1, 3, 4])
    assert [h.attempt for h in found] == [second, third]


def test_what_no_longer_runs_stands_under_no_location():
    row = head("over", "s3://b/x", status="Completed").row(notable=False)
    assert row_keys.LOCATION_PK not in row


def test_a_location_too_long_for_a_key_is_found_and_not_mistaken_for_a_similar_one():
    one, other = f"s3://b/{LONG}/{LONG}/one", f"s3://b/{LONG}/{LONG}/other"
    for place in (one, other, "s3://b/" + "é" * 1000):
        assert len(head("long", place).row(notable=False)[row_keys.LOCATION_SK].encode()) <= 1024
    assert met(ledger(head("job", one)), one) == ["job"]
    assert met(ledger(head("job", one)), other) == []
