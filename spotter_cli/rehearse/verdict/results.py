"""The end of the interrupted training held against two uninterrupted runs, whose difference is the noise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from spotter.core.checkpoints import names
from spotter_cli.rehearse.observed.printed import Position
from spotter_cli.rehearse.verdict.artifacts import Sameness, compare_artifacts
from spotter_cli.rehearse.verdict.evidence import AttemptEvidence, EndedBy

Curve = Mapping[tuple[str, Position], float]
ENOUGH_POINTS = 10
"""Values of one metric in both uninterrupted runs, below which their noise is not known."""
NOISY = (Sameness.NOISE, Sameness.SAME_BUT_FOR_TIMES)
"""Of these files alone, nothing follows: what agrees beside a time may be a constant."""
TELLING = 3
"""Different values that a metric must take, so that its agreement tells something."""
BEYOND_NOISE, MOST_OF_THEM = 5.0, 0.8
"""A difference is no noise if it is so many times the largest one between uninterrupted runs, at such a share of the points."""


@dataclass(frozen=True)
class ResultComparison:
    """`same` is None if noise hides a difference, or if there is nothing to compare. `by` is what was compared.

    `differs` names the files or metrics that differ. `noisy` is True if the uninterrupted runs differ.
    """

    same: bool | None
    by: str = ""
    differs: tuple[str, ...] = ()
    noisy: bool = False


def compare_results(
    uninterrupted: Sequence[AttemptEvidence], interrupted: Sequence[AttemptEvidence]
) -> ResultComparison:
    """By what was learnt, else by the other files, else by the checkpoints, else by the metrics."""
    if len(uninterrupted) < 2 or not interrupted or not interrupted[-1].ended_well:
        return ResultComparison(None)
    first, second = uninterrupted[:2]
    hidden, noisy = False, False
    for by, of in _kinds(first, second, interrupted[-1]):
        differs = tuple(name for name, one in of.items() if one is Sameness.DIFFERENT)
        hidden = hidden or Sameness.NOISE in of.values()
        noise = any(one in NOISY for one in of.values())
        noisy = noisy or noise
        if differs or (of and not noise):
            return ResultComparison(not differs, by, differs, noisy)
    by_metrics = _by_metrics(first, second, interrupted)
    if hidden and by_metrics.same:
        return ResultComparison(None, by_metrics.by, (), True)
    return replace(by_metrics, noisy=noisy or by_metrics.noisy)


def _kinds(
    first: AttemptEvidence, second: AttemptEvidence, last: AttemptEvidence
) -> Iterator[tuple[str, Mapping[str, Sameness]]]:
    if EndedBy.STEP_REACHED in (first.ended_by, second.ended_by, last.ended_by):
        yield "the last checkpoint that all have", _last_checkpoint(first, second, last)
        return
    final = compare_artifacts(first.final, second.final, last.final)
    learnt = {name: one for name, one in final.items() if names.is_state(name)}
    yield "the model at the end", learnt
    if not learnt:
        yield "the output at the end", final
    if not final:
        yield "the last checkpoint", _last_checkpoint(first, second, last)


def _last_checkpoint(
    first: AttemptEvidence, second: AttemptEvidence, last: AttemptEvidence
) -> Mapping[str, Sameness]:
    """Of the highest number that all have; where runs were ended at a step, no name without a number is compared."""
    common = first.checkpoints.keys() & second.checkpoints.keys() & last.checkpoints.keys()
    if first.ended_by is EndedBy.STEP_REACHED:
        common = {name for name in common if names.numbers(name)}
    if not common:
        return {}
    newest = max(common, key=lambda name: (names.numbers(name), name))
    each = ({newest: run.checkpoints[newest]} for run in (first, second, last))
    return compare_artifacts(*each)


def curve(attempts: Sequence[AttemptEvidence]) -> dict[tuple[str, Position], float]:
    """What attempts in a row printed, by metric and step; what was done again counts as it was at last."""
    return {
        (one.name, one.position): one.value
        for attempt in attempts
        for one in attempt.metrics
        if one.position is not None
    }


def _by_metrics(
    first: AttemptEvidence, second: AttemptEvidence, interrupted: Sequence[AttemptEvidence]
) -> ResultComparison:
    one, other, mine = curve([first]), curve([second]), curve(interrupted)
    common = one.keys() & other.keys()
    noisy = {key[0] for key in common if not _equal(one[key], other[key])}
    exact = {key[0] for key in common} - noisy
    by = "what it printed"
    wrong = sorted(name for name in exact if _ends_differently(name, one, mine))
    if wrong:
        return ResultComparison(False, by, tuple(wrong), bool(noisy))
    equal = all(_equal(one[key], mine[key]) for key in common & mine.keys() if key[0] in exact)
    telling = any(len({one[k] for k in common if k[0] == name}) >= TELLING for name in exact)
    if equal and telling and not noisy:
        return ResultComparison(True, by)
    after = min((m.position for m in interrupted[-1].metrics if m.position), default=None)
    beyond = sorted(name for name in noisy if _is_beyond_noise(name, one, other, mine, after))
    if beyond:
        return ResultComparison(False, f"{by}, beyond their noise", tuple(beyond), True)
    return ResultComparison(None, by, (), bool(noisy))


def _ends_differently(name: str, one: Curve, mine: Curve) -> bool:
    """True if the last value differs: a mean since the restart differs once, and means nothing."""
    last = max((key for key in one.keys() & mine.keys() if key[0] == name), default=None)
    return last is not None and not _equal(one[last], mine[last])


def _is_beyond_noise(
    name: str, one: Curve, other: Curve, mine: Curve, after: Position | None
) -> bool:
    keys = [key for key in one.keys() & other.keys() if key[0] == name]
    if len(keys) < ENOUGH_POINTS or after is None:
        return False
    noise = max(abs(one[key] - other[key]) for key in keys)
    later = [key for key in keys if key in mine and key[1] >= after]
    beyond = [
        key
        for key in later
        if min(abs(mine[key] - one[key]), abs(mine[key] - other[key])) > BEYOND_NOISE * noise
    ]
    return len(later) >= ENOUGH_POINTS // 2 and len(beyond) >= MOST_OF_THEM * len(later)


def _equal(one: float, other: float) -> bool:
    return one == other or (one != one and other != other)
