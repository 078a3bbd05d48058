"""The circuit breaker opens after enough shortages of one instance type, and closes by itself."""

from datetime import timedelta

from spotter.core.policy.model import CircuitBreakerPolicy
from spotter.core.resubmit.circuit_breaker import circuit_open_until
from tests.support.jobs import NOON, minutes

BREAKER = CircuitBreakerPolicy(count=3, within=minutes(60), open_for=minutes(120))


def test_too_few_shortages_or_too_far_apart_leave_the_breaker_closed():
    now = NOON + minutes(121)
    assert circuit_open_until([], BREAKER, now) is None
    assert circuit_open_until([NOON + minutes(60), NOON + minutes(120)], BREAKER, now) is None
    apart = [NOON, NOON + minutes(30), NOON + minutes(61)]
    assert circuit_open_until(apart, BREAKER, now) is None


def test_enough_shortages_open_it_until_its_time_after_the_last_is_over():
    shortages = [NOON + minutes(50), NOON, NOON + minutes(60)]
    until = NOON + minutes(180)
    assert circuit_open_until(shortages, BREAKER, NOON + minutes(60)) == until
    assert circuit_open_until(shortages, BREAKER, until - timedelta(seconds=1)) == until
    assert circuit_open_until(shortages, BREAKER, until) is None
