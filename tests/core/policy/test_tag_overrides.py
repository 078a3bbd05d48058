"""A job's tags ask for less than its rule gives; what asks for more is ignored, and said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.model.endings import Ending
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Rule
from spotter.core.policy.tag_overrides import opts_out, with_tag_overrides
from spotter.core.resubmit.plan import options_for

LADDER = tuple(map(CapacityOption.parse, ["spot", "spot ml.g5.4xlarge max_wait=2h", "on-demand"]))
RULE = Rule(on=(Ending.CAPACITY,), attempts=5, name="n", ladder=LADDER)
PLAIN = Rule(on=(Ending.CAPACITY,), attempts=4, name="n", needs_checkpoint=False)


def rungs(rule: Rule) -> list[str]:
    """The first choice of each attempt from the second on."""
    numbers = range(2, rule.attempts + 1)
    return [str(options_for(rule, n, on_demand=False)[0]) for n in numbers]


def test_without_tags_the_rule_is_what_it_is():
    assert with_tag_overrides(RULE, {"team": "vision"}) == (RULE, ())


def test_fewer_attempts_bring_no_later_rung_forward():
    rule, ignored = with_tag_overrides(PLAIN, {"spotter:attempts": "3"})
    assert (rungs(PLAIN), rungs(rule), ignored) == (
        ["spot", "spot", "on-demand"],
        ["spot", "spot"],
        (),
    )


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("spot", ["spot"] * 4),
        ("spot / spot ml.g5.4xlarge", ["spot"] + ["spot ml.g5.4xlarge max_wait=7200s"] * 3),
        ("spot/spot", ["spot"] * 4),
        ("spot / spot ml.g5.4xlarge / spot", [*map(str, LADDER[:2]), "spot", "spot"]),
    ],
)
def test_a_ladder_is_cut_or_stays_on_spot(said, left):
    rule, ignored = with_tag_overrides(RULE, {"spotter:ladder": said})
    assert (rungs(rule), ignored) == (left, ())


def test_spot_is_granted_in_place_of_on_demand():
    rule = Rule(on=(Ending.CAPACITY,), attempts=2, name="n")
    assert rungs(with_tag_overrides(rule, {"spotter:ladder": "spot"})[0]) == ["spot"]


@pytest.mark.parametrize(
    ("tag", "said", "because"),
    [
        ("resubmit", "maybe", "makes no sense"),
        ("attempts", "6", "more than the 5 attempts"),
        ("attempts", "0", "makes no sense"),
        ("attempts", "-1", "makes no sense"),
        ("attempts", "two", "makes no sense"),
        ("attempts", "\N{SUPERSCRIPT TWO}", "makes no sense"),
        ("attempts", "9" * 200, "makes no sense"),
        ("ladder", "on-demand", "more than the rule's ladder"),
        ("ladder", "spot ml.g5.4xlarge", "more than the rule's ladder"),
        ("ladder", "spot ml.p4d.24xlarge", "more than the rule's ladder"),
        ("ladder", "cheap", "makes no sense"),
        ("ladder", "spot instances=50", "only instance types"),
        ("ladder", "spot / spot ml.g5.4xlarge max_wait=60d", "only instance types"),
        ("ladder", "", "makes no sense"),
        ("ladder", "spot max_wait=" + "9" * 99 + "d", "makes no sense"),
        ("needs-checkpoint", "false", "more than the rule gives"),
        ("needs-checkpoint", "x\n" + "y" * 300, "makes no sense"),
    ],
)
def test_what_asks_for_more_or_makes_no_sense_changes_nothing_and_is_said(tag, said, because):
    rule, ignored = with_tag_overrides(RULE, {f"spotter:{tag}": said})
    assert rule == RULE
    assert len(ignored) == 1
    assert because in ignored[0]
    assert f"spotter:{tag}" in ignored[0]
    assert ignored[0].isprintable()


def test_a_checkpoint_may_be_needed_that_the_rule_does_not_ask_for():
    rule, ignored = with_tag_overrides(PLAIN, {"spotter:needs-checkpoint": "true"})
    assert (rule.needs_checkpoint, ignored) == (True, ())
    assert with_tag_overrides(PLAIN, {"spotter:needs-checkpoint": "false"}) == (PLAIN, ())


def test_a_tag_allows_nothing_where_no_rule_does():
    assert with_tag_overrides(None, {"spotter:attempts": "2", "spotter:ladder": "spot"}) == (
        None,
        (),
    )
    rule, ignored = with_tag_overrides(None, {"spotter:resubmit": "on"})
    assert rule is None
    assert "no rule matches" in ignored[0]


@pytest.mark.parametrize(("said", "alone"), [("off", True), (" OFF ", True), ("on", False)])
def test_off_is_off(said, alone):
    assert opts_out({"spotter:resubmit": said}) is alone


words = st.sampled_from(
    ["spot", "on-demand", "spot ml.g5.4xlarge", "spot ml.p4d.24xlarge", "on-demand ml.g5.4xlarge"]
)
values = st.one_of(
    st.text(max_size=20), st.integers(-2, 9).map(str), st.lists(words, max_size=4).map("/".join)
)
names = ["resubmit", "attempts", "ladder", "needs-checkpoint"]


@given(
    st.dictionaries(st.sampled_from([f"spotter:{n}" for n in names]), values),
    st.sampled_from([RULE, PLAIN]),
)
def test_no_tag_ever_asks_for_more(tags, rule):
    """Never more attempts; never a rung that the rule gives later or not at all, but for spot in place
    of on demand; never without a checkpoint that the rule asks for.
    """
    less, _ = with_tag_overrides(rule, tags)
    assert less.attempts <= rule.attempts
    assert less.needs_checkpoint or not rule.needs_checkpoint
    given_by = rungs(rule)
    for place, rung in enumerate(rungs(less)):
        earlier = given_by[: place + 1]
        assert rung in earlier or rung.replace("spot", "on-demand") in earlier
