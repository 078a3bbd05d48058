"""The demo lives through stories on a laptop, and compares the ledger with what really happened."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live

from laptop import up
from laptop.demo import market, showing
from laptop.demo.lineages import Lineage, differences, lineages
from laptop.demo.stories import (
    CARRIED,
    STORIES,
    STORM,
    STORM_SAYS,
    WEATHER,
    Story,
    request,
    storm_scripts,
)
from laptop.place import ACCOUNT, HOME, POLICY, REGION, Place
from spotter.shell.ledger import Ledger

DEMO = HOME / "demo"
PATIENCE = 60.0
"""Seconds until the demo no longer waits for what should have happened."""


def run(summary: Path | None = None) -> int:
    """Tell the stories; 0 if all came out as expected and nothing differs, else 1."""
    console, began = Console(), time.monotonic()
    console.print(
        "[bold]Spotter on this machine[/bold]: the real template, deployed by the real CDK"
    )
    place = up.up(DEMO, POLICY, lambda line: console.print(f"  {line}"))
    try:
        told = Telling(place, console)
        told.life_cycles()
        told.storm()
        return told.conclude(summary, began)
    finally:
        up.down(DEMO)


class Telling:
    """One telling of the stories, on a laptop that is up."""

    def __init__(self, place: Place, console: Console):
        self.place, self.console = place, console
        self.sagemaker, self.lambdas = (up.client(place, s) for s in ("sagemaker", "lambda"))
        self.ledger = Ledger(up.client(place, "dynamodb"), place.outputs["LedgerName"])
        self.repaired = 0

    def life_cycles(self) -> None:
        """All stories but the storm, at the same time."""
        self.sweep()
        scripts = [story.script() for story in STORIES]
        again = {"name": CARRIED[0], "steps": CARRIED[1], "uploading": 0.5, "stopping": 0.5}
        market.tell(self.place, "scripts", [again, *scripts])
        for story in STORIES:
            self.console.print(f"  [bold]{story.name}[/bold]  {story.says}")
            self.create(story.name, story.max_wait, story.hyperparameters)
        self.watch(self.stories_are_told, sweep_after=(4.0, 10.5))

    def storm(self) -> None:
        """Events go astray; what they left out is found by the sweep."""
        self.console.print(f"  [bold]storm[/bold]  {STORM_SAYS}")
        market.tell(self.place, "weather", WEATHER)
        market.tell(self.place, "scripts", storm_scripts())
        for name in STORM:
            self.create(name, 60, {})
        self.watch(self.storm_is_over)
        self.repaired = len(self.differing())
        self.console.print(
            f"  The storm left {self.repaired} jobs incomplete in the ledger; sweeping"
        )
        for _ in range(2):
            self.sweep()
            self.watch(lambda found: not self.differing(), patience=10.0)

    def create(self, name: str, max_wait: int, hyperparameters: Any) -> None:
        asked = request(name, max_wait=max_wait, hyperparameters=hyperparameters)
        self.sagemaker.create_training_job(**asked)

    def sweep(self) -> None:
        """As an operator may: by Lambda's API."""
        name = self.place.outputs["SweepFunctionName"]
        answer = self.lambdas.invoke(FunctionName=name)
        if "FunctionError" in answer:
            raise RuntimeError(f"the sweep failed: {answer['Payload'].read().decode()}")

    def differing(self) -> list[str]:
        """Where the ledger and the truth disagree at this moment."""
        return differences(self.ledger, market.truth(self.place), f"{ACCOUNT}/{REGION}")

    def watch(
        self,
        over: Callable[[dict[str, Lineage]], bool],
        sweep_after: tuple[float, ...] = (),
        patience: float = PATIENCE,
    ) -> None:
        """Show the ledger until it is over, or patience is; sweep at these seconds."""
        began, due = time.monotonic(), list(sweep_after)
        with Live(console=self.console, transient=True, auto_refresh=False) as live:
            while (passed := time.monotonic() - began) < patience:
                found = lineages(self.ledger, datetime.now(UTC))
                live.update(showing.living(found, f"{passed:.0f} s"), refresh=True)
                if over(found):
                    return
                if due and passed > due[0]:
                    due.pop(0)
                    self.sweep()
                time.sleep(0.3)

    def stories_are_told(self, found: dict[str, Lineage]) -> bool:
        return all(as_expected(story, found.get(story.name)) for story in STORIES)

    def storm_is_over(self, found: dict[str, Lineage]) -> bool:
        """Every job has come to its end, and the last late event has arrived."""
        ends = {t["name"]: t["transitions"][-1] for t in market.truth(self.place)}
        last = [ends[name] for name in STORM if name in ends]
        settled = time.time() - WEATHER["delay"] - 1.0
        return all(status == "Completed" and at < settled for status, at in last)

    def conclude(self, summary: Path | None, began: float) -> int:
        """The table, the comparison, and where to look next."""
        found = lineages(self.ledger, datetime.now(UTC))
        wrong = self.differing()
        expected = {story.name: as_expected(story, found.get(story.name)) for story in STORIES}
        expected |= {name: completed(found.get(name)) for name in STORM}
        self.console.print(showing.outcome(found, expected))
        count = sum(len(line) for one in found.values() for _, line in one.attempts)
        for sentence in wrong:
            self.console.print(f"  [red]{sentence}[/red]")
        self.console.print(
            f"{sum(expected.values())} of {len(expected)} lineages as expected; {count} transitions "
            f"compared with what really happened, {len(wrong)} differences; "
            f"{time.monotonic() - began:.0f} s"
        )
        self.console.print(
            "Next: `spotter laptop up` to try it yourself, README.md to deploy it, and the logs of "
            "this run in .laptop/demo"
        )
        if summary:
            facts = told(found, expected) | {"transitions": count, "differences": wrong}
            summary.write_text(json.dumps(facts, indent=2) + "\n")
        return 0 if all(expected.values()) and not wrong else 1


def as_expected(story: Story, lineage: Lineage | None) -> bool:
    """The very statuses of every attempt, and at least the alerts that belong to them."""
    if lineage is None:
        return False
    return lineage.statuses == story.attempts and story.alerts <= set(lineage.alerts)


def completed(lineage: Lineage | None) -> bool:
    return lineage is not None and lineage.statuses[-1][-1:] == ("Completed",)


def told(found: dict[str, Lineage], expected: dict[str, bool]) -> dict[str, Any]:
    """The summary, for whoever reads it with a program; savings are null where there is no figure."""
    return {
        "lineages": [
            {
                "name": one.name,
                "as_expected": expected.get(name),
                "attempts": [
                    {
                        "name": head.id.name,
                        "status": head.status,
                        "spot": head.spot,
                        "timeline": [[t.status, t.start.isoformat()] for t in line],
                    }
                    for head, line in one.attempts
                ],
                "interruptions": one.interruptions,
                "alerts": one.alerts,
                "decisions": one.reasons,
                "savings_percent": one.savings,
            }
            for name, one in sorted(found.items())
        ]
    }
