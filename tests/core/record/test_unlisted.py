"""Walking the running jobs beside a listing finds exactly those that the listing leaves out."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from spotter.core.model.identity import JobId
from spotter.core.record.unlisted import Unlisted

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def jobs(numbers):
    """Jobs in the order of their creation; several are created in the same millisecond."""
    return [JobId("1", "r", f"job-{n:03d}", NOON + timedelta(milliseconds=n // 3)) for n in numbers]


@st.composite
def cases(draw):
    """What runs, what is listed, and where the pages of the listing end; a page can be empty."""
    running = jobs(sorted(draw(st.sets(st.integers(0, 40)))))
    listed = jobs(draw(st.permutations(sorted(draw(st.sets(st.integers(0, 40)))))))
    listed.sort(key=lambda job: job.created)  # in any order at one instant
    cuts = sorted(draw(st.lists(st.integers(0, len(listed)))))
    pages = [listed[a:b] for a, b in pairwise([0, *cuts, len(listed)])]
    return running, listed, pages


@given(cases())
def test_what_no_page_shows_is_found_once_however_the_pages_are_cut(case):
    running, listed, pages = case
    unlisted = Unlisted(iter(running))
    found = [job for page in pages for job in unlisted.beside(page)]
    found += unlisted.after_the_last()
    assert found == [job for job in running if job not in listed]


@given(cases())
def test_nothing_is_found_before_the_listing_has_gone_past_it(case):
    running, _, pages = case
    unlisted = Unlisted(iter(running))
    for page in pages:
        early = list(unlisted.beside(page))
        assert all(job.created < max(one.created for one in page) for job in early if page)


def test_no_more_is_kept_in_mind_than_the_last_instant_of_a_page():
    many = jobs(range(3000))
    unlisted = Unlisted(iter(many))
    for start in range(0, 3000, 100):
        assert list(unlisted.beside(many[start : start + 100])) == []
        assert len(unlisted._listed) <= 3
