"""The monthly digest: what spot saved in a month and for whom, as text and as facts. Nothing is sent here."""

from dataclasses import dataclass
from typing import Any

from spotter.core.ledger.monthly_digest import SCHEMA
from spotter.core.money.period import MONTHS, Period
from spotter.core.money.savings import Savings
from spotter.core.money.text import amounts, exact, first_line, notes, percents
from spotter.core.money.totals import Totals

MOST_GROUPS = 20
"""Teams that are listed, those that saved the most first; the others are one line."""


@dataclass(frozen=True)
class MonthlyDigest:
    """`title` is the subject; `lines` are the body, one sentence each; `payload` is for programs."""

    title: str
    lines: tuple[str, ...]
    payload: dict[str, Any]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def monthly_digest(savings: Savings, by: str | None = None) -> MonthlyDigest:
    """The digest of a month's savings; `by` names the way of grouping whose groups are listed."""
    since = savings.period.since
    groups = savings.groups.get(by or "", {})
    line = first_line(savings)
    lines = [line, *_listed(savings, by or "", groups), *notes(savings)]
    return MonthlyDigest(
        title=f"Spot savings in {MONTHS[since.month - 1]} {since.year}",
        lines=tuple(lines),
        payload={**savings.facts, "schema": SCHEMA, "month": f"{since:%Y-%m}", "summary": line},
    )


def without_figures(period: Period, reason: str) -> MonthlyDigest:
    """The digest of a month whose figures were not computed, and why."""
    since = period.since
    return MonthlyDigest(
        title=f"Spot savings in {MONTHS[since.month - 1]} {since.year}",
        lines=(reason,),
        payload={"schema": SCHEMA, "month": f"{since:%Y-%m}", "summary": reason},
    )


def _listed(savings: Savings, by: str, groups: Any) -> list[str]:
    """A line a group, those that saved the most first."""

    def saved(one: tuple[str, Totals]) -> Any:
        done = one[1].amounts(savings.prices).completed
        return (-done.saved.most, -done.paid, one[0])

    ranked = sorted(groups.items(), key=saved)
    found = [f"{name}: {_one(savings, totals)}" for name, totals in ranked[:MOST_GROUPS]]
    if len(ranked) > MOST_GROUPS:
        rest = sum((totals for _, totals in ranked[MOST_GROUPS:]), Totals())
        found.append(f"{len(ranked) - MOST_GROUPS} more of {by}: {_one(savings, rest)}")
    return found


def _one(savings: Savings, totals: Totals) -> str:
    accounts = totals.amounts(savings.prices)
    done, lost = accounts.completed, accounts.no_result
    parts = []
    if done.attempts:
        share = f" ({percents(done.saved_percent)})" if done.saved_percent else ""
        parts.append(f"saved {amounts(done.saved)} {savings.unit}{share}")
        parts.append(f"paid {exact(done.paid)}")
    if lost.attempts:
        parts.append(f"{exact(lost.paid)} without a result")
    return ", ".join(parts) or "no figures"
