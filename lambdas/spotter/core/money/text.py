"""Savings in words and as the cells of a table: the same in terminals, pages and messages."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from spotter.core.model.times import counted, words
from spotter.core.money.savings import Savings
from spotter.core.money.totals import HOUR, AmountRange, PercentRange, Totals

ABSENT = "\N{EM DASH}"
"""An absent figure; a zero is written as a zero."""
WHOLE_FROM = 100
"""Amounts from here on are shown without decimals in a sentence."""
COLUMNS = (
    "attempts", "paid", "on demand", "saved", "saved %", "interruptions cost", "no result", "waited",
)  # fmt: skip
FEW_COLUMNS = ("paid", "saved", "saved %", "no result")
"""For a place that is a part of a page, such as a widget."""


def first_line(savings: Savings) -> str:
    """Such as `Saved 12,480 USD in November (54 %); interruptions cost 1,130 USD of it; 38 h waited.`."""
    when, whole, unit = savings.period.name(savings.now), savings.whole, savings.unit
    done = whole.amounts(savings.prices).completed
    waited = f"{time(whole)} waited."
    if not whole.attempts:
        return f"No attempt ended {when}, so there is nothing to compare."
    if not done.attempts:
        return (
            f"No savings {when}: none of the {counted(whole.attempts, 'attempt')} that ended has figures"
            f"{' and a price' if savings.prices else ''} and belongs to a lineage that completed; {waited}"
        )
    percent = f" ({percents(done.saved_percent)})" if done.saved_percent else ""
    cost = (
        f"interruptions cost {amounts(done.interruptions_cost)} {unit} of it"
        if done.repeated_most
        else "interruptions cost nothing"
    )
    return f"Saved {amounts(done.saved)} {unit} {when}{percent}; {cost}; {waited}"


def notes(savings: Savings) -> Iterator[str]:
    """What stands apart, what is missing, and what the amounts are made of."""
    whole, unit = savings.whole, savings.unit
    accounts = whole.amounts(savings.prices)
    if accounts.no_result.attempts:
        yield (
            f"Spent without a result: {amount(accounts.no_result.paid)} {unit}, on "
            f"{counted(accounts.no_result.attempts, 'attempt')} whose lineages did not complete."
        )
    yield from _open(savings)
    if whole.unpriced.attempts:
        yield (
            f"Not in the amounts: {counted(whole.unpriced.attempts, 'attempt')} on instance types without a "
            f"price ({amount(whole.unpriced.paid)} billed instance-hours)."
        )
    if whole.without_figures:
        yield (
            f"Not in the amounts: {counted(whole.without_figures, 'attempt')} for which SageMaker gives no "
            "figures, such as jobs that never launched."
        )
    if accounts.completed.repeated_least != accounts.completed.repeated_most:
        yield (
            "Ranges: after some interruptions no checkpoint was seen, so between nothing and the whole stay "
            "in Training was repeated."
        )
    if accounts.completed.formula_percent is not None:
        yield (
            f"By SageMaker's formula alone, 1 - billable / training: {percent(accounts.completed.formula_percent)};"
            " it counts repeated training as saved, too."
        )
    yield source(savings)


def _open(savings: Savings) -> Iterator[str]:
    spent = savings.whole.amounts(savings.prices).open
    parts = []
    if savings.running:
        parts.append(f"{counted(savings.running, 'job')} running now")
    if spent.attempts:
        parts.append(
            f"{amount(spent.paid)} {savings.unit} on {counted(spent.attempts, 'attempt')} whose lineages are "
            "still running"
        )
    if parts:
        yield f"Not counted yet: {'; '.join(parts)}."


def source(savings: Savings) -> str:
    """Where the amounts come from; without prices, what to do to see money."""
    prices = savings.prices
    if prices is None:
        return (
            "Amounts are instance-hours because no prices are known. To see money: spotter prices, then "
            "--prices prices.json, or deploy the file beside spotter.toml."
        )
    dated = prices.published or prices.fetched
    return (
        f"List prices of {prices.region} as of {dated:%Y-%m-%d}, on demand, in {prices.currency}: without "
        "Savings Plans, discounts and storage."
    )


def cells(totals: Totals, savings: Savings, columns: Sequence[str] = COLUMNS) -> tuple[str, ...]:
    """These columns of one group; a dash where there is no figure."""
    accounts = totals.amounts(savings.prices)
    done, lost = accounts.completed, accounts.no_result
    known = bool(done.attempts)
    shown = {
        "attempts": f"{totals.attempts:,}",
        "paid": amount(done.paid) if known else ABSENT,
        "on demand": amounts(done.on_demand) if known else ABSENT,
        "saved": amounts(done.saved) if known else ABSENT,
        "saved %": percents(done.saved_percent) if known else ABSENT,
        "interruptions cost": amounts(done.interruptions_cost) if known else ABSENT,
        "no result": amount(lost.paid) if lost.attempts else ABSENT,
        "waited": words(totals.waited),
    }
    return tuple(shown[column] for column in columns)


def amount(value: Fraction) -> str:
    """`12,480`, or `12.48` of a small one."""
    return f"{round(value):,}" if abs(value) >= WHOLE_FROM else f"{float(round(value, 2)):.2f}"


def amounts(bounds: AmountRange) -> str:
    """`12,000 to 12,480`, or one figure where both are shown alike."""
    least, most = bounds
    if max(abs(least), abs(most)) >= WHOLE_FROM:
        return _range(f"{round(least):,}", f"{round(most):,}")
    return _range(amount(least), amount(most))


def exact(value: Fraction) -> str:
    """To the cent: `12,480.37`."""
    return f"{float(round(value, 2)):,.2f}"


def exacts(bounds: AmountRange) -> str:
    return _range(exact(bounds.least), exact(bounds.most))


def percent(value: Fraction) -> str:
    return f"{round(value)} %"


def percents(bounds: PercentRange | None) -> str:
    """`52 to 54 %`, or `at most 54 %` where the lower bound is no number."""
    if bounds is None:
        return ABSENT
    if bounds.least is None:
        return f"at most {percent(bounds.most)}"
    return f"{_range(str(round(bounds.least)), str(round(bounds.most)))} %"


def time(totals: Totals) -> str:
    """`38 h`, or minutes where it is less than an hour."""
    waited = totals.waited
    return f"{round(waited / HOUR):,} h" if waited >= HOUR else words(waited)


def _range(least: str, most: str) -> str:
    return most if least == most else f"{least} to {most}"
