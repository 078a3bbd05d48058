"""A fleet is folded from heads: it counts every job once and keeps the worst few."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from spotter.core.model.identity import JobId
from spotter.core.reports.fleet import Fleet
from spotter.core.reports.outlook import OutlookCase, outlook
from spotter.core.reports.outlook.order import by_urgency
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


def known(heads, now=NOW):
    return [(head, outlook(OutlookCase(head, now))) for head in heads]


@given(fleets())
def test_every_job_is_counted_once(jobs):
    heads, most = jobs
    fleet = Fleet.of(known(heads), NOW, most)
    assert fleet.running.total() + fleet.finished.total() == len(heads)
    assert fleet.running == Counter(h.secondary for h in heads if h.running)
    assert fleet.outlooks.total() == fleet.running.total()
    assert fleet.interruptions == sum(h.interruptions for h in heads)
    assert fleet.instance_types.total() == sum(len(h.instances) for h in heads if h.running)
    assert len(fleet.urgent) + fleet.unlisted == fleet.running.total()


@given(fleets(), st.randoms())
def test_the_order_of_jobs_does_not_matter(jobs, rng):
    heads, most = jobs
    shuffled = rng.sample(heads, len(heads))
    one, other = Fleet.of(known(heads), NOW, most), Fleet.of(known(shuffled), NOW, most)
    assert one.urgent == other.urgent
    assert (one.running, one.finished, one.total) == (other.running, other.finished, other.total)


@given(fleets())
def test_no_job_that_is_left_out_is_more_urgent_than_one_that_is_listed(jobs):
    heads, most = jobs
    fleet = Fleet.of(known(heads), NOW, most)
    everybody = sorted((one for one in known(heads) if one[0].running), key=by_urgency)
    assert fleet.urgent == everybody[:most]
    assert [found.risky for _, found in everybody] == sorted(
        (found.risky for _, found in everybody), reverse=True
    )


def test_a_fleet_of_none_says_so_in_zeros():
    fleet = Fleet.of([], NOW)
    facts = fleet.facts
    assert (facts["running"], facts["finished"], facts["interruptions"]) == ({}, {}, 0)
    assert (facts["most_urgent"], fleet.total) == ([], "0 running")


@given(fleets())
def test_facts_name_the_same_jobs(jobs):
    fleet = Fleet.of(known(jobs[0]), NOW, jobs[1])
    facts = fleet.facts
    assert [one["job"] for one in facts["most_urgent"]] == [job.id.name for job, _ in fleet.urgent]
    assert sum(facts["running"].values()) + sum(facts["finished"].values()) == len(jobs[0])
