"""A pattern that the policy accepts means the same to Spotter and to IAM, and never everything."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra.resubmit_permissions import by_bucket
from spotter.core.model.checkpoint_locations import own_prefix
from spotter.core.policy.keys import RESUBMISSION, TOP, PolicyKey
from spotter.core.policy.parse import PolicyMistakes, parse_policy
from tests.infra.iam_evaluation import like

ROLE = "arn:aws:iam::111122223333:role/"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/"
BUCKET = "s3://ml-checkpoints/"
ODD = st.text("aB1-_/.*?[]!^{}$:\\ ü\n", min_size=1, max_size=8)
PLAIN = st.text("aB1-/.[]!", max_size=3)


def accepted(key: str, value: str) -> bool:
    item: PolicyKey | None = {**TOP, **RESUBMISSION}[key].item
    assert item is not None
    try:
        item.read(value)
    except (ValueError, TypeError):
        return False
    return True


def stated(key: str, value: str) -> str:
    """A policy that says this one thing."""
    return f"{'[resubmission]' if key in RESUBMISSION else ''}\n{key} = ['{value}']"


def filled(pattern: str, words: list[str]) -> str:
    """The pattern with something in place of its wildcards, so that values often fit."""
    ahead = iter(words)
    return "".join(
        next(ahead, "") if c == "*" else next(ahead, "a")[:1] or "a" if c == "?" else c
        for c in pattern
    )


@pytest.mark.parametrize(
    ("key", "start"),
    [("roles", ROLE), ("checkpoint_locations", BUCKET), ("instance_types", "ml.g")],
)
@given(pattern=ODD, words=st.lists(PLAIN, max_size=8), other=ODD)
@example(pattern="[ab]", words=[], other="a")
@example(pattern="[!a]*", words=[], other="b")
@example(pattern="${aws:username}/*", words=[], other="a")
def test_an_accepted_pattern_means_the_same_to_both(key, start, pattern, words, other):
    pattern = start + pattern
    if accepted(key, pattern):
        for value in (filled(pattern, words), start + other):
            assert fnmatchcase(value, pattern) == like(value, pattern)


@given(pattern=ODD, words=st.lists(PLAIN, max_size=8))
@example(pattern="run-1", words=[])
@example(pattern="run-?/*", words=["1", ""])
def test_s3_lets_spotter_list_the_locations_of_the_policy(pattern, words):
    """The folder of a location is listed, whether the location ends in a slash or not."""
    pattern = BUCKET + pattern
    location = filled(pattern, words)
    if accepted("checkpoint_locations", pattern) and fnmatchcase(location, pattern):
        [patterns] = by_bucket((pattern,)).values()
        listed = own_prefix(location.removeprefix(BUCKET))
        assert any(like(listed, allowed) for allowed in patterns)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("roles", "*", "not for every role"),
        ("roles", f"{ROLE}*", "not for every role"),
        ("roles", f"{ROLE}*/*", "not for every role"),
        ("roles", f"{ROLE}?*", "not for every role"),
        ("roles", f"{ROLE}?", "not for every role"),
        ("roles", f"{ROLE}*?", "not for every role"),
        ("roles", f"{ROLE}?*/?*", "not for every role"),
        ("roles", f"{ROLE}*/?", "not for every role"),
        ("roles", "arn:aws:iam::*:role/training", "a role's ARN"),
        ("roles", "arn:aws:iam::١١١١٢٢٢٢٣٣٣٣:role/training", "a role's ARN"),
        ("checkpoint_locations", "*", 'without "*" in the bucket'),
        ("checkpoint_locations", "s3://*", 'without "*" in the bucket'),
        ("checkpoint_locations", "s3://*/*", 'without "*" in the bucket'),
        ("checkpoint_locations", "s3://ml-*/x", 'without "*" in the bucket'),
        ("checkpoint_locations", f"{BUCKET}run-[12]/*", 'without "[" or "${"'),
        ("checkpoint_locations", f"{BUCKET}${{aws:username}}/*", 'without "[" or "${"'),
        ("kms_keys", "*", 'without "*"'),
        ("kms_keys", f"{KEY}*", 'without "*"'),
        ("instance_types", "*", "an instance type"),
        ("instance_types", "ml.*", "an instance type"),
    ],
)
def test_what_would_mean_everything_is_refused_in_one_sentence(key, value, reason):
    with pytest.raises(PolicyMistakes) as refused:
        parse_policy("p", stated(key, value))
    [mistake] = refused.value.mistakes
    assert reason in mistake


@pytest.mark.parametrize("role", ["?*", "*", "?", "*/?*"])
def test_a_rule_that_is_for_every_role_is_for_nobodys_choice(role):
    with pytest.raises(PolicyMistakes, match="not for every role"):
        parse_policy(
            "p", f"[[rule]]\nrole = '{ROLE}{role}'\non = ['NeverLaunched']\nmax_attempts = 2"
        )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("roles", f"{ROLE}training"),
        ("roles", f"{ROLE}service-role/training-*"),
        ("roles", f"{ROLE}team/vision/*"),
        ("roles", f"{ROLE}*-training"),
        ("checkpoint_locations", f"{BUCKET}*"),
        ("checkpoint_locations", f"{BUCKET}vision/run-?/$kept"),
        ("kms_keys", f"{KEY}mrk-1234abcd12ab34cd56ef1234567890ab"),
        ("instance_types", "ml.g5.*"),
    ],
)
def test_what_names_something_is_accepted(key, value):
    assert accepted(key, value)
