"""What counts towards the limits of a running job."""

from dataclasses import replace

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.record.limits import trained_until
from tests.support.jobs import NOON, job, minutes

RUNNING = ("Starting", "Downloading", "Training")


def test_only_training_counts_towards_the_maximum_of_a_run():
    one = job(RUNNING)
    head = replace(JobRecord.of(one, Attempt(one.id, 1), in_scope=True), trained=minutes(7))
    assert trained_until(replace(head, since=NOON), NOON + minutes(9)) == minutes(16)
    assert trained_until(replace(head, secondary="Interrupted"), NOON + minutes(900)) == minutes(7)
    assert trained_until(replace(head, since=None), NOON + minutes(9)) == minutes(7)
