"""A look at a job adds what is new, transitions first and the head last."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.ledger import row_keys
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.model.timeline import ORDER
from spotter.core.model.times import ms
from spotter.core.policy.model import Mode, Policy, RepeatedInterruptions, ResubmissionPolicy
from spotter.core.record.delta import Delta, NotYetKnown, attempt_of, delta, may_alert, notable
from spotter.core.resubmit.past_attempts import past
from tests.support.jobs import (
    INTERRUPTED_ONCE,
    LIFE_CYCLES,
    NEVER_LAUNCHED,
    NOON,
    OUT_OF_TIME,
    UNINTERRUPTED,
    described,
    job,
    minutes,
)
from tests.support.ledger_rows import claim, ending

WATCH = Policy()
ADVISE = Policy(resubmission=ResubmissionPolicy(mode=Mode.ADVISE))


def looked(statuses, known=None, policy=WATCH, **more):
    one = job(statuses, **more)
    return delta(one, Attempt(one.id, 1), known, policy)


def put(found: Delta) -> row_keys.Row:
    """The head's row that is put."""
    return found.head.row(notable=found.notable)


def head(statuses, **more) -> JobRecord:
    one = job(statuses, **more)
    return JobRecord.of(one, Attempt(one.id, 1), in_scope=True)


@pytest.mark.parametrize(
    ("statuses", "count", "may"),
    [
        (INTERRUPTED_ONCE[:5], 1, True),
        (INTERRUPTED_ONCE[:5], 2, False),
        (INTERRUPTED_ONCE[:5], None, False),
        (INTERRUPTED_ONCE, 2, False),
        (OUT_OF_TIME, None, True),
    ],
)
def test_what_may_be_alerted_about_is_a_bad_end_or_as_many_interruptions_as_the_limit(
    statuses, count, may
):
    limit = None if count is None else RepeatedInterruptions(count, timedelta(hours=1))
    alerts = replace(Policy().alerts, repeated_interruptions=limit)
    assert may_alert(job(statuses), replace(Policy(), alerts=alerts)) is may


@pytest.mark.parametrize("cycle", LIFE_CYCLES)
def test_a_first_look_records_every_transition(cycle):
    found = looked(cycle)
    assert [one.transition.status for one in found.transitions] == list(cycle)
    assert found.head is not None


@pytest.mark.parametrize("cycle", LIFE_CYCLES)
def test_a_second_description_of_the_same_adds_nothing(cycle):
    assert looked(cycle, known=head(cycle)) == Delta()


@pytest.mark.parametrize("seen", range(1, len(OUT_OF_TIME)))
def test_a_later_look_adds_only_what_is_newer(seen):
    found = looked(OUT_OF_TIME, known=head(OUT_OF_TIME[:seen]))
    assert [one.transition.status for one in found.transitions] == list(OUT_OF_TIME[seen:])


def test_a_stale_look_adds_nothing():
    assert looked(OUT_OF_TIME[:3], known=head(OUT_OF_TIME)) == Delta()


def test_a_past_that_changed_is_recorded_too():
    """SageMaker promises nothing about the past: what it shows now is added to what it showed."""
    answer = described(OUT_OF_TIME)
    answer["SecondaryStatusTransitions"].pop(1)
    found = looked(OUT_OF_TIME, known=head(OUT_OF_TIME[:5]), **answer)
    assert len(found.transitions) == len(OUT_OF_TIME) - 1


def test_a_same_instant_with_more_to_show_is_newer():
    answer = described(OUT_OF_TIME)
    now = answer["LastModifiedTime"]
    found = looked(OUT_OF_TIME, known=head(OUT_OF_TIME[:5], LastModifiedTime=now))
    assert len(found.transitions) == len(OUT_OF_TIME) - 5


def test_a_job_on_demand_leaves_a_head_that_is_out_of_scope():
    found = looked(UNINTERRUPTED, EnableManagedSpotTraining=False)
    assert (found.transitions, found.ended) == ((), None)
    assert found.head.in_scope is False
    assert row_keys.CALENDAR_PK not in put(found)


def test_scope_all_records_it_too():
    found = looked(UNINTERRUPTED, policy=Policy(scope="all"), EnableManagedSpotTraining=False)
    assert len(found.transitions) == len(UNINTERRUPTED)


