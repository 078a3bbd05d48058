"""What AWS answers in pages, in part or only to so much comes whole."""

from spotter.core import rows
from spotter.shell import sagemaker
from tests.nightly import ACT, children, failing, out_of_wait
from tests.telling import NOON

MANY = [{"Key": f"key-{n}", "Value": str(n)} for n in range(5)]


def test_a_partition_and_the_index_are_read_to_their_last_page(world):
    ledger = world().ledger
    for n in range(12):
        ledger.put_new({rows.PK: "LINEAGE#x", rows.SK: f"AT#{n:02}", **rows.open_keys("x", NOON)})
    ledger.client.page = 5
    wanted = [f"AT#{n:02}" for n in range(12)]
    assert [row[rows.SK] for row in ledger.partition("LINEAGE#x")] == wanted
    assert sorted(row[rows.SK] for row in ledger.open()) == wanted


def test_keys_that_a_batch_did_not_answer_are_asked_for_again(world):
    ledger = world().ledger
    keys = [("LINEAGE#x", f"AT#{n:02}") for n in range(7)]
    for pk, sk in keys:
        ledger.put_new({rows.PK: pk, rows.SK: sk})
    ledger.client.portion = 3
    assert set(ledger.get_all(keys)) == set(keys)


def test_all_tags_of_a_job_are_read(world):
    told = world()
    told.sagemaker.tags_per_page = 2
    told.create("job", Tags=MANY)
    arn = told.sagemaker.describe_training_job(TrainingJobName="job")["TrainingJobArn"]
    assert sagemaker.tags(told.sagemaker, arn) == {tag["Key"]: tag["Value"] for tag in MANY}


def test_a_story_told_in_pages_is_the_same_story(world):
    """Whatever is cut off somewhere would be missing from the rows, or from the child's tags."""
    told, paged = world(ACT), world(ACT)
    paged.stream.page = paged.stream.portion = paged.s3.page = 1
    paged.sagemaker.tags_per_page = 2
    for one in (told, paged):
        out_of_wait(one, Tags=MANY)
        one.pass_time(30, step=10)
        one.sweep()
    assert paged.rows() == told.rows()
    (child,) = children(paged)
    arn = paged.sagemaker.describe_training_job(TrainingJobName=child)["TrainingJobArn"]
    assert len(sagemaker.tags(paged.sagemaker, arn)) == len(MANY) + 2


def test_a_living_job_on_a_later_page_keeps_its_checkpoints_too(world):
    told = world(ACT)
    told.stream.page = 1
    place = {"S3Uri": "s3://ml-checkpoints/nightly-7/"}
    for n in range(10):
        more = {"CheckpointConfig": place} if n == 9 else {}
        told.create(f"other-{n}", **more)
    failing(told, "nightly-7").pass_time(6, step=6)
    assert told.ended("nightly-7")["blocked_by"] == "other-9"


def test_what_is_unsaid_is_read_to_its_last_page_the_worst_first(world):
    ledger = world().ledger
    for n in range(12):
        keys = rows.unsaid_keys(n % 3, NOON)
        ledger.put_new({rows.PK: "JOB#x", rows.SK: f"ALERT#k#{n:02}", **keys})
    ledger.client.page = 5
    ranks = [row[rows.OPEN_SK][0] for row in ledger.unsaid()]
    assert ranks == ["0"] * 4 + ["1"] * 4 + ["2"] * 4


def test_the_newest_rows_are_read_a_page_at_a_time(world):
    ledger, asked = world().ledger, []
    for n in range(9):
        ledger.put_new({rows.PK: rows.SPOKEN, rows.SK: rows.publish_sk(n)})
    real = ledger.client.client.query
    ledger.client.client.query = lambda **more: (asked.append(more), real(**more))[1]
    found = ledger.newest_first(rows.SPOKEN, page=4)
    assert rows.number_of(next(found)[rows.SK]) == 8
    assert [more["Limit"] for more in asked] == [4]
    assert [rows.number_of(row[rows.SK]) for row in found] == [7, 6, 5, 4, 3, 2, 1, 0]
