"""The report about a laptop, as about an account."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from laptop import startup
from laptop.location import Laptop
from spotter_cli.output.times import zone
from spotter_cli.stack.deployed import Deployed
from spotter_cli.views import html_report, savings

BY = ("type", "tag:team")
MOST = 50


def report(place: Laptop) -> Path:
    """Write the report into the laptop's folder; its path, relative to the current folder."""
    spotter = Deployed(lambda service: startup.client(place, service), "Spotter", place.outputs)
    file, now, here = place.home / "report.html", datetime.now(UTC), zone(utc=False)
    options = html_report.ReportOptions(
        names=(),
        since=now - timedelta(days=1),
        until=now + timedelta(hours=1),
        groups=savings.groups(BY, None),
        prices=spotter.prices,
        limit=MOST,
        zone=here,
        now=now,
    )
    html_report.write(spotter, options, file)
    return Path(os.path.relpath(file))
