"""What a checkpoint holds itself: weights, optimizer state and learning rate, before and after a restart."""

import re
from collections.abc import Iterable, Mapping, Sequence
from math import isclose

from spotter.core.model.times import counted
from spotter_cli.rehearse.observed.observations import AttemptObservations, TrainingStep
from spotter_cli.rehearse.state.restart_evidence import (
    FIRST_STEPS,
    Agreement,
    PartComparison,
    Restart,
    StatePart,
    compared,
    first_values,
    noisy,
)

AGREES, LOST, UNKNOWN = Agreement.AGREES, Agreement.LOST, Agreement.UNKNOWN
_NUMBER = re.compile(r"(?<=\w)#[0-9]+(?=\.)")
ROUNDED = 0.01
"""Relative difference up to which a weight counts as rounded: bfloat16 keeps 8 bits, 0.4 %."""


def compare_weights(restart: Restart) -> PartComparison:
    saved = restart.saved.state.parts
    there = first_values(restart.reader, "weights")
    found = set(there.values())
    names = saved["weights"]
    lost = [
        name
        for name, value in names.items()
        if there.get(name) != value and (name in there or value not in found)
    ]
    if lost and _rounded(lost, saved.get("values") or {}, first_values(restart.reader, "values")):
        return compared(
            StatePart.WEIGHTS, LOST, f"rounded: {_named(lost, names)} in lower precision"
        )
    if lost:
        return compared(StatePart.WEIGHTS, LOST, f"{_named(lost, names)} not as they were saved")
    for part, what in (("buffers", "buffers"), ("copies", "values of a copy of the model")):
        if wrong := _lost_beside(restart, part):
            detail = f"{_named(wrong, saved[part], what)} not as they were saved"
            return compared(StatePart.WEIGHTS, LOST, detail)
    if beside := _lost_in_the_checkpoint(restart):
        detail = f"{', '.join(beside[:3])} of the checkpoint began anew, and not as saved"
        return compared(StatePart.WEIGHTS, LOST, detail)
    return compared(StatePart.WEIGHTS, AGREES, f"as saved: {counted(len(names), 'weight')}")


def _lost_beside(restart: Restart, part: str) -> list[str]:
    """Names of buffers, or of copies such as an average of the weights, that were not brought back.

    Only what changed while the writer trained counts; buffers may be observed before several forward passes.
    """
    saved = restart.saved.state.parts.get(part) or {}
    moments = {"forward"} if part == "buffers" else {"step"}
    seen = [s.parts.get(part) or {} for s in restart.reader.states if s.moment in moments]
    before = [s.parts.get(part) or {} for s in restart.writer.states if s.moment in moments]
    first: dict[str, object] = {}
    for values in before:
        first = {**values, **first}
    return [
        name
        for name, value in saved.items()
        if name in first
        and first[name] != value
        and any(name in values for values in seen)
        and all(value not in _alike(values, name) for values in seen if name in values)
    ]


def _alike(values: Mapping[str, object], name: str) -> set[object]:
    """The values of this name in all modules of one class: which of several copies is which is not known."""
    wanted = _NUMBER.sub("", name)
    return {value for other, value in values.items() if _NUMBER.sub("", other) == wanted}


def _lost_in_the_checkpoint(restart: Restart) -> list[str]:
    """What the checkpoint holds beside modules and optimizers, such as averaged weights, and what was not brought back.

    Only what changed while the writer trained counts, and what the reader had from its first step until its first save.
    """
    step = restart.saved.state.step
    saved = {
        name: value
        for state in restart.writer.states
        if state.moment == "beside" and state.sure and state.step == step
        for name, value in (state.parts.get("beside") or {}).items()
    }
    first, now = _began(restart.writer), _began(restart.reader)
    return [
        name
        for name, value in saved.items()
        if name in first and first[name] != value and name in now and now[name] != value
    ]


def _began(attempt: AttemptObservations) -> dict[str, object]:
    return {
        name: value
        for state in attempt.states
        if state.moment == "beside"
        for name, value in (state.parts.get("began") or {}).items()
    }


