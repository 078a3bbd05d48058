"""The dashboard's function draws on the laptop what CloudWatch would ask it for."""

import json
import time
from typing import Any

import pytest

from laptop import startup
from laptop.location import Laptop
from tests.laptop.test_startup import in_time, training_request

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("laptop")]


def drawn(place: Laptop, theme: str = "light", **params: Any) -> str:
    """What the widget shows of the last hour."""
    now = round(time.time() * 1000)
    context = {
        "timeRange": {"mode": "relative", "start": now - 3_600_000, "end": now + 60_000},
        "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
        "theme": theme,
        "width": 588,
    }
    event = {"widgetContext": context, **params}
    name = place.outputs["DashboardFunctionName"]
    answer = startup.client(place, "lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    body = json.load(answer["Payload"])
    assert "FunctionError" not in answer, body
    return str(body)


@pytest.fixture(scope="module")
def pictured(place: Laptop) -> Laptop:
    startup.client(place, "sagemaker").create_training_job(**training_request("pictured"))
    assert in_time(
        lambda: 'data-status="Uploading"' in drawn(place, view="lineage", job="pictured")
    )
    return place


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("view", "shows"),
    [
        ("fleet", "Running"),
        ("savings", "ml.g5.xlarge"),
        ("market", "ml.g5.xlarge"),
        ("lineage", 'data-job="pictured"'),
    ],
)
def test_every_view_is_drawn_in_both_themes(pictured, view, shows, theme):
    page = drawn(pictured, theme, view=view, job="pictured")
    assert shows in page
    assert "cannot be drawn" not in page
    assert "<script" not in page


def test_the_fleet_leads_to_its_lineages_by_a_click(pictured):
    page = drawn(pictured, view="fleet")
    function = f"function:{pictured.outputs['DashboardFunctionName']}"
    assert '<cwdb-action action="call"' in page
    assert function in page


def test_it_says_what_it_is(pictured):
    assert "view" in drawn(pictured, describe=True)


@pytest.mark.parametrize(
    "params",
    [
        {"view": "lineage", "job": "<script>alert(1)</script>"},
        {"view": "everything"},
        {"view": ["fleet"]},
        {"view": "lineage", "job": "nobody"},
    ],
)
def test_odd_questions_get_a_sentence_and_nothing_active(pictured, params):
    page = drawn(pictured, **params)
    assert "<script" not in page
    assert "Traceback" not in page
