"""What spot saved, as tables: absent figures are shown as absent."""

from collections.abc import Mapping

from spotter.core.instants import words
from spotter.core.pictures.elements import Element, el
from spotter.core.pictures.tables import ABSENT, hours, money, percent, table
from spotter.core.savings import Bill

COLUMNS = ("jobs", "with figures", "paid", "on demand", "saved", "redone at most", "waited")


def savings_table(caption: str, name: str, bills: Mapping[str, Bill], *, in_money: bool) -> Element:
    """A row for each group; in money where prices are known, else in instance-hours."""
    if not bills:
        return el("p", f"{caption}: no job, so no figure.", class_="words")
    rows = [(group, *figures(one, in_money=in_money)) for group, one in bills.items()]
    return table(caption, (name, *COLUMNS), rows, figures=range(1, len(COLUMNS) + 1))


def figures(bill: Bill, *, in_money: bool) -> tuple[str, ...]:
    """The columns of one group. `saved` is from the least that is certain to SageMaker's figure."""
    if not bill.told:
        paid = trained = redone = money(None)
    elif in_money:
        paid, trained, redone = money(bill.paid), money(bill.on_demand), money(bill.redone)
    else:
        paid, trained = hours(bill.paid_hours), hours(bill.trained_hours)
        redone = hours(bill.redone_hours)
    waited = words(bill.waited)
    return str(bill.jobs), str(bill.told), paid, trained, saved(bill), redone, waited


def saved(bill: Bill) -> str:
    """`61 to 70 %`, one figure where both are alike, or that there is none.

    Where nothing is certain at the least, since more may have been redone than was paid for twice
    over or nobody knows how much, it is `at most 70 %`.
    """
    least, most = bill.saved_at_least_percent, bill.saved_percent
    if most is None:
        return ABSENT
    if least is None or least < -100:
        return f"at most {percent(most)}"
    return percent(most) if round(least) == round(most) else f"{least:.0f} to {percent(most)}"
