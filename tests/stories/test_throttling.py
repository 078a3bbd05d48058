"""Any call of resubmit and sweep is throttled, a few times or for half an hour: it costs no attempt."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.crash_points import CALLS, CrashSchedule, sweep
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.nightly_lineage import ACT, children, claimed, failing, out_of_wait
from tests.support.spotter_in_one_process import SpotterInOneProcess

NOT_MET = ("send_message_batch",)
"""Every event arrives in these stories, so the sweep has nothing to hint at."""
METHODS = [method for methods in CALLS.values() for method in methods if method not in NOT_MET]
ANY = "every call"


@dataclass
class Throttle(CrashSchedule):
    """Nobody dies; so many calls of a method, from one of them on, are answered that they come too fast."""

    method: str = ANY
    skipped: int = 0
    times: int = 0
    met: list[str] = field(default_factory=list)

    def mortal(self, call: Any, name: str) -> Any:
        def called(**request: Any) -> Any:
            if self.watched and self.method in (ANY, name):
                self.skipped -= 1
                if self.skipped < 0 < self.times:
                    self.times -= 1
                    self.met.append(name)
                    raise ClientError({"Error": {"Code": "ThrottlingException"}}, name)
            return call(**request)

        return called


def story(throttle: Throttle) -> SpotterInOneProcess:
    """nightly-7 fails for want of capacity, or, where S3 is listed, is out of wait; then five sweeps, which
    may fail, and two that meet no trouble.
    """
    world = throttle.over(SpotterInOneProcess(FakeDynamoDB(), ACT))
    world.tries = 2
    if throttle.method == "list_objects_v2":
        out_of_wait(world)
    else:
        failing(world, "nightly-7").pass_time(10, step=5)
    for _ in range(5):
        with suppress(ClientError):
            sweep(world, throttle)
    throttle.times = 0
    for _ in range(2):
        sweep(world, throttle)
    return world


@pytest.mark.shows(
    "throttling",
    "each call of resubmit and sweep, 1, 3, 8 times and for half an hour",
)
@pytest.mark.parametrize("method", [*METHODS, ANY])
@pytest.mark.parametrize("times", [1, 3, 8, 10**6])
def test_what_is_throttled_recovers_and_spends_no_attempt(method, times, proof):
    met = 0
    for skipped in range(40):
        throttle = Throttle(method=method, skipped=skipped, times=times)
        world = story(throttle)
        assert len(children(world)) == 1, (skipped, children(world))
        assert claimed(world)["state"] == "started"
        left = list(world.ledger.unsettled())
        assert left == [], skipped
        if not throttle.met:
            break
        met += 1
        proof.count(tries=1, fired=1)
    assert met
