"""A job's tags restrict what its rule allows; a tag that asks for more is ignored and reported."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.model.endings import Ending
from spotter.core.policy import tag_overrides
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Rule
from spotter.core.policy.tag_overrides import opts_out, with_tag_overrides
from spotter.core.resubmit.plan import options_for

OPTIONS = tuple(map(CapacityOption.parse, ["spot", "spot ml.g5.4xlarge max_wait=2h", "on-demand"]))
RULE = Rule(on=(Ending.CAPACITY,), max_attempts=5, name="n", capacity=OPTIONS)
PLAIN = Rule(on=(Ending.CAPACITY,), max_attempts=4, name="n", require_checkpoint=False)


def first_choices(rule: Rule) -> list[str]:
    """The first choice of each attempt from the second on."""
    numbers = range(2, rule.max_attempts + 1)
    return [str(options_for(rule, n, on_demand=False)[0]) for n in numbers]


def test_without_tags_the_rule_is_what_it_is():
    assert with_tag_overrides(RULE, {"team": "vision"}) == (RULE, ())


def test_fewer_attempts_bring_no_later_option_forward():
    rule, ignored = with_tag_overrides(PLAIN, {"spotter:max-attempts": "3"})
    assert (first_choices(PLAIN), first_choices(rule), ignored) == (
        ["spot", "spot", "on-demand"],
        ["spot", "spot"],
        (),
    )


@pytest.mark.parametrize(
    ("value", "options"),
    [
        ("spot", ["spot"] * 4),
        ("spot / spot ml.g5.4xlarge", ["spot"] + ["spot ml.g5.4xlarge max_wait=7200s"] * 3),
        ("spot/spot", ["spot"] * 4),
        ("spot / spot ml.g5.4xlarge / spot", [*map(str, OPTIONS[:2]), "spot", "spot"]),
        ("spot / spot / on-demand", ["spot", "spot", "on-demand", "on-demand"]),
    ],
)
def test_capacity_is_cut_or_stays_on_spot(value, options):
    rule, ignored = with_tag_overrides(RULE, {"spotter:capacity": value})
    assert (first_choices(rule), ignored) == (options, ())


def test_spot_is_granted_in_place_of_on_demand():
    rule = Rule(on=(Ending.CAPACITY,), max_attempts=2, name="n")
    assert first_choices(with_tag_overrides(rule, {"spotter:capacity": "spot"})[0]) == ["spot"]


@pytest.mark.parametrize(
    ("tag", "value", "reason"),
    [
        ("resubmit", "maybe", "is not valid"),
        ("max-attempts", "6", "more than the 5 attempts"),
        ("max-attempts", "0", "is not valid"),
        ("max-attempts", "999", "more than the 5 attempts"),
        ("max-attempts", "1000", "must be a whole number from 1 to 999"),
        ("max-attempts", "-1", "is not valid"),
        ("max-attempts", "two", "is not valid"),
        ("max-attempts", "\N{SUPERSCRIPT TWO}", "is not valid"),
        ("max-attempts", "9" * 200, "is not valid"),
        ("capacity", "on-demand", "more than the rule's capacity"),
        ("capacity", "spot ml.g5.4xlarge", "more than the rule's capacity"),
        ("capacity", "spot ml.p4d.24xlarge", "more than the rule's capacity"),
        ("capacity", "cheap", "is not valid"),
        ("capacity", "spot instances=50", "nothing else"),
        ("capacity", "spot / spot ml.g5.4xlarge max_wait=60d", "nothing else"),
        ("capacity", "", "is not valid"),
        ("capacity", "spot max_wait=" + "9" * 99 + "d", "is not valid"),
        ("require-checkpoint", "false", "more than the rule allows"),
        ("require-checkpoint", "x\n" + "y" * 300, "is not valid"),
    ],
)
def test_a_tag_that_asks_for_more_or_is_not_valid_changes_nothing_and_is_reported(
    tag, value, reason
):
    rule, ignored = with_tag_overrides(RULE, {f"spotter:{tag}": value})
    assert rule == RULE
    assert len(ignored) == 1
    assert reason in ignored[0]
    assert f"spotter:{tag}" in ignored[0]
    assert ignored[0].isprintable()


def test_a_tag_may_require_a_checkpoint_where_the_rule_does_not():
    rule, ignored = with_tag_overrides(PLAIN, {"spotter:require-checkpoint": "true"})
    assert (rule.require_checkpoint, ignored) == (True, ())
    assert with_tag_overrides(PLAIN, {"spotter:require-checkpoint": "false"}) == (PLAIN, ())


def test_a_tag_allows_nothing_where_no_rule_does():
    assert with_tag_overrides(None, {"spotter:max-attempts": "2", "spotter:capacity": "spot"}) == (
        None,
        (),
    )
    rule, ignored = with_tag_overrides(None, {"spotter:resubmit": "on"})
    assert rule is None
    assert "no rule matches" in ignored[0]


@pytest.mark.parametrize(("value", "opted_out"), [("off", True), (" OFF ", True), ("on", False)])
def test_off_is_off(value, opted_out):
    assert opts_out({"spotter:resubmit": value}) is opted_out


words = st.sampled_from(
    ["spot", "on-demand", "spot ml.g5.4xlarge", "spot ml.p4d.24xlarge", "on-demand ml.g5.4xlarge"]
)
values = st.one_of(
    st.text(max_size=20), st.integers(-2, 9).map(str), st.lists(words, max_size=4).map("/".join)
)


@pytest.mark.parametrize(("old", "new"), tag_overrides.OLD_TAGS.items())
def test_an_old_tag_changes_nothing_and_its_new_name_is_reported(old, new):
    rule, [ignored] = with_tag_overrides(RULE, {old: "2"})
    assert rule == RULE
    assert ignored == f"the tag {old} = 2 has no effect: it is now named {new}"


names = ["resubmit", "max-attempts", "capacity", "require-checkpoint"]


@pytest.mark.shows("tags", "random tags against random rules")
@given(
    st.dictionaries(st.sampled_from([f"spotter:{n}" for n in names]), values),
    st.sampled_from([RULE, PLAIN]),
)
def test_no_tag_ever_asks_for_more(tags, rule):
    """Never more attempts; never an option that the rule gives later or not at all, except spot in
    place of on demand; never without a checkpoint that the rule requires.
    """
    less, _ = with_tag_overrides(rule, tags)
    assert less.max_attempts <= rule.max_attempts
    assert less.require_checkpoint or not rule.require_checkpoint
    given_by = first_choices(rule)
    for place, option in enumerate(first_choices(less)):
        earlier = given_by[: place + 1]
        assert option in earlier or option.replace("spot", "on-demand") in earlier


@pytest.mark.parametrize(("length", "shown"), [(60, "y" * 60), (61, "y" * 57 + "...")])
def test_a_long_value_is_shown_in_part(length, shown):
    [ignored] = with_tag_overrides(RULE, {"spotter:max-attempts": "y" * length})[1]
    assert shown in ignored
    assert shown + "y" not in ignored
