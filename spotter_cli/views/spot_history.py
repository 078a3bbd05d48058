"""Interruptions and waits on spot, from the account's own history."""

from datetime import datetime, tzinfo

from spotter.aws.reports.job_list import jobs
from spotter.aws.reports.queries import timelines
from spotter.core.reports.html.market import figures, step_of
from spotter.core.reports.job_filter import JobFilter
from spotter.core.reports.spot_history import ENOUGH, HourlyHistory, SpotHistory
from spotter_cli.output.table_layout import filled
from spotter_cli.output.terminal import (
    can_write,
    counting,
    print_note,
    put,
    table,
    terminal,
    text,
    window,
)
from spotter_cli.stack.deployed import Deployed

MARKS = "·▁▃▅█"
COARSE = ".1234"
COLUMNS = ("instance type", "interruptions", "trained", "per 100 h", "median wait", "00 to 23 h")
LEAST_NEEDED = (4, 1, 2)
"""What a narrow window leaves out first: median wait, interruptions, trained. The map never goes."""

MEDIAN_WAIT = "median wait: half launched sooner (Kaplan-Meier; in brackets the band of 90 %)"


def market(
    spotter: Deployed,
    since: datetime,
    until: datetime,
    instance_type: str,
    zone: tzinfo,
    now: datetime,
) -> SpotHistory:
    """Every spot job's timeline, folded as it is read, a few at a time."""
    found = SpotHistory(zone)
    wanted = JobFilter(since, until, instance_type=instance_type)
    spot = (head for head in jobs(spotter.ledger, wanted) if head.spot)
    for head, timeline in counting(timelines(spotter.ledger, spot), "timelines"):
        found.add(head, timeline, now)
    return found


def print_market(market: SpotHistory) -> None:
    """A row a type, with a mark for each hour of the day."""
    if not market.kinds:
        print_note("No jobs trained on spot in this time range.")
        return
    fine = can_write(MARKS, terminal().encoding)
    rows = [(k, *figures(market.of(k)), _day(market, k, fine=fine)) for k in market.kinds]
    width = window()
    legend = "\n".join(_legend(width, fine=fine))
    put(
        table(COLUMNS, rows, right=(1, 2, 3, 4), drop=LEAST_NEEDED, width=width),
        text("").append(legend, style="dim"),
    )


def _legend(width: int | None, *, fine: bool) -> list[str]:
    """What the marks mean; each beside its meaning, in a narrow window, too."""
    none, *steps, more = list(MARKS if fine else COARSE)
    limits = [f"{mark} up to {limit}" for mark, limit in zip(steps, (1, 5, 20), strict=True)]
    parts = [f"{none} none", *limits, f"{more} more interruptions per 100 h"]
    unsure = f"a ? rests on less than {ENOUGH:g} h, a blank on nothing"
    whole = f"{', '.join(parts)}; {unsure}"
    waits = [MEDIAN_WAIT] if width is None or width > len(MEDIAN_WAIT) else []
    if width is None or len(whole) <= width:
        return [whole, *waits]
    return [*filled(parts, width), unsure, *waits]


def _day(market: SpotHistory, kind: str, *, fine: bool) -> str:
    return "".join(_mark(market.cells.get((kind, hour)), fine=fine) for hour in range(24))


def _mark(cell: HourlyHistory | None, *, fine: bool) -> str:
    if cell is None or not cell.hours:
        return " "
    if cell.hours < ENOUGH:
        return "?"
    return (MARKS if fine else COARSE)[step_of(cell)]
