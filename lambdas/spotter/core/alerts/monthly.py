"""The monthly digest as it is published: when it is due, and `spotter.savings-digest/1`.

Theory. The figures are core/money's; here they become one message to everybody who receives alerts. A month's
digest is due from six hours after the month has turned, so that what ended in its last minutes was recorded, until
a week later. The first sweep in that time puts it; a Spotter that did not run in that week sends none for that month,
nor does one that was deployed after the month. A month in which nothing ended has a digest, too, which says so:
no message would look like a fault.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from spotter.core.alerts import payload
from spotter.core.ledger.monthly_digest import KIND
from spotter.core.model import console_links
from spotter.core.model.hints import AccountRegion
from spotter.core.model.sanitize import line
from spotter.core.model.times import iso
from spotter.core.money.digest import MonthlyDigest
from spotter.core.money.period import Period

SETTLED, LATEST = timedelta(hours=6), timedelta(days=7)
"""After the end of the month, in UTC."""
LINE, LINES, GROUP, GROUPS = 500, 40, 250, 40
"""Characters and entries at the most: twice in one message of SNS, beside the texts for people."""
Facts = dict[str, Any]


def due(now: datetime, watching: datetime) -> Period | None:
    """The month whose digest is due at this instant; None on all other days.

    `watching` is since when Spotter watches: it knows too little of a month that ended before.
    """
    month = Period.month_of(now).before
    within = month.until + SETTLED <= now < month.until + LATEST
    return month if within and watching < month.until else None


def name_of(month: Period) -> str:
    """Such as `2026-10`."""
    return f"{month.since:%Y-%m}"


def command(month: Period, stack: str, region: str) -> str:
    """The command that computes the figures of the month again."""
    return f"spotter savings --month {name_of(month)}{payload.where(stack, region)}"


def remarks(month: Period, watching: datetime) -> tuple[str, ...]:
    """What the reader must know of a month of which Spotter saw only a part."""
    if watching <= month.since:
        return ()
    return (
        f"Spotter watches since {iso(watching)}: of what ended before, it knows only the jobs that its first sweep found.",
    )


def facts(
    digest: MonthlyDigest,
    here: AccountRegion,
    stack: str,
    command: str,
    remarks: Iterable[str] = (),
) -> Facts:
    """`spotter.savings-digest/1`, each text printable and of a bounded length."""
    lines = [*digest.lines, *remarks]
    return {
        **digest.payload,
        **_largest_groups(digest.payload.get("by", {})),
        "kind": KIND,
        "severity": "info",
        "headline": line(digest.title, LINE),
        "lines": [line(one, LINE) for one in lines[:LINES]],
        "account": here.account,
        "region": here.region,
        "stack": stack,
        "command": command,
        "links": {"dashboard": console_links.dashboard(here.region, stack)},
    }


def _largest_groups(by: Mapping[str, Mapping[str, Any]]) -> Facts:
    """Those that saved the most, and how many are left out."""
    ranked = {way: sorted(groups.items(), key=_saved) for way, groups in by.items()}
    return {
        "by": {
            way: {line(name, GROUP): one for name, one in groups[:GROUPS]}
            for way, groups in ranked.items()
        },
        "groups_left_out": sum(max(0, len(groups) - GROUPS) for groups in ranked.values()),
    }


def _saved(group: tuple[str, Mapping[str, Any]]) -> tuple[bool, float, str]:
    name, figures = group
    saved = figures.get("saved_at_most")
    return saved is None, -(saved or 0), name
