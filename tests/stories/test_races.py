"""Two resubmitters at one lineage, the second at any point of the first, and either may die at any of
its calls: one next attempt comes of it, and nothing stays undone for more than two sweeps.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest

from spotter.core.ledger import row_keys
from tests.support.crash_points import CALLS
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.jobs import minutes
from tests.support.nightly_lineage import ACT, children, claimed, failing
from tests.support.spotter_in_one_process import Killed, SpotterInOneProcess

Key = tuple[str, str]
Death = tuple[str, int, bool]
"""Who dies, at which of its calls, and whether the call is done by then."""


@dataclass
class Race:
    """The first is at its call number `meet` when the second wakes, and runs to its end."""

    meet: int
    death: tuple[Death, ...] = ()
    made: dict[str, int] = field(default_factory=lambda: {"first": 0, "second": 0})
    who: str = ""
    dead: set[str] = field(default_factory=set)
    other: Callable[[], None] = lambda: None

    def over(self, world: SpotterInOneProcess) -> None:
        for name, methods in CALLS.items():
            owner = getattr(world, name) if name else world
            for method in methods:
                setattr(owner, method, self._watched(getattr(owner, method)))

    def run(self, world: SpotterInOneProcess, key: Key) -> None:
        self.other = lambda: self._as("second", lambda: world.run_resubmit(key))
        self._as("first", lambda: world.run_resubmit(key))

    def _as(self, who: str, work: Callable[[], None]) -> None:
        before, self.who = self.who, who
        try:
            work()
        except Killed:
            self.dead.add(who)
        finally:
            self.who = before

    def _watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(**request: Any) -> Any:
            who = self.who
            if not who:
                return call(**request)
            number, self.made[who] = self.made[who], self.made[who] + 1
            if who == "first" and number == self.meet:
                self.other()
            self._die((who, number, False))
            answer = call(**request)
            self._die((who, number, True))
            return answer

        return called

    def _die(self, here: Death) -> None:
        if here in self.death:
            raise Killed


def undecided(world: SpotterInOneProcess) -> Key:
    """nightly-7 has failed, and both wake by its ending."""
    world.held = []
    failing(world, "nightly-7").pass_time(10, step=5)
    (key,) = world.held
    world.held = None
    return key


def cut_off(world: SpotterInOneProcess, *, done: bool) -> Key:
    """A resubmitter has died in its creation, and both take up the claim that it left."""
    failing(world, "nightly-7").settle()
    world.refuse("create_training_job", Killed(), done=done)
    with pytest.raises(Killed):
        world.pass_time(10, step=5)
    world.settle()
    world.now += minutes(3)
    return claimed(world)[row_keys.PK], row_keys.attempt_sk(2)


STORIES: dict[str, Callable[[SpotterInOneProcess], Key]] = {
    "undecided": undecided,
    "cut off before its creation": lambda world: cut_off(world, done=False),
    "cut off after its creation": lambda world: cut_off(world, done=True),
}


def check(story: str, meet: int, *death: Death) -> Race:
    race, world = Race(meet, death), SpotterInOneProcess(FakeDynamoDB(), ACT)
    key = STORIES[story](world)
    race.over(world)
    race.run(world, key)
    for _ in range(2):
        world.now += minutes(3)
        world.sweep()
    assert len(children(world)) == 1, (meet, death, children(world))
    assert claimed(world)["state"] == "started", (meet, death)
    left = list(world.ledger.unsettled())
    assert left == [], (meet, death, left)
    assert world.differences() == []
    return race


def calls(story: str) -> int:
    """How many the first makes if nobody comes in between."""
    return check(story, meet=-1).made["first"]


@pytest.mark.shows("races", "two resubmitters, the second at any call of the first")
@pytest.mark.parametrize("story", STORIES)
def test_the_second_at_any_point_of_the_first(story, proof):
    met = [check(story, meet).made["second"] for meet in range(calls(story))]
    proof.count(tries=len(met), fired=sum(map(bool, met)))
    assert all(met)


@pytest.mark.shows("races", "and one of the two dies at any of its calls")
@pytest.mark.parametrize("who", ["first", "second"])
@pytest.mark.parametrize("story", STORIES)
def test_and_one_of_them_dies_at_any_of_its_calls(story, who, proof):
    """One in three of all ways."""
    many = range(calls(story))
    ways = list(product(many, many, [False, True]))[::3]
    died = [bool(check(story, meet, (who, call, after)).dead) for meet, call, after in ways]
    proof.count(tries=len(died), fired=sum(died))
    assert sum(died) > len(died) / 4


@pytest.mark.shows("races", "and both of them die")
@pytest.mark.parametrize("story", STORIES)
def test_and_both_of_them_die(story, proof):
    """One in thirty-one of all ways."""
    many = range(calls(story))
    ways = list(product(many, many, many, [False, True]))[::31]
    died = [
        check(story, meet, ("first", one, after), ("second", other, after)).dead
        for meet, one, other, after in ways
    ]
    both = sum(len(dead) == 2 for dead in died)
    proof.count(tries=len(died), fired=both)
    assert both > len(died) / 10
