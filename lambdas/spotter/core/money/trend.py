"""Savings over time, for a chart: one row a group, one bar a month, week or day."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta

from spotter.core.money.attempts import AccountedAttempt
from spotter.core.money.groups import STEPS
from spotter.core.money.period import DAY, Period
from spotter.core.money.totals import By, Totals, totals
from spotter.core.prices.table import PriceTable

MOST_DAYS, MOST_WEEKS = 31, 26
"""So many bars of a kind; a longer period has bars of the next larger kind."""
MOST_GROUPS = 12
ALL, OTHERS = "all", "all others"


@dataclass
class Trend:
    """Totals by group and step; folded, so that many attempts take no memory."""

    period: Period
    prices: PriceTable | None
    by: By | None = None
    cells: dict[str, dict[str, Totals]] = field(default_factory=dict)

    def add(self, attempt: AccountedAttempt) -> None:
        """Fold one attempt in."""
        group = self.by(attempt) if self.by else ALL
        step = STEPS[self.step](attempt.ended)
        row = self.cells.setdefault(group, {})
        row[step] = row.get(step, Totals()) + totals(attempt, self.prices)

    def passing(self, attempts: Iterable[AccountedAttempt]) -> Iterator[AccountedAttempt]:
        """The same attempts, each folded in on its way."""
        for attempt in attempts:
            self.add(attempt)
            yield attempt

    @property
    def step(self) -> str:
        """`day`, `week` or `month`."""
        days = (self.period.until - self.period.since) / DAY
        return "day" if days <= MOST_DAYS else "week" if days <= 7 * MOST_WEEKS else "month"

    @property
    def steps(self) -> tuple[str, ...]:
        """Every step of the period, those without attempts too, in order."""
        since, last = (
            self.period.since.astimezone(UTC),
            self.period.until - timedelta(milliseconds=1),
        )
        called = STEPS[self.step]
        instants = (
            since + n * DAY for n in range((last.astimezone(UTC).date() - since.date()).days + 1)
        )
        return tuple(dict.fromkeys(called(one) for one in instants))

    @property
    def rows(self) -> Mapping[str, Mapping[str, Totals]]:
        """Groups, those with the largest savings or losses first; the smallest of many are one row."""

        def rank(name: str) -> tuple[float, str]:
            whole = sum(self.cells[name].values(), Totals())
            done = whole.amounts(self.prices).completed
            return (-abs(float(done.saved.most)), name)

        ranked = sorted(self.cells, key=rank)
        shown = {name: self.cells[name] for name in ranked[:MOST_GROUPS]}
        rest: dict[str, Totals] = {}
        for name in ranked[MOST_GROUPS:]:
            for step, one in self.cells[name].items():
                rest[step] = rest.get(step, Totals()) + one
        return shown | ({OTHERS: rest} if rest else {})
