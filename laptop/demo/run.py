"""Telling the stories: jobs are created, the market does its worst, and the ledger is watched."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.live import Live

from laptop import startup
from laptop.demo import market_control, screen
from laptop.demo.lineages import Lineage, differences, lineages
from laptop.demo.stories import (
    CARRIED,
    STORIES,
    STORM,
    STORM_SAYS,
    WAITS_LONG,
    WEATHER,
    request,
    scripted,
    storm_scripts,
)
from laptop.location import Laptop
from spotter.aws.ledger.table import Ledger

ENDS = ("Completed", "Failed", "Stopped", "MaxWaitTimeExceeded", "MaxRuntimeExceeded")
SWEEP_EVERY = 4.0
PATIENCE = 90.0
"""Seconds without any news in the ledger until the demo no longer waits for what should happen.

How long all of it takes is no matter: that depends on the machine, and on what else it does.
"""


class DemoRun:
    """One telling of the stories, on a laptop that is up."""

    def __init__(self, place: Laptop, console: Console):
        self.place, self.console = place, console
        self.sagemaker, self.lambdas = (startup.client(place, s) for s in ("sagemaker", "lambda"))
        self.ledger = Ledger(startup.client(place, "dynamodb"), place.outputs["LedgerName"])
        self.repaired = 0

    def life_cycles(self) -> None:
        """All stories but the storm, at the same time."""
        self.console.print("Six jobs, one for each story, all at the same time:")
        self.sweep()
        scripts = [story.script() for story in STORIES]
        market_control.tell(self.place, "scripts", [scripted(*CARRIED), *scripts])
        for story in STORIES:
            self.say(story.name, story.says)
            self.create(story.name, story.max_wait, story.hyperparameters)
        self.watch(self.only_one_still_waits, sweep_until=self.the_wait_was_noticed)
        market_control.tell(self.place, "release", [WAITS_LONG])

    def storm(self) -> None:
        """Events go astray; what they left out is found by the sweep."""
        self.console.print("Ten jobs more, and bad weather for events:")
        self.say("storm", STORM_SAYS)
        market_control.tell(self.place, "weather", WEATHER)
        market_control.tell(self.place, "scripts", storm_scripts())
        for name in STORM:
            self.create(name, 60, {})
        self.watch(self.storm_is_over)
        self.repaired = len(self.differing())
        self.say("sweep", f"repairs the {self.repaired} jobs that the ledger tells wrong")
        for _ in range(2):
            self.sweep()
            self.watch(self.all_is_told, patience=20.0)

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
        return differences(self.ledger, market_control.truth(self.place))

    def watch(
        self,
        over: Callable[[dict[str, Lineage]], bool],
        sweep_until: Callable[[dict[str, Lineage]], bool] = lambda found: True,
        patience: float = PATIENCE,
    ) -> None:
        """Show the ledger until it is over, or patience is; sweep now and then until that is so."""
        began = time.monotonic()
        due, news, shown = began + SWEEP_EVERY, began, None
        with Live(console=self.console, transient=True, auto_refresh=False) as live:
            while (now := time.monotonic()) - news < patience:
                found = lineages(self.ledger, datetime.now(UTC))
                live.update(screen.living(found, f"{now - began:.0f} s"), refresh=True)
                if over(found):
                    return
                if shown != (shown := [(one.statuses, *one.alerts) for one in found.values()]):
                    news = now
                if now > due and not sweep_until(found):
                    self.sweep()
                    due = time.monotonic() + SWEEP_EVERY
                time.sleep(0.3)

    def the_wait_was_noticed(self, found: dict[str, Lineage]) -> bool:
        """The clock's own alert: no event tells that nothing happens."""
        waiting = found.get(WAITS_LONG)
        return waiting is not None and "waiting_for_capacity" in waiting.alerts

    def only_one_still_waits(self, found: dict[str, Lineage]) -> bool:
        """The job that never launches goes on waiting through the storm."""
        told = (s.came_true(found.get(s.name)) for s in STORIES if s.name != WAITS_LONG)
        return self.the_wait_was_noticed(found) and all(told)

    def storm_is_over(self, found: dict[str, Lineage]) -> bool:
        """Every job has come to its end, and the last late event has arrived."""
        last = [truth["transitions"][-1] for truth in market_control.truth(self.place)]
        settled = time.time() - WEATHER["delay"] - 1.0
        return all(status in ENDS and at < settled for status, at in last)

    def all_is_told(self, found: dict[str, Lineage]) -> bool:
        """Every story came true, and the ledger holds what happened."""
        told = all(story.came_true(found.get(story.name)) for story in STORIES)
        return told and not self.differing()
