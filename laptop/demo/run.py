"""Runs the stories: creates the jobs, controls the simulated SageMaker, and shows the ledger."""

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
    LAUNCH,
    NEXT_ATTEMPTS,
    STORIES,
    STORM,
    STORM_DESCRIPTION,
    UNTIL_DONE,
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
"""Seconds without a change in the ledger after which the demo stops waiting.

The whole duration is not limited: it depends on the machine and its load.
"""


class DemoRun:
    """One run of all stories, on a laptop that is up."""

    def __init__(self, place: Laptop, console: Console):
        self.place, self.console = place, console
        self.sagemaker, self.lambdas = (startup.client(place, s) for s in ("sagemaker", "lambda"))
        self.ledger = Ledger(startup.client(place, "dynamodb"), place.outputs["LedgerName"])
        self.repaired = 0

    def life_cycles(self) -> None:
        """All stories except the storm, at the same time."""
        self.console.print(f"{len(STORIES)} jobs at the same time, each with a story:")
        self.sweep()
        following = [scripted(name, (*LAUNCH, UNTIL_DONE)) for name in NEXT_ATTEMPTS]
        scripts = [story.script() for story in STORIES]
        market_control.control(self.place, "scripts", [*following, *scripts])
        for story in STORIES:
            self.show(story.name, story.description)
            self.create(story.name, story.max_wait, story.hyperparameters)
        self.watch(self.only_one_still_waits, sweep_until=self.the_wait_was_noticed)
        market_control.control(self.place, "release", [WAITS_LONG])

    def storm(self) -> None:
        """Half of the events are lost; the sweep records what they would have reported."""
        self.console.print("Ten more jobs, with unreliable events:")
        self.show("storm", STORM_DESCRIPTION)
        market_control.control(self.place, "weather", WEATHER)
        market_control.control(self.place, "scripts", storm_scripts())
        for name in STORM:
            self.create(name, 60, {})
        self.watch(self.storm_is_over)
        self.repaired = len(self.differing())
        self.show("sweep", f"corrects the {self.repaired} jobs that are incomplete in the ledger")
        for _ in range(2):
            self.sweep()
            self.watch(self.all_is_recorded, patience=20.0)

    def show(self, name: str, sentence: str) -> None:
        """Print a name and its sentence."""
        self.console.print(f"  [bold]{name:<17}[/bold] {sentence}")

    def create(self, name: str, max_wait: int, hyperparameters: Any) -> None:
        job = request(name, max_wait=max_wait, hyperparameters=hyperparameters)
        self.sagemaker.create_training_job(**job)

    def sweep(self) -> None:
        """Invoke the sweep by Lambda's API, as an operator may."""
        name = self.place.outputs["SweepFunctionName"]
        answer = self.lambdas.invoke(FunctionName=name)
        if "FunctionError" in answer:
            raise RuntimeError(f"the sweep failed: {answer['Payload'].read().decode()}")

    def differing(self) -> list[str]:
        """How the ledger differs from what really happened, at this moment."""
        return differences(self.ledger, market_control.truth(self.place))

    def watch(
        self,
        over: Callable[[dict[str, Lineage]], bool],
        sweep_until: Callable[[dict[str, Lineage]], bool] = lambda found: True,
        patience: float = PATIENCE,
    ) -> None:
        """Show the ledger until `over`, or until nothing changes for `patience` seconds; sweep meanwhile."""
        began = time.monotonic()
        due, news, shown = began + SWEEP_EVERY, began, None
        with Live(console=self.console, transient=True, auto_refresh=False) as live:
            while (now := time.monotonic()) - news < patience:
                found = lineages(self.ledger, datetime.now(UTC))
                live.update(screen.progress(found, f"{now - began:.0f} s"), refresh=True)
                if over(found):
                    return
                if shown != (shown := [(one.statuses, *one.alerts) for one in found.values()]):
                    news = now
                if now > due and not sweep_until(found):
                    self.sweep()
                    due = time.monotonic() + SWEEP_EVERY
                time.sleep(0.3)

    def the_wait_was_noticed(self, found: dict[str, Lineage]) -> bool:
        """True once the sweep raised the alert about the wait: no event reports that nothing happens."""
        waiting = found.get(WAITS_LONG)
        return waiting is not None and "waiting_for_capacity" in waiting.alerts

    def only_one_still_waits(self, found: dict[str, Lineage]) -> bool:
        """True once all stories are fulfilled but the one whose job waits through the storm."""
        fulfilled = (s.is_fulfilled_by(found.get(s.name)) for s in STORIES if s.name != WAITS_LONG)
        return self.the_wait_was_noticed(found) and all(fulfilled)

    def storm_is_over(self, found: dict[str, Lineage]) -> bool:
        """True once every job has finished and the last delayed event has arrived."""
        last = [truth["transitions"][-1] for truth in market_control.truth(self.place)]
        settled = time.time() - WEATHER["delay"] - 1.0
        return all(status in ENDS and at < settled for status, at in last)

    def all_is_recorded(self, found: dict[str, Lineage]) -> bool:
        """True once every story is fulfilled, and the ledger holds what happened."""
        fulfilled = all(story.is_fulfilled_by(found.get(story.name)) for story in STORIES)
        return fulfilled and not self.differing()
