"""Pictures of lineages read back from a page, and held against the ledger's own rows."""

from datetime import datetime
from typing import Any

from spotter.core.model.timeline import FINAL
from spotter.core.model.times import ms
from spotter.core.reports.lineage import AttemptView, LineageView
from tests.support.generated_lineages import RecordedLineages

BARS = """() => { return [...document.querySelectorAll('figure.lineage')].map(figure => ({
  lineage: figure.dataset.lineage,
  bars: [...figure.querySelectorAll('svg.bar')].map(bar => ({
    ...bar.dataset, ...box(bar),
    stretches: [...bar.querySelectorAll('rect[data-status]')].map(r => (
      {...r.dataset, ...box(r), title: r.querySelector('title').textContent, kind: r.className.baseVal})),
    lost: [...bar.querySelectorAll('rect.lost')].map(r => (
      {...box(r), title: r.querySelector('title').textContent})),
    interruptions: [...bar.querySelectorAll('line')].map(l => (
      {...l.dataset, ...box(l), title: l.querySelector('title').textContent})),
  }))}));
function box(e) { const {left, right, top, bottom} = e.getBoundingClientRect();
                  return {left, right, top, bottom}; }
}"""
"""What each figure's bars say and where they are, as the browser has them."""

Bars = list[dict[str, Any]]


def agree(books: RecordedLineages, view: LineageView, bars: Bars) -> int:
    """The number of segments, each of which is a row of the ledger, and each row one of them."""
    assert len(bars) == len(view.attempts)
    return sum(_agrees(books, *pair) for pair in zip(view.attempts, bars, strict=True))


def _agrees(books: RecordedLineages, attempt: AttemptView, bar: dict[str, Any]) -> int:
    held = books.transitions(attempt.head.id)
    assert bar["job"] == attempt.head.id.name
    assert instant(bar["created"]) == ms(attempt.head.id.created)
    over = bool(held) and held[-1][0] in FINAL
    shown = held[:-1] if over else held
    segments = bar["stretches"]
    assert [(s["status"], instant(s["start"])) for s in segments] == shown
    ends = [start for _, start in held[1:]] + ([] if over else [ended(attempt)])
    assert [instant(s["end"]) for s in segments] == ends[: len(shown)]
    marks = [instant(one["at"]) for one in bar["interruptions"]]
    assert marks == [start for status, start in held if status == "Interrupted"]
    return len(segments)


def in_place(view: LineageView, bars: Bars) -> None:
    """Each segment begins and ends within a pixel of where its times are."""
    begin, end = ms(view.begin), max(ms(view.end), ms(view.begin) + 1000)
    for bar in bars:
        wide = bar["right"] - bar["left"]

        def at(when: str, bar: dict[str, Any] = bar, wide: float = wide) -> float:
            return float(bar["left"] + wide * (instant(when) - begin) / (end - begin))

        for one in bar["stretches"]:
            assert abs(one["left"] - at(one["start"])) <= 1
            assert abs(one["right"] - at(one["end"])) <= 1
            assert bar["top"] <= one["top"] < one["bottom"] <= bar["bottom"]
        for one in bar["interruptions"]:
            assert abs((one["left"] + one["right"]) / 2 - at(one["at"])) <= 1


def instant(text: str) -> int:
    """Milliseconds, of what a data attribute says."""
    return ms(datetime.fromisoformat(text))


def ended(attempt: AttemptView) -> int:
    """When the last stay ends of a job whose last word the ledger does not have."""
    if attempt.head.running:
        return ms(attempt.now)
    last = attempt.timeline.last
    assert last is not None
    return ms(attempt.head.ended or last.start)
