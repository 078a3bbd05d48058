"""What AWS answers in pages, in part or only to so much comes whole."""

import json
from dataclasses import replace

import pytest

from spotter.core import rows
from spotter.core.alerts import alerts
from spotter.shell import sagemaker
from spotter.shell.accounts import accounts
from tests.nightly import ACT, LIMITS, children, failing, out_of_wait
from tests.telling import NOON

MANY = [{"Key": f"key-{n}", "Value": str(n)} for n in range(5)]
SNS_BYTES = 256 * 1024


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
    assert "other-9 is alive" in told.ended("nightly-7")["reason"]


@pytest.mark.parametrize("count", [6, 30, 31, 100])
def test_however_many_alerts_there_are_each_digest_fits_into_sns(world, count):
    name = "nightly-" + "x" * 50
    told = world(ACT)
    told.create(name, StoppingCondition=LIMITS, HyperParameters={})
    told.pass_time(70, step=35)
    (account,) = accounts(told.ledger, rows.job_pk(told.heads()[name].id), ACT)
    one = alerts(replace(account, published=frozenset()))[0]
    told.published.clear()
    told.voice.say([one] * count, NOON)
    digests = [json.loads(p["Message"]) for p in told.published]
    sizes = [len(json.loads(bodies["sqs"])["alerts"]) for bodies in digests]
    assert (sum(sizes), max(sizes) <= 30) == (count, True)
    assert all(len(p["Message"].encode()) < SNS_BYTES - 2000 for p in told.published)
