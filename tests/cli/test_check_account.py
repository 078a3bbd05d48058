"""What a check reads of the ledger: the jobs at the request's checkpoints, however many others run."""

from dataclasses import replace

from spotter.core.check.findings import MOST_RUNNING
from spotter_cli.check.account_checks import AccountLookup
from tests.cli.check_requests import WISE, changed, check_input, found
from tests.cli.test_check_rules import running
from tests.support.counting_dynamodb import CountingDynamoDB

PLACE = "s3://ml-checkpoints/nightly-7/"


def account(deployed, world, *heads) -> tuple[AccountLookup, CountingDynamoDB]:
    """A Spotter that knows these running jobs, and what counts the reads of its ledger."""
    for one in heads:
        world.ledger.put_head(one, notable=False)
    counting = CountingDynamoDB(world.stream)
    spotter = deployed(world)
    clients = spotter.client
    counted = replace(
        spotter, client=lambda name: counting if name == "dynamodb" else clients(name)
    )
    lookup = AccountLookup("Spotter", "eu-west-1")
    vars(lookup).update(spotter=counted, unreachable="")
    return lookup, counting


def test_the_jobs_at_the_requests_checkpoints_are_found(deployed, new_world):
    heads = (running("other", PLACE), running("far", "s3://ml-checkpoints/nightly-70/"))
    lookup, _ = account(deployed, new_world(), *heads)
    assert [head.id.name for head in lookup.running_at(PLACE)] == ["other"]


def test_a_check_reads_no_more_where_thousands_run(deployed, new_world):
    calls = []
    for many in (0, 2000):
        others = (running(f"job-{n}", f"s3://ml-checkpoints/run-{n}/") for n in range(many))
        lookup, counting = account(deployed, new_world(), running("other", PLACE), *others)
        assert len(lookup.running_at(PLACE)) == 1
        calls.append(counting.calls.total())
    assert calls[1] <= calls[0] + 2


def test_of_many_jobs_at_one_place_a_hundred_are_read_and_said_to_be_more(deployed, new_world):
    heads = (running(f"job-{n}", f"{PLACE}{n}/") for n in range(MOST_RUNNING + 50))
    lookup, _ = account(deployed, new_world(), *heads)
    there = lookup.running_at(PLACE)
    assert len(there) == MOST_RUNNING
    request = changed(CheckpointConfig__S3Uri=PLACE)
    assert request == WISE
    inputs = check_input(request)
    inputs = replace(inputs, seen=replace(inputs.seen, running=there))
    assert "its checkpoints are its own" in found(inputs)
