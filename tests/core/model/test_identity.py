"""A job is itself for ever, and the next attempt's name follows from its lineage alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.model.identity import Attempt, JobId, is_job_name
from spotter.core.model.times import at
from spotter.core.policy.keys import JOB_NAME_PREFIX, LONGEST_PREFIX
from spotter.core.policy.model import Policy

PATTERN = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
names = st.from_regex(PATTERN, fullmatch=True).filter(lambda n: len(n) <= 63)
jobs = st.builds(
    JobId,
    st.just("111122223333"),
    st.sampled_from(["us-east-1", "eu-central-1"]),
    names,
    st.integers(0, 2 * 10**12).map(at),
)


@pytest.mark.shows("names", "derived names of random roots")
@given(jobs, st.integers(2, 20))
def test_a_derived_name_is_one_that_sagemaker_takes(root, number):
    name = Attempt(root, number).name
    assert PATTERN.fullmatch(name)
    assert len(name) <= 63


prefixes = st.one_of(
    st.from_regex(JOB_NAME_PREFIX, fullmatch=True).filter(lambda one: len(one) <= LONGEST_PREFIX),
    st.from_regex(f"[a-z0-9]{{{LONGEST_PREFIX - 1}}}[a-z0-9-]", fullmatch=True),
)


@given(prefixes, names, st.integers(2, 999))
def test_a_derived_name_keeps_the_prefix_that_a_policy_covers(prefix, rest, number):
    root = JobId("111122223333", "us-east-1", (prefix + rest)[:63].rstrip("-"), at(0))
    assert Policy(job_name_prefix=prefix).covers(Attempt(root, number).name)


@pytest.mark.shows("names", "derived names of two random roots")
@given(jobs, jobs, st.integers(2, 20), st.integers(2, 20))
def test_two_roots_never_derive_the_same_name(a, b, m, n):
    if (a, m) != (b, n):
        assert Attempt(a, m).name != Attempt(b, n).name


@pytest.mark.shows("names", "roots that differ only beyond 63 characters")
@given(jobs)
def test_roots_that_differ_only_beyond_the_cut_derive_different_names(root):
    a = JobId(root.account, root.region, "x" * 62 + "a", root.created)
    b = JobId(root.account, root.region, "x" * 62 + "b", root.created)
    assert Attempt(a, 2).name != Attempt(b, 2).name


@pytest.mark.shows("names", "roots of 63 characters: each attempt and each creation")
@given(st.integers(0, 2 * 10**12))
def test_a_root_of_63_characters_derives_another_name_for_each_attempt_and_creation(created):
    roots = [JobId("111122223333", "us-east-1", "x" * 63, at(created + n)) for n in (0, 1)]
    names = [Attempt(root, number).name for root in roots for number in (2, 3, 20)]
    assert len({"x" * 63, *names}) == 7


@given(jobs)
def test_a_job_is_read_back_from_its_own_words(job):
    assert JobId.parse(str(job)) == job


@pytest.mark.parametrize("text", ["", "a/b", "a/b/c", "a/b/c#x", "a/b/c/d#1"])
def test_other_words_are_no_job(text):
    with pytest.raises(ValueError):  # noqa: PT011 (whatever its words)
        JobId.parse(text)


def test_the_first_attempt_has_the_roots_own_name():
    root = JobId("1", "r", "nightly-7", at(0))
    assert Attempt(root, 1).name == "nightly-7"
    assert re.fullmatch(r"nightly-7-a2-[0-9a-f]{12}", Attempt(root, 1).next.name)


@pytest.mark.parametrize(
    ("name", "accepted"),
    [
        ("a" * 63, True),
        ("a" * 64, False),
        ("a", True),
        ("", False),
        ("-a", False),
        ("a-", False),
        ("a--b", True),
        ("a_b", False),
        ("A9", True),
    ],
)
def test_a_job_name_is_what_sagemaker_accepts(name, accepted):
    assert is_job_name(name) is accepted
