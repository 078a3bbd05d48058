"""Policies replayed on trace files: reading the files, drawing the windows, and the table."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from spotter.core.model.times import counted, words
from spotter.core.replay.availability import Availability, NoTrace
from spotter.core.replay.policies import (
    ON_DEMAND_ONLY,
    SPOT_ONLY,
    HandOver,
    Ladder,
    UniformProgress,
)
from spotter.core.replay.policy_comparison import CreationWindow, PolicyComparison, compare
from spotter.core.replay.policy_interface import ReplayPolicy, Workload
from spotter_cli.errors import CommandError
from spotter_cli.output.terminal import counting, print_note, put, table, window

COLUMNS = ("policy", "cost", "95 % below", "highest", "late", "attempts", "over optimum")
FIGURES = (1, 2, 3, 4, 5, 6)
LEAST_NEEDED = (5, 3, 2, 6)
"""What a narrow window leaves out first: attempts, highest, 95 % below, over optimum."""
Pools = Sequence[Availability]


def read_pools(path: Path, *, together: bool) -> list[Pools]:
    """The traces at a path, each alone, or those of each folder `together`, once from each of them on.

    CommandError if there is no trace, or a file is none.
    """
    files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
    if not files:
        raise CommandError(f"{path} holds no trace: files whose names end in .json are expected.")
    folders: dict[Path, list[Availability]] = {}
    for file in files:
        folders.setdefault(file.parent, []).append(_read(file))
    if not together:
        return [[trace] for traces in folders.values() for trace in traces]
    return [
        (*traces[first:], *traces[:first])
        for traces in folders.values()
        for first in range(len(traces))
    ]


def _read(file: Path) -> Availability:
    try:
        return Availability.read(str(file), file.read_text())
    except NoTrace as error:
        raise CommandError(f"{error}.") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise CommandError(f"{file} cannot be read: {reason}.") from None


def draw_windows(
    pools: Sequence[Pools], job: Workload, each: int, seed: int, longest: float = 0.0
) -> list[CreationWindow]:
    """Creations at random instants of each trace, so that its deadline lies within it; CommandError if none can.

    With `longest`, a deadline of so many seconds would, too: jobs of several lengths then have the same windows.
    """
    dice = random.Random(seed)
    found = []
    for some in pools:
        room = min(trace.length for trace in some) - max(job.deadline, longest)
        if room < 0:
            raise CommandError(
                f"{some[0].name} is shorter than the deadline of {words(timedelta(seconds=job.deadline))}: "
                "use a longer trace or an earlier deadline."
            )
        found += [
            CreationWindow(some, dice.uniform(0, room), dice.uniform(0, job.look))
            for _ in range(each)
        ]
    return found


def compare_policies(
    job: Workload, windows: Iterable[CreationWindow], patience: float | None, *, with_optimum: bool
) -> PolicyComparison:
    """Spotter's policy beside the others; with `patience` also Spotter's policy that stays in its pool."""
    policies: list[ReplayPolicy] = [HandOver()]
    if patience is not None:
        policies.insert(0, HandOver("hand over, next pool", patience))
    policies += [ON_DEMAND_ONLY, SPOT_ONLY, Ladder(), UniformProgress()]
    return compare(job, counting(windows, "windows"), policies, with_optimum=with_optimum)


def print_comparison(found: PolicyComparison, job: Workload, traces: int) -> None:
    """The table, and what its figures are shares of."""
    shown, optimum = len(COLUMNS), " The optimum knows the future."
    if found.optimum is None:
        shown, optimum = shown - 1, ""
    rows = [row[:shown] for row in _rows(found)]
    least = [place for place in LEAST_NEEDED if place < shown]
    put(table(COLUMNS[:shown], rows, FIGURES[: shown - 1], drop=least, width=window()))
    windows = len(found.results[0].costs)
    print_note(
        f"Cost is a share of on demand alone. {counted(windows, 'creation')} on {counted(traces, 'trace')}; each job "
        f"needs {words(timedelta(seconds=job.work))} and must be finished after "
        f"{words(timedelta(seconds=job.deadline))}. Late: not finished by then.{optimum}"
    )


def _rows(found: PolicyComparison) -> Iterator[tuple[str, ...]]:
    for one in found.results:
        comparable = found.optimum is not None and not one.late
        gap = f"{100 * (one.mean - (found.optimum or 0)):.1f} points" if comparable else "-"
        yield (
            one.name,
            f"{100 * one.mean:.1f} %",
            f"{100 * one.quantile(0.95):.1f} %",
            f"{100 * max(one.costs):.1f} %",
            f"{100 * one.late / len(one.costs):.0f} %",
            f"{one.attempts / len(one.costs):.1f}",
            gap,
        )
    if found.optimum is not None:
        share = f"{100 * found.optimum:.1f} %"
        yield ("optimum", share, "-", "-", "0 %", "-", "0 points")
