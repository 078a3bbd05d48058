"""What a job saw of its pool stands; only beyond it is anything drawn."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from spotter.core.replay.drawn_availability import DrawnAvailability, seen_until
from spotter.core.replay.frailty import TOGETHER, ends, paces, variance
from spotter.core.replay.kaplan_meier import Observed, SurvivalCurve, curve
from spotter.core.replay.own_path import Spell, Stretch
from spotter.core.replay.uniforms import Uniforms

WAIT, AGAIN, STAY = Spell.WAIT_AT_CREATION, Spell.WAIT_AFTER_INTERRUPTION, Spell.STAY
CURVES = {
    WAIT: curve([Observed(0.0, ended=True), Observed(50.0, ended=True)]),
    AGAIN: curve([Observed(30.0, ended=True)]),
    STAY: curve([Observed(100.0, ended=True), Observed(500.0, ended=True)]),
}
SEEN = [Stretch(WAIT, 0, 20, ended=True), Stretch(STAY, 20, 60, ended=False)]
instants = st.lists(st.floats(0, 5000), min_size=1, max_size=20)


def pool(seen=SEEN, *name) -> DrawnAvailability:
    return DrawnAvailability(seen, CURVES, Uniforms(*name))


@given(st.integers(0, 99), instants)
def test_what_was_seen_is_never_drawn(seed, others):
    drawn = pool(SEEN, seed)
    for instant in others:
        drawn.at(instant)
    assert drawn.at(10) == (False, 20)
    available, until = drawn.at(30)
    assert available
    assert until in (120, 520), "the stay of 40 s goes on, to one of the lengths that are longer"


@given(st.integers(0, 99), instants)
def test_the_order_of_questions_changes_no_answer(seed, instants):
    drawn, again = pool(SEEN, seed), pool(SEEN, seed)
    asked = {at: drawn.at(at) for at in instants}
    assert {at: again.at(at) for at in sorted(instants)} == asked


@given(st.integers(0, 99), st.floats(0, 3000))
def test_a_change_is_a_change(seed, instant):
    drawn = pool(SEEN, seed)
    available, until = drawn.at(instant)
    assert until > instant
    assert drawn.at(until)[0] is not available or until == inf


def test_what_a_later_attempt_saw_stands_again():
    later = [*SEEN, Stretch(WAIT, 1000, 1500, ended=False)]
    drawn = pool(later, 1)
    assert drawn.at(1200)[0] is False
    assert seen_until(later) == 60


def test_a_pool_that_nobody_saw_begins_with_a_wait_at_creation():
    found = {pool([], n).at(7.0) for n in range(20)}
    assert (False, 57.0) in found
    assert {until for available, until in found if available} == {107.0, 507.0}


def test_where_nothing_is_known_nothing_changes():
    nothing = dict.fromkeys(Spell, SurvivalCurve())
    assert DrawnAvailability(SEEN, nothing, Uniforms(1)).at(60) == (True, inf)


def test_a_lineage_that_was_interrupted_often_has_a_faster_pace():
    often = [[Stretch(STAY, n * 10, n * 10 + 10, ended=True) for n in range(8)] for _ in range(5)]
    rarely = [
        [Stretch(STAY, n * 500, n * 500 + 500, ended=n == 0) for n in range(4)] for _ in range(5)
    ]
    every = [*often, *rarely]
    curves = {**CURVES, STAY: curve([one.observed for some in every for one in some])}
    varies = [variance(every, kinds, curves) for kinds in TOGETHER]
    assert varies[0] == 0, "no wait was seen"
    assert varies[1] > 0
    fast, slow = (
        sum(paces(one, varies, curves, Uniforms(n))[STAY] for n in range(200))
        for one in (often[0], rarely[0])
    )
    assert fast > 1.4 * slow
    assert ends(often[0], (STAY,), curves)[0] == 8


def test_lineages_that_are_alike_have_one_pace():
    alike = [[Stretch(STAY, 0, length, ended=True)] for length in (90, 100, 110)]
    curves = {**CURVES, STAY: curve([one[0].observed for one in alike])}
    assert variance(alike, (STAY,), curves) == 0
    assert set(paces(alike[0], (0.0, 0.0), curves, Uniforms(1)).values()) == {1.0}


def test_numbers_by_chance_follow_from_their_name_alone():
    assert Uniforms("a", 1)() == Uniforms("a", 1)() != Uniforms("a", 2)()
    drawn = [Uniforms("x", n)() for n in range(4000)]
    assert 0 < min(drawn) < max(drawn) <= 1
    assert abs(sum(drawn) / 4000 - 0.5) < 0.02
    row = Uniforms("gamma")
    for shape in (0.4, 1.0, 7.0):
        some = [row.gamma(shape) for _ in range(4000)]
        assert abs(sum(some) / 4000 - shape) < 0.15 * max(shape, 0.5)


def test_a_pace_near_zero_makes_long_spells_and_no_error():
    """A share to the power of a million is too small for a float."""
    slow = dict.fromkeys(Spell, 1e-6)
    drawn = DrawnAvailability(SEEN, CURVES, Uniforms("slow"), slow)
    assert drawn.at(1e5)[1] > 1e5
