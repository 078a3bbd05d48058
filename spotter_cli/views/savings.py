"""What spot saved in a period: the first line, a table for each way to group, and what stands apart."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from typing import Any

import typer

from spotter.aws.reports.savings import savings as read_savings
from spotter.core.money import text
from spotter.core.money.groups import NO_USER, TAG, USER_TAG, WORDS, group
from spotter.core.money.period import Period
from spotter.core.money.savings import Savings, SavingsRow
from spotter.core.money.totals import By, Totals, Ways
from spotter.core.money.trend import Trend
from spotter.core.policy.model import Policy
from spotter.core.prices.table import PriceTable
from spotter.core.reports.time_range import period_of
from spotter_cli.output.terminal import counting, print_note, put, show, table, window
from spotter_cli.output.times import named_options
from spotter_cli.stack.deployed import Deployed

MOST_GROUPS = 5
LEAST_NEEDED = (8, 1, 7, 2, 3)
"""What a narrow window leaves out first: waited, attempts, no result, paid, on demand."""
Groups = Ways


def groups(by: Iterable[str] | None, policy: Policy | None) -> dict[str, By]:
    """What each value of `--by` groups by; BadParameter for an unknown value.

    Without any: the instance type, and the tags that the policy records, in its order.
    """
    if not by:
        by = ("type", *(f"{TAG}{key}" for key in (policy.recorded_tags if policy else ())))
    found: dict[str, By] = {}
    for word in by:
        way = group(word)
        if way is None:
            raise typer.BadParameter(f'"{word}" is none of {WORDS}', param_hint="--by")
        found[word] = way
    if len(found) > MOST_GROUPS:
        raise typer.BadParameter(f"at most {MOST_GROUPS} at a time", param_hint="--by")
    return found


def period(month: str, since: str, until: str, now: datetime) -> Period:
    """The month that is named, the span that is named, else the current month; in UTC."""
    with named_options():
        return period_of(month, since or None, until or None, now)


def savings(
    spotter: Deployed,
    period: Period,
    now: datetime,
    *,
    groups: Groups,
    prices: PriceTable | None,
    name: str = "",
    trend: Trend | None = None,
) -> Savings:
    """The savings of a period, while a terminal shows how many attempts were read."""
    return read_savings(
        spotter.ledger,
        period,
        now,
        groups=groups,
        prices=prices,
        name=name,
        trend=trend,
        passing=partial(counting, what="attempts"),
    )


@dataclass(frozen=True)
class SavingsView:
    """The same figures for people, for scripts and for spreadsheets."""

    found: Savings

    @property
    def facts(self) -> dict[str, Any]:
        return self.found.facts

    def as_csv(self) -> Iterator[str]:
        """A line a group, the whole last; an absent figure is an empty field."""
        from spotter_cli.output.csv_lines import csv_lines

        rows = (*self.found.rows, self.found.total)
        columns = [one.name for one in fields(SavingsRow)]
        yield from csv_lines(columns, (list(vars(row).values()) for row in rows))

    def print(self) -> None:
        """The answer first, then a table for each way to group, then what stands apart."""
        found = self.found
        show([text.first_line(found)])
        if found.whole.attempts:
            put(*(self._table(way, part) for way, part in found.groups.items()))
        for note in text.notes(found):
            print_note(note)
        if "user" in found.groups and set(found.groups["user"]) <= {NO_USER}:
            print_note(NO_USERS)

    def _table(self, way: str, part: Mapping[str, Totals]) -> Any:
        found = self.found
        rows = [(name, *text.cells(one, found)) for name, one in part.items()]
        rows.append(("all", *text.cells(found.whole, found)))
        columns = (way, *text.COLUMNS)
        right = tuple(range(1, len(columns)))
        return table(columns, rows, right, drop=LEAST_NEEDED, width=window())


NO_USERS = (
    "No user is recorded: neither SageMaker's events nor DescribeTrainingJob show who created a job. SageMaker "
    f"Studio tags jobs with {USER_TAG}: name that tag under `recorded_tags` in spotter.toml, or a tag of your "
    "own and use --by tag:KEY."
)
