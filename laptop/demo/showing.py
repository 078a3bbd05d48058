"""What the demo shows: the lineages as they live, and at the end a table of them."""

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from laptop.demo.lineages import Lineage
from spotter.core.timeline import WAITING, Timeline

GOOD, BAD, BUSY = "green", "red", "cyan"
STYLES = {"Interrupted": "yellow bold", "Completed": GOOD, "Failed": BAD, "Stopped": BAD}
STYLES |= {"MaxWaitTimeExceeded": BAD, "MaxRuntimeExceeded": BAD, "Training": BUSY}


def line_of(line: Timeline) -> Text:
    """`Starting > Downloading > Training`: each status in its own words, the waits dimmed."""
    said = Text()
    for n, transition in enumerate(line):
        said.append(" > " if n else "", style="dim")
        style = STYLES.get(transition.status, "dim" if transition.status in WAITING else "")
        said.append(transition.status, style=style)
    return said


def living(lineages: Mapping[str, Lineage], clock: str) -> Table:
    """What the ledger holds at this moment."""
    table = Table(title=f"The ledger, {clock}", title_justify="left", box=None, pad_edge=False)
    for column in ("lineage", "now", "interruptions", "alerts"):
        table.add_column(column, no_wrap=True)
    for one in sorted(lineages.values(), key=lambda one: one.name):
        head, line = one.attempts[-1]
        status = line.last.status if line.last else head.secondary
        attempt = f"attempt {len(one.attempts)}: " if len(one.attempts) > 1 else ""
        now = Text(attempt + status, style=STYLES.get(status, ""))
        table.add_row(one.name, now, str(one.interruptions), str(len(one.alerts)))
    return table


def outcome(lineages: Mapping[str, Lineage], as_expected: Mapping[str, bool]) -> Table:
    """The table at the end: one lineage a block, its attempts below each other."""
    table = Table(show_lines=True)
    table.add_column("lineage", no_wrap=True)
    table.add_column("timeline of each attempt", ratio=1)
    table.add_column("at-\ntempts", justify="right")
    table.add_column("inter-\nruptions", justify="right")
    table.add_column("alerts")
    table.add_column("savings", justify="right")
    for name, one in sorted(lineages.items()):
        if name not in as_expected:
            continue
        mark = "" if as_expected[name] else "\n[red]not as expected[/red]"
        attempts = Text("\n").join(line_of(line) for _, line in one.attempts)
        figure = "none" if one.savings is None else f"{one.savings:.0f} %"
        alerts = "\n".join(one.alerts) or "none"
        counts = str(len(one.attempts)), str(one.interruptions)
        table.add_row(name + mark, attempts, *counts, alerts, figure)
    return table
