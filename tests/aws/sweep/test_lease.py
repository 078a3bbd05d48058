"""One sweep runs at a time: the lease is held by one, until it runs out or is given back."""

from spotter.aws.sweep import lease
from tests.support.jobs import NOON, minutes


def test_a_lease_is_held_by_one_until_it_runs_out_or_is_given_back(new_world):
    ledger = new_world().ledger
    held = lease.take(ledger, "a", NOON, minutes(5))
    assert held
    assert lease.take(ledger, "b", NOON + minutes(4), minutes(5)) is None
    lease.give_back(ledger, held, NOON + minutes(4))
    taken = lease.take(ledger, "b", NOON + minutes(4), minutes(5))
    assert taken
    assert lease.take(ledger, "c", NOON + minutes(10), minutes(5))
    lease.give_back(ledger, taken, NOON + minutes(10))
    assert lease.take(ledger, "d", NOON + minutes(11), minutes(5)) is None
