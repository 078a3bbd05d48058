"""What AWS answers in pages, in part or only to so much comes whole."""

from spotter.aws.record import describe
from spotter.core.ledger import row_keys
from tests.support.jobs import NOON
from tests.support.nightly_lineage import ACT, children, failing, out_of_wait

MANY = [{"Key": f"key-{n}", "Value": str(n)} for n in range(5)]


def test_a_partition_and_the_index_are_read_to_their_last_page(new_world):
    ledger = new_world().ledger
    for n in range(12):
        ledger.rows.put(
            {row_keys.PK: "LINEAGE#x", row_keys.SK: f"AT#{n:02}", **row_keys.open_keys("x", NOON)}
        )
    ledger.client.page = 5
    wanted = [f"AT#{n:02}" for n in range(12)]
    assert [row[row_keys.SK] for row in ledger.rows.partition("LINEAGE#x")] == wanted
    assert sorted(sk for _, sk in ledger.unsettled_keys()) == wanted


def test_keys_that_a_batch_did_not_answer_are_asked_for_again(new_world):
    ledger = new_world().ledger
    keys = [("LINEAGE#x", f"AT#{n:02}") for n in range(7)]
    for pk, sk in keys:
        ledger.rows.put({row_keys.PK: pk, row_keys.SK: sk})
    ledger.client.portion = 3
    assert set(ledger.all_stored(keys)) == set(keys)


def test_all_tags_of_a_job_are_read(new_world):
    world = new_world()
    world.sagemaker.tags_per_page = 2
    world.create("job", Tags=MANY)
    arn = world.sagemaker.describe_training_job(TrainingJobName="job")["TrainingJobArn"]
    assert describe.tags(world.sagemaker, arn) == {tag["Key"]: tag["Value"] for tag in MANY}


def without_saves(world):
    """All rows; a sweep that lists two short pages of a location sees fewer of the earlier saves."""
    return [{name: row[name] for name in row if name != "saves"} for row in world.rows()]


def test_a_story_read_in_pages_is_the_same_story(new_world):
    """Whatever is cut off somewhere would be missing from the rows, or from the child's tags."""
    world, paged = new_world(ACT), new_world(ACT)
    paged.stream.page = paged.stream.portion = 1
    paged.s3.page = 2  # a sweep lists two pages of a location
    paged.sagemaker.tags_per_page = 2
    for one in (world, paged):
        out_of_wait(one, Tags=MANY)
        one.pass_time(30, step=10)
        one.sweep()
    assert without_saves(paged) == without_saves(world)
    (child,) = children(paged)
    arn = paged.sagemaker.describe_training_job(TrainingJobName=child)["TrainingJobArn"]
    assert len(describe.tags(paged.sagemaker, arn)) == len(MANY) + 2


def test_a_living_job_on_a_later_page_keeps_its_checkpoints_too(new_world):
    world = new_world(ACT)
    world.stream.page = 1
    place = {"S3Uri": "s3://ml-checkpoints/nightly-7/"}
    for n in range(10):
        more = {"CheckpointConfig": place} if n == 9 else {}
        world.create(f"other-{n}", **more)
    failing(world, "nightly-7").pass_time(6, step=6)
    assert world.ended("nightly-7")["blocked_by"] == "other-9"


def test_pending_alerts_are_read_to_the_last_page_the_worst_first(new_world):
    ledger = new_world().ledger
    for n in range(12):
        keys = row_keys.pending_keys(n % 3, NOON)
        ledger.rows.put({row_keys.PK: "JOB#x", row_keys.SK: f"ALERT#k#{n:02}", **keys})
    ledger.client.page = 5
    ranks = [int(alert.key[1][-2:]) % 3 for alert in ledger.pending_alerts()]
    assert ranks == [0] * 4 + [1] * 4 + [2] * 4


def test_the_newest_rows_are_read_a_page_at_a_time(new_world):
    ledger, reads = new_world().ledger, []
    for n in range(9):
        ledger.rows.put({row_keys.PK: row_keys.PUBLISHES, row_keys.SK: row_keys.publish_sk(n)})
    real = ledger.client.client.query
    ledger.client.client.query = lambda **more: (reads.append(more), real(**more))[1]
    found = ledger.newest_first(row_keys.PUBLISHES, page=4)
    assert row_keys.number_of(next(found).key[1]) == 8
    assert [more["Limit"] for more in reads] == [4]
    assert [row_keys.number_of(row.key[1]) for row in found] == [7, 6, 5, 4, 3, 2, 1, 0]
