"""The demo lives through stories on a laptop, and compares the ledger with what really happened."""

import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from laptop import startup
from laptop.demo import result
from laptop.demo.run import DemoRun
from laptop.location import DEMO, POLICY, Laptop


def run(report: Callable[[Laptop], Path], summary: Path | None = None) -> int:
    """Tell the stories; 0 if all came out as expected and nothing differs, else 1.

    `report` writes a page about the laptop while it is up, and says where.
    """
    with startup.alone(DEMO):
        return _told(report, summary)


def _told(report: Callable[[Laptop], Path], summary: Path | None) -> int:
    console, began = Console(highlight=False), time.monotonic()
    console.print("[bold]Spotter on this machine: the real template, by the real CDK[/bold]")
    place = startup.up(DEMO, POLICY, lambda line: console.print(f"  {line}"))
    try:
        told = DemoRun(place, console)
        told.life_cycles()
        told.storm()
        found = result.found(told.ledger, place, repaired=told.repaired)
        written = report(place)
    finally:
        startup.down(DEMO)
    console.print(found.table())
    console.print(f"{found.verdict()}; {time.monotonic() - began:.0f} s")
    console.print(f"The same as a page to open: {written}")
    console.print("Next: `.venvs/spotter/bin/spotter laptop up`, and README.md to deploy it.")
    console.print("The logs of this run are in .laptop/demo.", style="dim")
    if summary:
        found.write(summary)
    return 0 if found.good else 1
