"""What the alerts about a deadline say: the state first, then the cause, then what to do."""

from dataclasses import replace
from datetime import timedelta

from spotter.core.alerts.timers import CANNOT_FINISH, PACE_FELL
from spotter.core.deadline.figures import DeadlineFigures
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.ledger.deadline import DeadlineRecord
from spotter.core.ledger.notice import NoticeRecord
from spotter.core.model.identity import Attempt
from spotter.core.policy.model import Mode, Policy, ResubmissionPolicy
from tests.core.alerts.test_rules import evidence, kinds, text
from tests.support.jobs import NOON, minutes

BY = NOON + minutes(600)
FIGURES = DeadlineFigures(
    seen=NOON,
    phase="training on spot",
    slack=minutes(20),
    remaining=minutes(500),
    source="steps",
    basis="500 of 1,000 steps are left",
    step="stay",
    reason="",
    soonest=NOON + minutes(590),
    hand_over_at=NOON + minutes(15),
    pace=timedelta(seconds=60),
    best_pace=timedelta(seconds=42),
)
ACT = Policy(resubmission=ResubmissionPolicy(mode=Mode.ACT))


def noticed(kind: str, late: timedelta = timedelta(), *, policy: Policy = ACT, dated: bool = True):
    found = evidence(("Starting", "Training"), policy=policy, now=NOON)
    job = found.head.id
    terms = DeadlineTerms(BY, "10 h after its creation", "nightly-*")
    notice = NoticeRecord(job, kind, "1", BY, late, NOON)
    record = DeadlineRecord(job, Attempt(job, 1), "p", terms, figures=FIGURES)
    return replace(found, noticed=(notice,), dated=record if dated else None)


def test_a_pace_that_fell_names_both_paces_and_when_it_hands_over():
    shown = text(noticed(PACE_FELL))
    assert kinds(noticed(PACE_FELL)) == ["pace_fell"]
    assert "A step takes 60 s (p90); it took 42 s." in shown
    assert "Remaining: 8 h 20 min of training (500 of 1,000 steps are left)." in shown
    assert "It hands over to on demand at 2026-11-23T12:15:00.000Z, if nothing changes" in shown
    assert "spotter finish nightly-7" in shown


def test_where_the_policy_only_advises_no_hand_over_is_promised():
    shown = text(noticed(PACE_FELL, policy=Policy()))
    assert 'The policy\'s mode is "off": Spotter hands nothing over to on demand.' in shown
    assert "It hands over to on demand at" not in shown


def test_what_cannot_finish_says_how_late_it_would_be_also_without_its_row():
    shown = text(noticed(CANNOT_FINISH, minutes(40), dated=False))
    assert (
        "nightly-7 cannot finish by 2026-11-23T22:00:00.000Z: at the soonest 40 min later" in shown
    )
