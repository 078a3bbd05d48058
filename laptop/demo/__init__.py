"""The demo: runs seventeen simulated jobs, and compares the ledger with what really happened to them."""

import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from laptop import startup
from laptop.demo import result
from laptop.demo.run import DemoRun
from laptop.location import DEMO, POLICY, Laptop


def run(report: Callable[[Laptop], Path], summary: Path | None = None) -> int:
    """Run all stories; 0 if every lineage is as expected and nothing differs, else 1.

    `report` writes an HTML report while the laptop is up, and returns its path.
    """
    with startup.alone(DEMO):
        return _run(report, summary)


def _run(report: Callable[[Laptop], Path], summary: Path | None) -> int:
    console, began = Console(highlight=False), time.monotonic()
    console.print(
        "[bold]Spotter on this machine: the template for AWS, deployed by the CDK to an embedded AWS[/bold]"
    )
    place = startup.up(DEMO, POLICY, lambda line: console.print(f"  {line}"))
    try:
        demo = DemoRun(place, console)
        demo.life_cycles()
        demo.storm()
        found = result.found(demo.ledger, place, repaired=demo.repaired)
        written = report(place)
    finally:
        startup.down(DEMO)
    console.print(found.table())
    console.print(f"{found.verdict()}; {time.monotonic() - began:.0f} s")
    console.print(f"HTML report: {written}")
    console.print(
        "Next: `.venvs/spotter/bin/spotter laptop up` to try it yourself; README.md to deploy it."
    )
    console.print("Logs of this demo: .laptop/demo", style="dim")
    if summary:
        found.write(summary)
    return 0 if found.good else 1