def _rounded(names: Iterable[str], saved: Mapping[str, object], now: Mapping[str, object]) -> bool:
    pairs = [(saved.get(name), now.get(name)) for name in names]
    return all(
        isinstance(old, list)
        and isinstance(new, list)
        and len(old) == len(new)
        and all(isclose(a, b, rel_tol=ROUNDED, abs_tol=1e-7) for a, b in zip(old, new, strict=True))
        for old, new in pairs
    )


def compare_optimizer(restart: Restart) -> PartComparison:
    saved = restart.saved.state.parts.get("optimizer")
    if saved is None:
        return compared(StatePart.OPTIMIZER, UNKNOWN, "the optimizer's state was not observed")
    if not saved:
        return compared(StatePart.OPTIMIZER, AGREES, "the optimizer has no state")
    there = first_values(restart.reader, "optimizer")
    lost = [name for name, value in saved.items() if there.get(name) != value]
    if not there:
        return compared(StatePart.OPTIMIZER, LOST, "the optimizer began without state")
    if lost:
        detail = f"{_named(lost, saved, 'values of the optimizer')} not as they were saved"
        return compared(StatePart.OPTIMIZER, LOST, detail)
    return compared(StatePart.OPTIMIZER, AGREES, f"as saved: {counted(len(saved), 'value')}")


def compare_schedule(restart: Restart) -> PartComparison:
    varies = noisy(restart.fresh, _lr)
    pairs = restart.pairs(_lr, writer_only=varies)
    if not pairs:
        return compared(
            StatePart.SCHEDULE, UNKNOWN, "no learning rate was observed in the same steps"
        )
    wrong = [(a, b) for a, b in pairs if not _same_rates(a, b)]
    if wrong:
        (now, before), *_ = wrong
        detail = f"the learning rate is {_rates(now)}, and was {_rates(before)} in the same step"
        return compared(StatePart.SCHEDULE, LOST, detail)
    later = [] if varies else restart.reader.steps[FIRST_STEPS:]
    known = [(step, same) for step in later if (same := restart.in_same_step(step.number, _lr))]
    for step, same in known:
        if step.lr and not _same_rates(step.lr, same):
            detail = f"the learning rate {step.number} steps after the restart is {_rates(step.lr)}, and was {_rates(same)} in the same step"
            return compared(StatePart.SCHEDULE, LOST, detail)
    followed = restart.reader.ended and known and len(known) == len(later)
    if _scheduler_differs(restart) and not followed:
        return compared(StatePart.SCHEDULE, LOST, "the scheduler counts from another step")
    return compared(StatePart.SCHEDULE, AGREES, "the learning rate is that of the same steps")


def _scheduler_differs(restart: Restart) -> bool:
    """Compared just before the step after the save, since a script may save before it moves the scheduler on."""
    first = restart.saved.state.step
    after = [
        state.parts["schedule"]
        for state in restart.writer.states
        if state.moment == "step" and state.step == first and "schedule" in state.parts
    ]
    now = first_values(restart.reader, "schedule")
    return bool(after and now and set(after[0]) == set(now) and after[0] != now)


def _lr(step: TrainingStep) -> tuple[float, ...] | None:
    return step.lr or None


def _same_rates(now: Sequence[float], before: Sequence[float]) -> bool:
    """Of the optimizers that both had: of several, the others make their first step after the first line was written."""
    return all(
        isclose(a, b, rel_tol=1e-9, abs_tol=1e-15) for a, b in zip(now, before, strict=False)
    )


def _rates(rates: Sequence[float]) -> str:
    return ", ".join(f"{rate:.6g}" for rate in dict.fromkeys(rates))


def _named(lost: Sequence[str], names: Mapping[str, object], what: str = "weights") -> str:
    some = ", ".join(lost[:3]) + (", …" if len(lost) > 3 else "")
    return f"{len(lost)} of {len(names)} {what} ({some}):"
