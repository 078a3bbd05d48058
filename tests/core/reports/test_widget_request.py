"""Nothing that a dashboard sends is trusted: what is odd is one sentence, and what is meant is read."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.model.times import ms
from spotter.core.reports.widget_request import (
    MOST_DAYS,
    VIEWS,
    InvalidWidgetRequest,
    widget_request,
)
from tests.support.jobs import NOON, minutes

HOUR = timedelta(hours=1)


def context(**more):
    """What CloudWatch sends, after its documentation."""
    parameters = {
        "dashboardName": "Spotter-eu-west-1",
        "widgetId": "widget-16",
        "accountId": "012345678901",
        "locale": "en",
        "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
        "period": 300,
        "isAutoPeriod": True,
        "timeRange": {
            "mode": "relative",
            "start": ms(NOON - 3 * HOUR),
            "end": ms(NOON),
            "relativeStart": 10_800_000,
        },
        "theme": "light",
        "linkCharts": True,
        "title": "Jobs on spot",
        "forms": {"all": {}},
        "params": {"view": "fleet"},
        "width": 1200,
        "height": 369,
    }
    return {"widgetContext": parameters | more}


def test_a_widget_shows_the_dashboards_time_range():
    found = widget_request(context(), NOON + minutes(7))
    assert (found.since, found.until, found.zoomed) == (NOON - 3 * HOUR, NOON, False)


def test_what_was_zoomed_to_goes_before_it():
    zoom = {"start": ms(NOON - 2 * HOUR), "end": ms(NOON - HOUR)}
    parameters = context()
    parameters["widgetContext"]["timeRange"]["zoom"] = zoom
    found = widget_request(parameters, NOON)
    assert (found.since, found.until, found.zoomed) == (NOON - 2 * HOUR, NOON - HOUR, True)


def test_without_a_dashboard_it_is_the_last_day():
    found = widget_request({}, NOON)
    assert (found.view, found.since, found.until) == ("fleet", NOON - 24 * HOUR, NOON)


def test_a_range_that_is_too_long_is_cut_to_its_end():
    parameters = context(timeRange={"start": 0, "end": ms(NOON)})
    found = widget_request(parameters, NOON)
    assert (found.until - found.since, found.cut) == (timedelta(days=MOST_DAYS), True)
    assert not widget_request(context(), NOON).cut


@pytest.mark.parametrize(
    ("offset", "hours"), [("+00:00", 0), ("-08:00", -8), ("+05:30", 5.5), ("+14:00", 14)]
)
def test_times_are_told_in_the_dashboards_zone(offset, hours):
    zone = widget_request(context(timezone={"offsetISO": offset}), NOON).zone
    assert NOON.astimezone(zone).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(("theme", "dark"), [("dark", True), ("light", False), ("sepia", False)])
def test_a_theme_that_is_not_dark_is_light(theme, dark):
    assert widget_request(context(theme=theme), NOON).dark is dark


def test_a_click_names_the_job_before_the_form_does():
    parameters = {"view": "lineage", "job": "clicked", **context(forms={"all": {"job": "typed"}})}
    assert widget_request(parameters, NOON).job == "clicked"
    del parameters["job"]
    assert widget_request(parameters, NOON).job == "typed"


HOSTILE_NAMES = [
    None, "", "-x", "x-", "x" * 64, "a_b", "a.b", "a/b", "111122223333/us-east-1/a", "a#1", "a b",
    "a\nb", "ä", "a\x00", "<b>", "*", 7, True, ["a"], {"S": "a"}, "a" + "-" * 70 + "b",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=repr)
def test_what_no_job_can_be_called_is_odd(name):
    with pytest.raises(InvalidWidgetRequest, match="job must be the name of a training job"):
        widget_request({"view": "lineage", "job": name, **context()}, NOON)


ODD_EVENTS = [
    [], "fleet", None, 7,
    {"view": "everything"}, {"view": ["fleet"]}, {"view": None}, {"view": "lineage"},
    {"view": "fleet", "span": "all"}, {"widgetContext": []}, {"widgetContext": None},
    context(timeRange=None), context(timeRange=[]), context(timeRange={}),
    context(timeRange={"start": 2, "end": 1}), context(timeRange={"start": 1, "end": 1}),
    context(timeRange={"start": True, "end": 10**12}), context(timeRange={"start": "0", "end": "1"}),
    context(timeRange={"start": -1, "end": 1}), context(timeRange={"start": 0, "end": 10**30}),
    context(timeRange={"start": 0, "end": float("nan")}),
    context(timeRange={"start": 0, "end": float("inf")}),
    context(timeRange={"start": 0, "end": 1, "zoom": {"start": 1}}),
    context(timeRange={"start": 0, "end": 1, "zoom": "in"}),
    context(timezone="UTC"), context(timezone={"offsetISO": "+1"}),
    context(timezone={"offsetISO": "+99:00"}), context(timezone={"offsetISO": "+01:99"}),
    context(timezone={"offsetISO": 60}),
    {"view": "lineage", **context(forms=[])}, {"view": "lineage", **context(forms={"all": 1})},
]  # fmt: skip


@pytest.mark.parametrize("event", ODD_EVENTS, ids=repr)
def test_what_no_dashboard_sends_is_one_sentence(event):
    with pytest.raises(InvalidWidgetRequest) as odd:
        widget_request(event, NOON)
    message = str(odd.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 150


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
NAMES = ("timeRange", "timezone", "theme", "forms", "params", "accountId")


@given(
    event=st.fixed_dictionaries(
        {},
        optional={
            "view": st.sampled_from(VIEWS) | JSON,
            "job": JSON,
            "span": JSON,
            "widgetContext": st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON)) | JSON,
        },
    )
    | JSON
)
def test_whatever_comes_it_is_read_or_odd(event):
    try:
        found = widget_request(event, NOON)
    except InvalidWidgetRequest:
        return
    assert found.view in VIEWS
    assert found.since < found.until <= found.since + timedelta(days=MOST_DAYS)
    assert found.since.tzinfo is UTC
