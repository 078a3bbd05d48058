"""Telling the stories: jobs are created, the market does its worst, and the ledger is watched."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
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
    request,
    scripted,
    storm_scripts,
)
from laptop.place import Place
from spotter.shell.ledger import Ledger

PATIENCE = 60.0
"""Seconds until the demo no longer waits for what should have happened."""


class Telling:
    """One telling of the stories, on a laptop that is up."""

    def __init__(self, place: Place, console: Console):
        self.place, self.console = place, console
        self.sagemaker, self.lambdas = (up.client(place, s) for s in ("sagemaker", "lambda"))
        self.ledger = Ledger(up.client(place, "dynamodb"), place.outputs["LedgerName"])
        self.repaired = 0

    def life_cycles(self) -> None:
        """All stories but the storm, at the same time."""
        self.console.print("Six jobs, one for each story, all at the same time:")
        self.sweep()
        scripts = [story.script() for story in STORIES]
        market.tell(self.place, "scripts", [scripted(*CARRIED), *scripts])
        for story in STORIES:
            self.say(story.name, story.says)
            self.create(story.name, story.max_wait, story.hyperparameters)
        self.watch(self.stories_are_told, sweep_after=(4.0, 10.5))

    def storm(self) -> None:
        """Events go astray; what they left out is found by the sweep."""
        self.console.print("Ten jobs more, and bad weather for events:")
        self.say("storm", STORM_SAYS)
        market.tell(self.place, "weather", WEATHER)
        market.tell(self.place, "scripts", storm_scripts())
        for name in STORM:
            self.create(name, 60, {})
        self.watch(self.storm_is_over)
        self.repaired = len(self.differing())
        self.say("sweep", f"repairs the {self.repaired} jobs that the ledger tells wrong")
        for _ in range(2):
            self.sweep()
            self.watch(lambda found: not self.differing(), patience=10.0)

    def say(self, name: str, sentence: str) -> None:
        """A line of the story."""
        self.console.print(f"  [bold]{name:<17}[/bold] {sentence}")

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
        return differences(self.ledger, market.truth(self.place))

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
        return all(story.came_true(found.get(story.name)) for story in STORIES)

    def storm_is_over(self, found: dict[str, Lineage]) -> bool:
        """Every job has come to its end, and the last late event has arrived."""
        ends = {t["name"]: t["transitions"][-1] for t in market.truth(self.place)}
        last = [ends[name] for name in STORM if name in ends]
        settled = time.time() - WEATHER["delay"] - 1.0
        return all(status == "Completed" and at < settled for status, at in last)