def test_a_job_that_comes_into_scope_while_it_runs_has_its_earlier_transitions_recorded_too():
    on_demand = {"EnableManagedSpotTraining": False}
    known = looked(UNINTERRUPTED[:3], **on_demand).head
    found = looked(UNINTERRUPTED, known, Policy(scope="all"), **on_demand)
    assert len(found.transitions) == len(UNINTERRUPTED)


def test_a_claimed_attempt_is_recorded_also_on_demand():
    one = job(UNINTERRUPTED, EnableManagedSpotTraining=False)
    found = delta(one, Attempt(replace(one.id, name="root"), 2), None, WATCH)
    assert len(found.transitions) == len(UNINTERRUPTED)


@pytest.mark.parametrize(
    ("cycle", "policy", "expected"),
    [
        (OUT_OF_TIME, ADVISE, True),
        (OUT_OF_TIME, WATCH, False),
        (UNINTERRUPTED, ADVISE, False),
        (OUT_OF_TIME[:-1], ADVISE, False),
    ],
)
def test_an_ending_is_asked_about_only_where_somebody_decides(cycle, policy, expected):
    assert (looked(cycle, policy=policy).ended is not None) is expected


@pytest.mark.parametrize(("cycle", "open_"), [(OUT_OF_TIME, False), (OUT_OF_TIME[:-1], True)])
def test_only_a_running_head_is_in_the_index_open(cycle, open_):
    assert (row_keys.OPEN_PK in put(looked(cycle))) is open_


def test_an_interruption_is_notable_once():
    before, after = head(INTERRUPTED_ONCE[:3]), head(INTERRUPTED_ONCE[:5])
    assert notable(after, before)
    assert not notable(head(INTERRUPTED_ONCE[:6]), after)


@pytest.mark.parametrize("cycle", LIFE_CYCLES)
def test_every_end_is_notable(cycle):
    assert notable(head(cycle), head(cycle[:-1]))


def test_an_end_at_the_same_instant_is_news():
    answer = described(OUT_OF_TIME)
    same = {"LastModifiedTime": answer["LastModifiedTime"], "TrainingJobStatus": "Stopping"}
    assert looked(OUT_OF_TIME, known=head(OUT_OF_TIME, **same)).head.ending


CLAIMED = Attempt(job().id, 2)
CHILD = replace(job().id, name="child")


@pytest.mark.parametrize(
    ("tags", "state", "expected"),
    [
        (CLAIMED.tags | {"x": "y"}, "creating", (CLAIMED, False)),
        ({}, "started", (CLAIMED, False)),
        ({"spotter:attempt": "2"}, "abandoned", (Attempt(CHILD, 1), True)),
    ],
)
def test_a_job_under_a_claimed_name_is_the_attempt_on_proof(tags, state, expected):
    assert attempt_of(CHILD, CLAIMED, tags, claim(state=state)) == expected


@pytest.mark.parametrize("state", ["creating", "waiting"])
def test_whose_job_it_is_is_not_known_while_the_claim_is_open(state):
    with pytest.raises(NotYetKnown):
        attempt_of(CHILD, CLAIMED, {}, claim(state=state))


def test_nobody_decides_about_a_foreign_job_under_a_claimed_name():
    one = job(OUT_OF_TIME)
    assert delta(one, Attempt(one.id, 1), None, ADVISE, foreign=True).ended is None


@pytest.mark.parametrize(("place", "open_"), [({"S3Uri": "s3://b/x/"}, True), (None, False)])
def test_a_living_job_on_demand_is_followed_where_it_has_checkpoints(place, open_):
    answer = {"EnableManagedSpotTraining": False, "CheckpointConfig": place}
    found = looked(UNINTERRUPTED[:3], **answer)
    assert (row_keys.OPEN_PK in put(found)) is open_
    assert row_keys.CALENDAR_PK not in put(found)


@given(st.lists(st.sampled_from(ORDER), min_size=1, max_size=10))
def test_a_head_is_read_back_as_it_was_put(statuses):
    one = head(statuses, BillableTimeInSeconds=0, TrainingTimeInSeconds=None)
    assert JobRecord.read(one.row(notable=True)) == one


