"""Figures of reports as text, the same in terminals and in HTML; what is absent is shown as absent."""

from spotter.core.model import instances
from spotter.core.model.times import words
from spotter.core.reports.lineage import AttemptView, LineageView
from spotter.core.reports.savings import Bill

ABSENT = "\N{EM DASH}"
"""An absent figure; a zero is written as a zero."""

COLUMNS = ("jobs", "with figures", "paid", "on demand", "saved", "redone at most", "waited")


def percent(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.0f} %"


def hours(value: float | None) -> str:
    return ABSENT if value is None else f"{value:,.1f} h"


def money(value: float | None) -> str:
    return ABSENT if value is None else f"{value:,.2f}"


def figures(bill: Bill, *, in_money: bool) -> tuple[str, ...]:
    """The columns of one group. `saved` is from the least that is certain to SageMaker's figure."""
    if not bill.with_figures:
        paid = trained = redone = money(None)
    elif in_money:
        paid, trained, redone = money(bill.paid), money(bill.on_demand), money(bill.redone)
    else:
        paid, trained = hours(bill.paid_hours), hours(bill.trained_hours)
        redone = hours(bill.redone_hours)
    waited = words(bill.waited)
    return str(bill.jobs), str(bill.with_figures), paid, trained, saved(bill), redone, waited


def saved(bill: Bill) -> str:
    """`61 to 70 %`, one figure where both are alike, or that there is none.

    Where nothing is certain at the least, since more may have been redone than was paid for twice
    over or it is not known how much, it is `at most 70 %`.
    """
    least, most = bill.saved_at_least_percent, bill.saved_percent
    if most is None:
        return ABSENT
    if least is None or least < -100:
        return f"at most {percent(most)}"
    return percent(most) if round(least) == round(most) else f"{least:.0f} to {percent(most)}"


def in_words(view: LineageView) -> str:
    """The picture in words; an absent figure is named as absent."""
    most = "" if view.lost_exactly else "at most "
    saved = "no savings figure" if view.saved is None else f"saved {view.saved:.0f} %"
    parts = [
        counted(len(view.attempts), "attempt"),
        counted(view.interruptions, "interruption"),
        f"trained {words(view.trained)}",
        f"waited {words(view.waited)}",
        f"{most}{words(view.lost)} lost",
        saved,
    ]
    return ", ".join(parts)


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def attempt_in_words(view: AttemptView) -> str:
    """`Attempt 2: nightly-7-a2-…, on demand, 1 x ml.g5.xlarge: Completed`."""
    head = view.head
    capacity = instances.capacity(head.instances, spot=head.spot)
    return f"Attempt {head.attempt.number}: {head.id.name}, {capacity}: {view.outcome}"
