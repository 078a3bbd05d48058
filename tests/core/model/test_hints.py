"""A hint is a job's name and nothing else; what is no hint says what is wrong with it."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.model.hints import (
    AccountRegion,
    Hint,
    UnreadableHint,
    hint,
    one_each,
    sweep_message,
)
from tests.support.jobs import ACCOUNT, REGION

HERE = AccountRegion(ACCOUNT, REGION)
EVENT = {
    "source": "aws.sagemaker",
    "detail-type": "SageMaker Training Job State Change",
    "account": ACCOUNT,
    "region": REGION,
    "detail": {
        "TrainingJobName": "Nightly-7",
        "TrainingJobArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/nightly-7",
        "HyperParameters": {"api-key": "hunter2"},
    },
}


def hint_in(**changes) -> Hint:
    return hint(json.dumps(EVENT | changes), HERE)


def test_an_event_names_its_job_twice_the_name_first():
    assert hint_in() == Hint(("Nightly-7", "nightly-7"))


def test_the_sweeps_own_message_is_a_hint():
    assert hint(sweep_message("nightly-7", HERE), HERE) == Hint(("nightly-7",))


def test_many_hints_at_one_job_are_one():
    hints = [Hint(("A", "a")), Hint(("b",)), Hint(("A",)), Hint(("b",))]
    assert one_each(hints) == [Hint(("A", "a")), Hint(("b",))]


def test_hints_at_one_job_are_one_with_every_name_that_they_gave():
    hints = [Hint(("A",)), Hint(("b", "x")), Hint(("A", "a")), Hint(("b", "y", "x"))]
    assert one_each(hints) == [Hint(("A", "a")), Hint(("b", "x", "y"))]


@pytest.mark.parametrize("detail", [{"TrainingJobName": "a"}, {"TrainingJobArn": "x/a"}])
def test_either_name_is_enough(detail):
    assert hint_in(detail=detail) == Hint(("a",))


@pytest.mark.shows("foreign events", "malformed messages and those of another account")
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "not JSON"),
        ("[]", "not a JSON object"),
        ('"x"', "not a JSON object"),
        (json.dumps(EVENT | {"account": "999999999999"}), "not about here"),
        (json.dumps(EVENT | {"region": "mars-1"}), "not about here"),
        (json.dumps(EVENT | {"source": "my.app"}), "no training-job event"),
        (json.dumps(EVENT | {"detail-type": "SageMaker Endpoint State Change"}), "no training-job"),
        (json.dumps(EVENT | {"detail": []}), "no detail"),
        (json.dumps(EVENT | {"detail": {}}), "names no training job"),
        (json.dumps(EVENT | {"detail": {"TrainingJobName": "a b"}}), "names no training job"),
        (json.dumps(EVENT | {"detail": {"TrainingJobName": "a" * 64}}), "names no training job"),
        (
            json.dumps({"training_job": 7, "account": ACCOUNT, "region": REGION}),
            "names no training job",
        ),
    ],
)
def test_what_is_no_hint_says_why(body, reason):
    with pytest.raises(UnreadableHint, match=reason):
        hint(body, HERE)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.shows("foreign events", "random text")
@given(json_values)
def test_nonsense_never_breaks_the_parser(value):
    with pytest.raises(UnreadableHint):
        hint(json.dumps(value), HERE)


@pytest.mark.shows("foreign events", "events altered at random")
@given(st.dictionaries(st.sampled_from(list(EVENT)), json_values))
def test_altered_events_are_hints_or_unreadable(changes):
    with suppress(UnreadableHint):
        assert isinstance(hint_in(**changes), Hint)


@pytest.mark.parametrize(
    ("value", "known"),
    [(0, True), (10**14 - 1, True), (10**14, False), (-1, False), ("7", False), (True, False)],
)
def test_an_instant_that_no_clock_shows_is_left_out_of_a_hint(value, known):
    message = {"training_job": "a", "account": ACCOUNT, "region": REGION, "created": value}
    assert (hint(json.dumps(message), HERE).created is not None) is known
