"""What spot saved, as tables: absent figures are shown as absent."""

from collections.abc import Mapping

from spotter.core.reports.html.elements import Element, el
from spotter.core.reports.html.tables import table
from spotter.core.reports.savings import Bill
from spotter.core.reports.text import COLUMNS, figures


def savings_table(caption: str, name: str, bills: Mapping[str, Bill], *, in_money: bool) -> Element:
    """A row for each group; in money where prices are known, else in instance-hours."""
    if not bills:
        return el("p", f"{caption}: no jobs, so no figures.", class_="words")
    rows = [(group, *figures(one, in_money=in_money)) for group, one in bills.items()]
    return table(caption, (name, *COLUMNS), rows, figures=range(1, len(COLUMNS) + 1))
