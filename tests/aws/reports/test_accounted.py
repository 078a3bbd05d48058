"""The attempts that ended in a period are read with few calls."""

from datetime import timedelta

from spotter.aws.ledger.table import Ledger
from spotter.aws.reports.accounted import AttemptReader, heads_of
from spotter.core.money.attempts import LineageResult
from spotter.core.money.period import Period
from tests.support.counting_dynamodb import CountingDynamoDB
from tests.support.nightly_lineage import ACT, out_of_wait


def test_the_rows_of_a_lineage_that_has_not_completed_are_read_once(new_world):
    world = out_of_wait(new_world(ACT))
    counting = CountingDynamoDB(world.ledger.client)
    ledger = Ledger(counting, world.ledger.table)
    day = timedelta(days=1)
    period = Period(world.now - day, world.now + day)
    heads = [head for head in heads_of(ledger, period, world.now) if not head.running]
    counting.calls.clear()
    found = list(AttemptReader(ledger, period, world.now).attempts(heads))
    assert [one.result for one in found] == [LineageResult.OPEN]
    assert counting.calls["query"] == 2  # the lineage's rows, and the job that its claim names
