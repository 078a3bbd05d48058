"""Two functions at one job or lineage in every interleaving of their calls, with up to two crashes; three, drawn by chance.

`python -m tests.interleavings` tries three in every interleaving, as far as there is time.
"""

import random

import pytest

from tests.stories.test_stop_orders import careless
from tests.support.contended_situations import SITUATIONS, is_handed_over, ordered
from tests.support.every_interleaving import Explored, Situation, Stage, Turn, drawn, explore

QUICK = "resubmit at a claim"
"""What `make test` tells, too."""
EACH = [pytest.param(name, marks=[] if name == QUICK else pytest.mark.proof) for name in SITUATIONS]
WALKS = 50


pytestmark = pytest.mark.usefixtures("quiet")


@pytest.mark.shows("races", "resubmit: two functions, every interleaving: states reached")
def test_two_functions_keep_every_promise_in_every_interleaving(proof):
    found = explore(SITUATIONS[QUICK](2), crashes=0)
    print(f"{QUICK}: {found.ways():,} interleavings, {found.states:,} states")
    proof.count(tries=found.states, fired=found.states)
    assert found.ways() > 1000


@pytest.mark.proof
@pytest.mark.shows(
    "races",
    "record, alert, resubmit, stop order: two functions, every interleaving with up to two crashes: states",
)
@pytest.mark.parametrize("name", SITUATIONS)
def test_and_with_up_to_two_crashes_at_any_calls(name, proof):
    found = explore(SITUATIONS[name](2), crashes=2)
    print(f"{name}: {found.ways():,} interleavings, {found.states:,} states, {found.ends:,} ends")
    proof.count(tries=found.states, fired=found.states)
    assert found.ways() > 1000
    assert found.crashed


DRAWN = "record, alert, resubmit, stop order: {} functions interleaved by chance, up to two crashes"


@pytest.mark.shows("races", DRAWN.format("two"))
@pytest.mark.parametrize("name", EACH)
def test_two_functions_keep_every_promise(name, proof):
    walk(name, 2, proof)


@pytest.mark.shows("races", DRAWN.format("three"))
@pytest.mark.parametrize("name", EACH)
def test_three_functions_keep_every_promise(name, proof):
    walk(name, 3, proof)


def walk(name, functions, proof):
    chance = random.Random(f"{name} {functions}")
    died = [drawn(SITUATIONS[name](functions), chance, crashes=2) for _ in range(WALKS)]
    proof.count(tries=len(died), fired=len(died))
    assert any(died)
    assert not all(died)


@pytest.mark.parametrize("calls", range(0, 12, 3))
def test_the_state_after_a_crash_is_known_without_going_there(calls):
    situation = SITUATIONS[QUICK](2)
    world, works = situation.begin()
    with Stage(world, works, situation.expected).open() as stage:
        for number in range(calls):
            stage.take(Turn(number % 2))
        before, known = stage.state(), stage.state(crashing=0)
        stage.take(Turn(0, crashes=True))
        assert stage.state() == known != before


@pytest.mark.proof
def test_a_way_that_is_known_without_going_it_leads_where_it_would(monkeypatch):
    found = explore(SITUATIONS[QUICK](2), crashes=0)
    monkeypatch.setattr(Explored, "known", lambda explored, untried: None)
    gone = explore(SITUATIONS[QUICK](2), crashes=0)
    assert found.runs < gone.runs
    assert found.reached == gone.reached


def test_the_exploration_finds_an_order_that_is_put_without_compare_and_swap():
    """A planted fault: the second function's refusal makes an order void that the first one's stop had made called."""

    def begin():
        world, works = ordered(2)
        careless(world)
        return world, works

    with pytest.raises(AssertionError, match="neither continued nor alerted"):
        explore(Situation(begin, is_handed_over), crashes=0)
