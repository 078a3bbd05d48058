"""The result of the demo: each lineage compared with its story, and the ledger with what really happened."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from laptop.demo import market_control, screen
from laptop.demo.lineages import Lineage, differences, lineages
from laptop.demo.stories import STORIES, STORM
from laptop.location import Laptop
from laptop.startup import client
from spotter.aws.ledger.table import Ledger

SAME_WORK = ("uninterrupted", "interrupted-once", "resubmit-once", "finish-in-time-1")


@dataclass(frozen=True)
class DemoResult:
    """All lineages, which of them are as expected, and where the ledger is wrong."""

    lineages: Mapping[str, Lineage]
    expected: Mapping[str, bool]
    differences: list[str]
    repaired: int
    same_result: bool

    @property
    def good(self) -> bool:
        return all(self.expected.values()) and not self.differences and self.same_result

    @property
    def transitions(self) -> int:
        return sum(len(line) for one in self.lineages.values() for _, line in one.attempts)

    def table(self) -> Table:
        """A row for each story, and one for the storm."""
        alone = [self.lineages[s.name] for s in STORIES if s.name in self.lineages]
        storm = [self.lineages[name] for name in STORM if name in self.lineages]
        return screen.outcome(alone, storm, self.expected)

    def verdict(self) -> str:
        """The last lines: differences first, then the totals."""
        model = "equal" if self.same_result else "DIFFER from"
        count = len(self.differences)
        lines = [
            *(f"  difference: {sentence}" for sentence in self.differences),
            f"The models of the resubmitted and the handed over job {model} the uninterrupted one, bit for bit.",
            f"{self.transitions} transitions in the ledger, compared with what happened: {count} differences.",
            f"{sum(self.expected.values())} of {len(self.expected)} lineages as expected",
        ]
        return "\n".join(lines)

    def write(self, path: Path) -> None:
        """The result as JSON; savings are null where there is no figure."""
        facts = {
            "good": self.good,
            "transitions": self.transitions,
            "differences": self.differences,
            "same_result": self.same_result,
            "repaired_by_the_sweep": self.repaired,
            "lineages": [
                _facts(one, self.expected.get(name)) for name, one in sorted(self.lineages.items())
            ],
        }
        path.write_text(json.dumps(facts, indent=2) + "\n")


def found(ledger: Ledger, place: Laptop, *, repaired: int) -> DemoResult:
    """The result, from the ledger and from the simulated SageMaker's own record."""
    read = lineages(ledger, datetime.now(UTC))
    expected = {story.name: story.is_fulfilled_by(read.get(story.name)) for story in STORIES}
    expected |= {name: _completed(read.get(name)) for name in STORM}
    wrong = differences(ledger, market_control.truth(place))
    return DemoResult(read, expected, wrong, repaired, _same_result(place, read))


def _same_result(place: Laptop, read: Mapping[str, Lineage]) -> bool:
    """True if uninterrupted, interrupted, resubmitted and handed over jobs produced the same model, byte by byte."""
    s3, models = client(place, "s3"), set()
    for name in SAME_WORK:
        last = read[name].attempts[-1][0].id.name if name in read else name
        key = f"demo/{last}/output/model.json"
        found = s3.list_objects_v2(Bucket="ml-models", Prefix=key)
        models.add(found["Contents"][0]["ETag"] if found.get("Contents") else None)
    return len(models) == 1 and None not in models


def _completed(lineage: Lineage | None) -> bool:
    return lineage is not None and lineage.statuses[-1][-1:] == ("Completed",)


def _facts(lineage: Lineage, expected: bool | None) -> dict[str, Any]:
    return {
        "name": lineage.name,
        "as_expected": expected,
        "attempts": [
            {
                "name": head.id.name,
                "status": head.status,
                "spot": head.spot,
                "timeline": [[t.status, t.start.isoformat()] for t in line],
            }
            for head, line in lineage.attempts
        ],
        "interruptions": lineage.interruptions,
        "alerts": lineage.alerts,
        "decisions": lineage.reasons,
        "savings_percent": lineage.savings,
    }
