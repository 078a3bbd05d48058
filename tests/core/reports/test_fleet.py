"""A fleet is folded from heads: it counts every job once and keeps the worst few."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from spotter.core.model.identity import JobId
from spotter.core.reports.fleet import Fleet
from tests.support.generated_lineages import attempts
from tests.support.jobs import ACCOUNT, NOON, REGION

NOW = NOON + timedelta(hours=9)


@st.composite
def fleets(draw):
    """Heads of different jobs, and how many of the worst are kept."""
    found = [view.head for view in draw(st.lists(attempts(), max_size=4))]
    running = replace(draw(attempts()).head, status="InProgress", ending=None, gone=False)
    waits = draw(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 9)), max_size=9))
    found += [
        replace(running, waiting_since=NOON + timedelta(seconds=since), interruptions=count)
        for since, count in waits
    ]
    ids = [JobId(ACCOUNT, REGION, f"job-{n:02d}", NOON) for n in range(len(found))]
    heads = [replace(head, id=job) for head, job in zip(found, ids, strict=True)]
    return heads, draw(st.integers(1, 5))


@given(fleets())
def test_every_job_is_counted_once(jobs):
    heads, most = jobs
    fleet = Fleet.of(heads, NOW, most)
    assert fleet.running.total() + fleet.finished.total() == len(heads)
    assert fleet.running == Counter(h.secondary for h in heads if h.running)
    assert fleet.interruptions == sum(h.interruptions for h in heads)
    assert fleet.instance_types.total() == sum(len(h.instances) for h in heads if h.running)


@given(fleets(), st.randoms())
def test_the_order_of_jobs_does_not_matter(jobs, rng):
    heads, most = jobs
    shuffled = rng.sample(heads, len(heads))
    one, other = Fleet.of(heads, NOW, most), Fleet.of(shuffled, NOW, most)
    assert one.waiting_longest == other.waiting_longest
    assert one.interrupted_most == other.interrupted_most
    assert (one.running, one.finished) == (other.running, other.finished)


@given(fleets())
def test_the_worst_few_are_no_better_than_any_that_are_left_out(jobs):
    heads, most = jobs
    fleet = Fleet.of(heads, NOW, most)
    since = sorted(h.waiting_since for h in heads if h.running and h.waiting_since)
    assert [NOW - waited for _, waited in fleet.waiting_longest] == [
        min(s, NOW) for s in since[:most]
    ]
    counts = sorted((h.interruptions for h in heads if h.running and h.interruptions), reverse=True)
    assert [count for _, count in fleet.interrupted_most] == counts[:most]


@given(fleets())
def test_nobody_has_waited_for_less_than_nothing(jobs):
    fleet = Fleet.of(jobs[0], NOON - timedelta(days=1))
    assert all(waited == timedelta() for _, waited in fleet.waiting_longest)


def test_a_fleet_of_none_says_so_in_zeros():
    facts = Fleet.of([], NOW).facts
    assert (facts["running"], facts["finished"], facts["interruptions"]) == ({}, {}, 0)
    assert (facts["waiting_longest"], facts["interrupted_most"]) == ([], [])


@given(fleets())
def test_facts_name_the_same_jobs(jobs):
    fleet = Fleet.of(jobs[0], NOW, jobs[1])
    facts = fleet.facts
    assert [one["job"] for one in facts["waiting_longest"]] == [
        head.id.name for head, _ in fleet.waiting_longest
    ]
    assert sum(facts["running"].values()) + sum(facts["finished"].values()) == len(jobs[0])
