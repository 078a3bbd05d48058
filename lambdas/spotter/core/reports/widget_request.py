"""The request of a dashboard to its widget, validated: nothing in it is trusted.

An event holds the widget's own parameters, or those of a click, and `widgetContext`:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html

    {"view": "lineage", "job": "nightly-7",
     "widgetContext": {"accountId": "123456789012", "theme": "dark", "width": 588,
       "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
       "timeRange": {"mode": "relative", "start": 1627236199729, "end": 1627322599729,
                     "zoom": {"start": 1627276030434, "end": 1627282956521}},
       "forms": {"all": {"job": "nightly-7"}}, "params": {"view": "fleet"}}}

Of the zone only `offsetISO` is read: the sign of `offsetInMinutes` is not documented, and AWS's own
sample subtracts it. The width is not used: the page itself knows how wide it is. The
account is the function's, whatever `accountId` says.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from spotter.core.model.identity import is_job_name
from spotter.core.model.times import at

VIEWS = ("fleet", "savings", "market", "lineage")
SPANS = ("whole", "range")
DAY = timedelta(days=1)
MOST_DAYS = 92
"""A longer range is cut down to its last days."""

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")
_LATEST = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp() * 1000)


class InvalidWidgetRequest(ValueError):
    """The event is not one that a dashboard sends; the message names the mistake."""


@dataclass(frozen=True)
class WidgetRequest:
    """What to draw. `zoomed` is True if the user zoomed in; `cut` if the range was too long."""

    view: str
    since: datetime
    until: datetime
    zone: tzinfo = UTC
    job: str = ""
    span: str = "whole"
    dark: bool = False
    zoomed: bool = False
    cut: bool = False


def widget_request(event: Any, now: datetime) -> WidgetRequest:
    """The request in an event; InvalidWidgetRequest if it is not one that a dashboard sends."""
    parameters = _mapping(event, "the event")
    context = _mapping(parameters.get("widgetContext", {}), "widgetContext")
    view = _one_of(parameters.get("view", VIEWS[0]), "view", VIEWS)
    since, until, zoomed = _range(context, now)
    cut = until - since > MOST_DAYS * DAY
    return WidgetRequest(
        view=view,
        since=until - MOST_DAYS * DAY if cut else since,
        until=until,
        zone=_zone(context),
        job=_job(parameters, context) if view == "lineage" else "",
        span=_one_of(parameters.get("span", SPANS[0]), "span", SPANS),
        dark=context.get("theme") == "dark",
        zoomed=zoomed,
        cut=cut,
    )


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidWidgetRequest(f"{name} must be an object.")
    return value


def _one_of(value: Any, name: str, allowed: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise InvalidWidgetRequest(f"{name} must be one of {', '.join(allowed)}.")
    return value


def _job(parameters: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    """The parameter's, else what was typed into the widget's own form."""
    job = parameters.get("job")
    if job is None:
        form = _mapping(context.get("forms", {}), "widgetContext.forms").get("all", {})
        job = _mapping(form, "widgetContext.forms.all").get("job")
    job = job.strip() if isinstance(job, str) else job
    if not isinstance(job, str) or not is_job_name(job):
        raise InvalidWidgetRequest(
            "job must be the name of a training job: 1 to 63 letters, digits and hyphens, "
            "no hyphen first or last."
        )
    return job


def _range(context: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime, bool]:
    """What was zoomed to, else the dashboard's range, else the last day."""
    if "timeRange" not in context:
        return now - DAY, now, False
    time_range = _mapping(context["timeRange"], "widgetContext.timeRange")
    zoom = time_range.get("zoom") or {}
    name = "widgetContext.timeRange.zoom" if zoom else "widgetContext.timeRange"
    given = _mapping(zoom, name) if zoom else time_range
    start, end = (_instant(given.get(key), f"{name}.{key}") for key in ("start", "end"))
    if start >= end:
        raise InvalidWidgetRequest(f"{name}: start must be before end.")
    return start, end, bool(zoom)


def _instant(value: Any, name: str) -> datetime:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= _LATEST:
        raise InvalidWidgetRequest(f"{name} must be milliseconds since 1970.")
    return at(int(value))


def _zone(context: Mapping[str, Any]) -> tzinfo:
    timezone_given = _mapping(context.get("timezone", {}), "widgetContext.timezone")
    offset = timezone_given.get("offsetISO", "+00:00")
    read = _OFFSET.fullmatch(offset) if isinstance(offset, str) else None
    if not read or int(read[2]) > 14 or int(read[3]) > 59:
        raise InvalidWidgetRequest("widgetContext.timezone.offsetISO must be like +02:00.")
    ahead = timedelta(hours=int(read[2]), minutes=int(read[3]))
    return timezone(-ahead if read[1] == "-" else ahead)
