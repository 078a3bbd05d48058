"""The charts of docs/bench.md: horizontal bars in SVG, readable on light and on dark pages."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bench.prices import dollars

WIDTH, ROW, LEFT, RIGHT = 720, 24, 190, 90
COLOURS = {"Spotter": "#2a7de1", "usual design": "#b0782c", "": "#777"}
Bar = tuple[str, float, str, str]
"""Its name, its length, the figure beside it, and whose it is."""


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Lengths are to scale; the longest fills the width."""
    longest = max(length for _, length, _, _ in rows)
    height = ROW * (len(rows) + 1) + 12
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
            f'font-family="sans-serif" font-size="13" fill="#777" role="img" aria-label="{escape(title)}">'
        ),
        f'<text x="0" y="16" font-weight="bold">{escape(title)}</text>',
    ]
    for number, (name, length, figure, whose) in enumerate(rows, 1):
        y, wide = ROW * number + 4, (WIDTH - LEFT - RIGHT) * length / longest
        parts += [
            f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{LEFT}" y="{y + 2}" width="{max(wide, 1):.1f}" height="{ROW - 8}" fill="{COLOURS[whose]}"/>',
            f'<text x="{LEFT + wide + 6:.1f}" y="{y + 14}">{escape(figure)}</text>',
        ]
    return "\n".join((*parts, "</svg>", ""))


def of(figures: Mapping[str, Any]) -> dict[str, str]:
    """The charts of what was measured, by file name."""
    found: dict[str, str] = {}
    if "starts" in figures:
        found["cold-starts"] = _cold(figures["starts"]["cold"])
    if "lives" in figures:
        found["history"] = _history(figures["lives"]["long"])
        found["dollars"] = _dollars(figures["lives"])
    return found


def _cold(cold: Mapping[str, Any]) -> str:
    order = sorted(cold, key=lambda name: cold[name]["seconds"]["median"])
    rows = [
        (
            {"bare": "bare JSON handler", "usual": "the usual design"}.get(name, name),
            cold[name]["seconds"]["median"],
            f"{1000 * cold[name]['seconds']['median']:.0f} ms",
            {"bare": "", "usual": "usual design"}.get(name, "Spotter"),
        )
        for name in order
    ]
    return bars("Cold start to the end of the first event, processor time", rows)


def _history(long: Mapping[str, Any]) -> str:
    rows = [
        (f"{design}, {count}", logged, f"{logged / 1000:,.1f} kB", design)
        for design, found in long.items()
        for count, one in found
        for logged in [sum(one["used"]["logged"].values()) / one["transitions"]]
    ]
    return bars("Log of one transition, by how many the job has had", rows)


def _dollars(figures: Mapping[str, Any]) -> str:
    rows = [
        (f"{design}: {service}", amount, f"{amount:,.2f} USD", design)
        for design, by in dollars(figures["lives"]).items()
        for service, amount in by.items()
    ]
    return bars("A million jobs, in US dollars", rows)
