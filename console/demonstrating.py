"""The report about a laptop, as about an account."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from console import reporting, saving
from console.deployed import Deployed
from console.times import zone
from laptop import up
from laptop.place import POLICY, Place
from spotter.core.policy_file import read_policy

BY = ("type", "tag:team")
MOST = 50


def report(place: Place) -> Path:
    """Write it into the laptop's folder, and say where that is from here."""
    spotter = Deployed(lambda service: up.client(place, service), "Spotter", place.outputs)
    file, now, here = place.home / "report.html", datetime.now(UTC), zone(utc=False)
    asked = reporting.Asked(
        names=(),
        since=now - timedelta(days=1),
        until=now + timedelta(hours=1),
        groups=saving.groups(BY, here),
        prices=saving.prices(read_policy(POLICY)),
        most=MOST,
        zone=here,
        now=now,
    )
    reporting.write(spotter, asked, file)
    return Path(os.path.relpath(file))
