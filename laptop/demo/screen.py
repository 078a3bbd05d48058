"""What the demo prints: the lineages while they run, and at the end a table of them."""

from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from laptop.demo.lineages import Lineage
from spotter.core.model.timeline import WAITING, Timeline
from spotter.core.model.times import counted

GOOD, BAD, BUSY = "green", "red", "cyan"
STYLES = {"Interrupted": "yellow bold", "Completed": GOOD, "Failed": BAD, "Stopped": BAD}
STYLES |= {"MaxWaitTimeExceeded": BAD, "MaxRuntimeExceeded": BAD, "Training": BUSY}


def line_of(line: Timeline) -> Text:
    """`Starting > Downloading > Training`: each status in its own words, the waits dimmed."""
    shown = Text()
    for n, transition in enumerate(line):
        shown.append(" > " if n else "", style="dim")
        style = STYLES.get(transition.status, "dim" if transition.status in WAITING else "")
        shown.append(transition.status, style=style)
    return shown


def progress(lineages: Mapping[str, Lineage], clock: str) -> Table:
    """What the ledger holds at this moment."""
    table = Table(title=f"The ledger after {clock}", title_justify="left", box=None, pad_edge=False)
    for column in ("lineage", "status", "interruptions", "alerts"):
        table.add_column(column, no_wrap=True)
    for one in sorted(lineages.values(), key=lambda one: one.name):
        head, line = one.attempts[-1]
        status = line.last.status if line.last else head.secondary
        attempt = f"attempt {len(one.attempts)}: " if len(one.attempts) > 1 else ""
        now = Text(attempt + status, style=STYLES.get(status, ""))
        table.add_row(one.name, now, str(one.interruptions), str(len(one.alerts)))
    return table


def outcome(
    alone: Sequence[Lineage], storm: Sequence[Lineage], expected: Mapping[str, bool]
) -> Table:
    """The table at the end: a lineage a row, its attempts below each other, the storm in one."""
    table = Table(show_lines=True, expand=True)
    table.add_column("lineage", no_wrap=True)
    table.add_column("timeline of each attempt, and alerts")
    for one in alone:
        lines = [line_of(line) for _, line in one.attempts]
        if one.alerts:
            lines.append(Text(f"alerts: {', '.join(one.alerts)}", style="dim"))
        table.add_row(_figures([one], expected), Text("\n").join(lines))
    if storm:
        good = sum(expected[one.name] for one in storm)
        table.add_row(_figures(storm, expected), f"{good} of {len(storm)} lineages as expected")
    return table


def _figures(lineages: Sequence[Lineage], expected: Mapping[str, bool]) -> Text:
    """A lineage's name above its figures; `no figure` where SageMaker does not give one."""
    attempts = sum(len(one.attempts) for one in lineages)
    interruptions = sum(one.interruptions for one in lineages)
    shown = Text(lineages[0].name if len(lineages) == 1 else "storm", style="bold")
    shown.append(f"\n{counted(attempts, 'attempt')}", style="not bold")
    shown.append(f"\n{counted(interruptions, 'interruption')}", style="not bold")
    if len(lineages) == 1:
        saved = lineages[0].savings
        figure = "no figure" if saved is None else f"{saved:.0f} %"
        shown.append(f"\nsavings: {figure}", style="not bold")
    if not all(expected[one.name] for one in lineages):
        shown.append("\nnot as expected", style=f"{BAD} not bold")
    return shown
