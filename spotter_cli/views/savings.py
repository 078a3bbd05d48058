"""Costs and savings of jobs, grouped by day, instance type or tag."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import typer

from spotter.core.ledger.job_record import JobRecord
from spotter.core.policy.model import Policy
from spotter.core.reports.savings import Bill, By, bills, day, instance_type, tag
from spotter.core.reports.text import COLUMNS, figures
from spotter_cli.output.terminal import counting, print_note, put, table, window
from spotter_cli.stack.deployed import Deployed
from spotter_cli.views.jobs import JobFilter, jobs

MOST_GROUPS = 5
LEAST_NEEDED = (2, 7, 6, 1)
"""What a narrow window leaves out first: with figures, waited, redone at most, jobs."""
Groups = Mapping[str, By]


def groups(by: Iterable[str], zone: tzinfo) -> dict[str, By]:
    """What each value of `--by` groups by; BadParameter for an unknown value."""
    found: dict[str, By] = {}
    for word in by:
        found[word] = _group(word, zone)
    if len(found) > MOST_GROUPS:
        raise typer.BadParameter(f"at most {MOST_GROUPS} at a time", param_hint="--by")
    return found


def _group(word: str, zone: tzinfo) -> Callable[[JobRecord], str]:
    if word == "day":
        return day(zone)
    if word == "type":
        return instance_type
    if word.startswith("tag:") and len(word) > 4:
        return tag(word[4:])
    raise typer.BadParameter(f'"{word}" is none of day, type, tag:KEY', param_hint="--by")


def prices(policy: Policy | None) -> Mapping[str, float]:
    """On-demand prices of one instance for an hour, from a policy; none where no policy is known."""
    return policy.resubmission.prices if policy else {}


@dataclass(frozen=True)
class Saved:
    """The whole, and each way to split it."""

    whole: Bill
    split: Mapping[str, Mapping[str, Bill]]
    in_money: bool

    @property
    def facts(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "schema": "spotter.savings/1",
            "in_money": self.in_money,
            "total": self.whole.facts,
            "by": {
                name: {group: one.facts for group, one in found.items()}
                for name, found in self.split.items()
            },
        }

    def as_csv(self) -> Iterator[str]:
        """A line a group; an absent figure is an empty field."""
        from spotter_cli.output.csv_lines import csv_lines

        columns = ("by", "group", *Bill().facts)
        yield from csv_lines(
            columns,
            [
                (name, group, *one.facts.values())
                for name, found in self.split.items()
                for group, one in found.items()
            ],
        )

    def print(self) -> None:
        """For people: a table for each way to split it, the whole last."""
        if not self.whole.jobs:
            print_note("No jobs match.")
            return
        right = tuple(range(1, len(COLUMNS) + 1))
        tables = []
        for name, found in self.split.items():
            rows = [(group, *figures(one, in_money=self.in_money)) for group, one in found.items()]
            rows.append(("all", *figures(self.whole, in_money=self.in_money)))
            columns = (name, *COLUMNS)
            tables.append(table(columns, rows, right, drop=LEAST_NEEDED, width=window()))
        put(*tables)
        unit = (
            "the currency of the policy's prices"
            if self.in_money
            else "instance-hours (set prices in the policy to see amounts of money)"
        )
        print_note(f"Paid and on demand are in {unit}. A dash: SageMaker reports no figure.")


def savings(
    spotter: Deployed,
    since: datetime,
    until: datetime,
    *,
    name: str,
    groups: Groups,
    prices: Mapping[str, float],
) -> Saved:
    """Folded as they are read: memory holds the groups, not the jobs."""
    found = jobs(spotter, JobFilter(since, until, name))
    return fold(counting(found, "jobs"), groups, prices)


def fold(heads: Iterable[JobRecord], groups: Groups, prices: Mapping[str, float]) -> Saved:
    """The bill of all, and of each group, in one reading."""
    return Saved(*bills(heads, groups, prices), in_money=bool(prices))