@pytest.mark.shows("versions", "heads of older and newer versions")
def test_a_head_of_an_older_or_newer_spotter_is_read():
    row = head(OUT_OF_TIME).row(notable=False)
    newer = row | {"v": 9, "colour": "blue", "ending": "Teleported"}
    assert JobRecord.read(newer).ending == "Unknown"
    older = {k: v for k, v in row.items() if k not in ("root", "attempt", "digest", "waited")}
    assert JobRecord.read(older).attempt == Attempt(job().id, 1)


def test_a_head_stays_below_a_kilobyte():
    one = head(OUT_OF_TIME, TrainingJobName="n" * 63, FailureReason="AlgorithmError: " + "x" * 999)
    size = sum(len(name) + len(str(value)) for name, value in one.row(notable=True).items())
    assert size < 1024


def test_transitions_are_keyed_by_instant_and_status():
    row = looked(UNINTERRUPTED).transitions[2].row()
    created = ms(NOON) - 5000
    assert row[row_keys.SK] == f"AT#{created}#{ms(NOON + minutes(20))}#06#Training"


@pytest.mark.parametrize(
    ("statuses", "known", "progressed"),
    [
        (OUT_OF_TIME, {"progressed": True}, True),
        (OUT_OF_TIME, {}, False),
        (NEVER_LAUNCHED, {}, None),
    ],
)
def test_an_earlier_attempt_of_which_nobody_knows_made_no_progress(statuses, known, progressed):
    ended = job(statuses)
    row = ending(ending="CapacityError", **known)
    head = JobRecord.of(ended, Attempt(ended.id, 1), in_scope=True)
    assert past(row, head, ResubmissionPolicy()).progressed is progressed
    assert past(row, None, ResubmissionPolicy()).progressed is known.get("progressed", False)


@pytest.mark.parametrize("spot", [True, False])
def test_only_spot_is_listed_where_it_was_short(spot):
    without_capacity = job(
        ("Starting", "Failed"), FailureReason="CapacityError: x", EnableManagedSpotTraining=spot
    )
    made = delta(without_capacity, Attempt(without_capacity.id, 2), None, Policy())
    assert [row_keys.MARKET_PK in one.row() for one in made.transitions] == [False, spot]


KEEP = Policy(recorded_tags=("team", "project"))


def kept(tags, known=None, policy=KEEP):
    one = job(INTERRUPTED_ONCE)
    found = delta(one, Attempt(one.id, 1), known, policy, tags=tags)
    return JobRecord.read(put(found)).tags


def test_only_the_tags_that_the_policy_names_are_kept():
    assert kept({"team": "vision", "secret": "x"}) == (("team", "vision"),)
    assert kept({"team": "vision"}, policy=Policy()) == ()


def test_tags_that_were_not_read_are_not_no_tags():
    assert kept(None) is None
    assert kept({}) == ()


def test_tags_stay_as_they_were_first_read():
    known = replace(head(INTERRUPTED_ONCE[:3]), tags=(("team", "vision"),))
    assert kept({"team": "speech"}, known) == (("team", "vision"),)
    assert kept({"team": "speech"}, head(INTERRUPTED_ONCE[:3])) == (("team", "speech"),)


def test_a_head_says_what_interruptions_cost_at_the_most():
    assert head(INTERRUPTED_ONCE).lost == minutes(10)
    assert head(UNINTERRUPTED).lost == minutes(0)
    older = {k: v for k, v in head(UNINTERRUPTED).row(notable=False).items() if k != "lost"}
    assert JobRecord.read(older).lost is None


def test_an_ending_that_is_not_dated_is_dated_by_the_last_change():
    """Describe shows no TrainingEndTime of a job that never launched, and perhaps no transition."""
    bare = {"SecondaryStatusTransitions": [], "LastModifiedTime": NOON + minutes(30)}
    found = looked(NEVER_LAUNCHED, policy=ADVISE, **bare).ended
    assert (found.ended, found.due) == (NOON + minutes(30), NOON + minutes(30))
    dated = looked(OUT_OF_TIME, policy=ADVISE, LastModifiedTime=NOON + minutes(900))
    assert dated.ended.ended == job(OUT_OF_TIME).ended
