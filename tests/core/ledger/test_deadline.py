"""The rows of a deadline and of measured durations: written, read, and held against their shapes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.deadline.durations import TypeObservations
from spotter.core.deadline.figures import DeadlineFigures
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.ledger.deadline import DeadlineRecord
from spotter.core.ledger.measured_durations import RuleLineages, TypeDurations
from spotter.core.ledger.validation import Malformed
from spotter.core.model.identity import Attempt
from tests.support.jobs import NOON, minutes
from tests.support.ledger_rows import ROOT

instants = st.integers(0, 10**7).map(lambda n: NOON + timedelta(milliseconds=n))
spans = st.integers(-(10**7), 10**7).map(lambda n: timedelta(milliseconds=n))
paces = st.none() | st.integers(1, 10**9).map(lambda n: timedelta(microseconds=n))
words = st.text("ab ", max_size=5)
texts = st.lists(words, max_size=3).map(tuple)
terms = st.builds(
    DeadlineTerms, instants, words, words, st.none() | spans, st.none() | st.integers(0, 10**12 - 1),
    spans, st.integers(1, 20), spans, st.integers(1, 100), texts,
)  # fmt: skip
figures = st.builds(
    DeadlineFigures, instants, words, spans, spans, words, words, words, words, instants,
    st.none() | instants, paces, paces, texts,
)  # fmt: skip
rows = st.builds(
    DeadlineRecord, st.just(ROOT), st.just(Attempt(ROOT, 2)), words, st.none() | terms, texts,
    st.none() | figures, st.booleans(), st.none() | st.integers(0, 9),
)  # fmt: skip
ROW = DeadlineRecord(ROOT, Attempt(ROOT, 1), "print", DeadlineTerms(NOON, "12 h", "n"))
SECONDS = st.lists(st.integers(0, 10**6).map(lambda n: timedelta(seconds=n)), max_size=4).map(tuple)


@given(rows)
def test_a_row_is_read_back_as_it_was(one):
    assert DeadlineRecord.read(one.row()) == one


@given(st.builds(TypeObservations, SECONDS, SECONDS, SECONDS, SECONDS), SECONDS)
def test_what_was_measured_is_read_back_as_it_was(found, trained):
    kind = TypeDurations("ml.g5.xlarge", NOON, found, (318, 402), turn=3)
    rule = RuleLineages("nightly-* team=vision", NOON, trained)
    assert TypeDurations.read(kind.row()) == kind
    assert RuleLineages.read(rule.row()) == rule


@pytest.mark.parametrize(
    "change",
    [
        {"terms": {"finish_by": 1}},
        {"terms": ROW.row()["terms"] | {"needs": "6h"}},
        {"terms": ROW.row()["terms"] | {"capacity": [1]}},
        {"figures": {"seen": 1}},
        {"attempt": "1"},
        {"root": "nobody"},
    ],
)
def test_a_row_that_is_none_is_malformed(change):
    with pytest.raises(Malformed):
        DeadlineRecord.read(ROW.row() | change)


def test_measured_spans_that_are_none_are_malformed():
    for change in ({"launch": [-1]}, {"launch": 5}, {"measured": "today"}):
        with pytest.raises(Malformed):
            TypeDurations.read(TypeDurations("ml.g5.xlarge", NOON).row() | change)


def test_a_lineage_is_late_if_it_cannot_finish_by_its_deadline():
    seen = DeadlineFigures(NOON, "", minutes(0), minutes(0), "", "", "", "", NOON + minutes(1))
    late = DeadlineRecord(ROOT, Attempt(ROOT, 1), "p", ROW.terms, figures=seen)
    assert (ROW.late, late.late) == (False, True)


@pytest.mark.parametrize(("minute", "late"), [(-1, False), (0, False), (1, True)])
def test_a_lineage_that_can_finish_at_the_very_deadline_is_not_late(minute, late):
    soonest = NOON + minutes(minute)
    found = DeadlineFigures(
        NOON, "training", timedelta(), timedelta(), "a", "b", "stay", "c", soonest
    )
    assert replace(ROW, figures=found).late is late
    assert not replace(ROW, figures=found, terms=None).late
    assert not ROW.late


def test_a_deadline_that_does_not_say_so_is_only_advised():
    bare = DeadlineRecord(ROOT, Attempt(ROOT, 1), "policy")
    assert (bare.acts, bare.late) == (False, False)
    assert "acts" not in bare.row()
    assert DeadlineRecord.read(replace(bare, acts=True).row()).acts
