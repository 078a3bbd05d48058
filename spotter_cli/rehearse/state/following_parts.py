"""What shows in the steps that follow a restart: random numbers, samples, and the count of steps."""

from collections.abc import Callable, Mapping, Sequence

from spotter_cli.rehearse.observed.observations import AttemptObservations, TrainingStep
from spotter_cli.rehearse.state.restart_evidence import (
    FIRST_STEPS,
    Agreement,
    PartComparison,
    Restart,
    StatePart,
    compared,
    noisy,
    repeated,
)

AGREES, LOST, UNKNOWN = Agreement.AGREES, Agreement.LOST, Agreement.UNKNOWN
FROM_GLOBAL_RNG = frozenset({"RandomSampler", "WeightedRandomSampler", "SubsetRandomSampler"})
"""PyTorch's samplers that draw from the global generator unless they have one of their own."""


def compare_rng(restart: Restart) -> PartComparison:
    drawn = [name for name in sorted(_generators(restart)) if _drawn_in_steps(restart.fresh, name)]
    fixed = [name for name in drawn if not noisy(restart.fresh, _state_of(name))]
    pairs = [
        (name, now[name], before[name])
        for now, before in restart.pairs(_rng_states)
        for name in fixed
        if name in now and name in before
    ]
    lost = dict.fromkeys(name for name, now, before in pairs if now != before)
    if lost and _same_losses(restart):
        detail = "the first losses after the restart are those of the same steps, so the numbers drawn are, too"
        return compared(StatePart.RNG, AGREES, detail)
    if lost:
        detail = f"the generator of {' and '.join(lost)} is in another state than in the same step"
        return compared(StatePart.RNG, LOST, detail)
    if pairs:
        return compared(StatePart.RNG, AGREES, "random numbers are those of the same steps")
    if drawn and not fixed:
        return compared(StatePart.RNG, UNKNOWN, "uninterrupted runs draw other random numbers, too")
    if _generators(restart) and not drawn:
        return compared(StatePart.RNG, AGREES, "no step draws random numbers")
    return compared(StatePart.RNG, UNKNOWN, "no random numbers were observed in the same steps")


def compare_what_was_learnt(restart: Restart, sampler: PartComparison) -> PartComparison | None:
    """Where neither samples nor generators are seen: the same trees, or the same loss, must follow."""
    read: list[tuple[str, Callable[[TrainingStep], object]]] = [
        ("the trees that were added next differ", lambda step: step.update)
    ]
    if sampler.agreement is AGREES:
        read.append(("the same samples gave another loss", lambda step: step.loss))
    for what, of in read:
        now, before = _first_and_same(restart, of)
        if None not in (now, before) and now != before and repeated(restart.fresh, of):
            return compared(StatePart.RNG, LOST, f"{what}, though the state is that of the save")
    return None


def _first_and_same(
    restart: Restart, of: Callable[[TrainingStep], object]
) -> tuple[object, object]:
    """What the reader learnt in its first step, and what was learnt there before from the same weights.

    The writer may have been killed before that step. A run from a first start stands in for it only if it had the weights that
    were saved: after an earlier restart that lost something, the training has gone another way.
    """
    first = restart.reader.steps[0]
    before = restart.in_same_step(first.number, of, writer_only=True)
    if before is None and any(_had_saved_weights(run, restart) for run in restart.fresh):
        before = restart.in_same_step(first.number, of)
    return of(first), before


def _had_saved_weights(run: AttemptObservations, restart: Restart) -> bool:
    wanted = restart.saved.state.parts.get("weights")
    return any(
        state.moment in ("save", "snapshot")
        and state.sure
        and state.step == restart.saved.step
        and state.parts.get("weights") == wanted
        for state in run.states
    )


def compare_sampler(restart: Restart, same_model: bool = True) -> PartComparison:
    """By the samples' places, else by what the model was given.

    What a model is given may come from another model, or from itself (GAN, reinforcement learning). So where the state is another
    one (`same_model` is false), only the first step's input is compared: it was made before anything was learnt. And the
    input of an uninterrupted run counts only if that had the weights that were saved.
    """
    batches = restart.pairs(_batch)
    went_another_way = not any(_had_saved_weights(run, restart) for run in restart.fresh)
    inputs = restart.pairs(_input, went_another_way, FIRST_STEPS if same_model else 1)
    seen = [
        (of, what, pairs)
        for of, what, pairs in (
            (_batch, "samples", batches),
            (_input, "inputs of the model", inputs),
        )
        if pairs
    ]
    fixed = [one for one in seen if repeated(restart.fresh, one[0])]
    if seen and not fixed:
        detail = f"uninterrupted runs have other {seen[0][1]}, too"
        return compared(StatePart.SAMPLER, UNKNOWN, detail)
    if not seen:
        return compared(StatePart.SAMPLER, UNKNOWN, "the order of the samples was not observed")
    _, what, pairs = fixed[0]
    if any(now != before for now, before in pairs):
        detail = f"the {what} after the restart are not those of the same steps"
        return compared(StatePart.SAMPLER, LOST, detail)
    return compared(StatePart.SAMPLER, AGREES, f"the {what} are those of the same steps")


def order_follows_rng(restart: Restart, rng: PartComparison) -> bool:
    """True if a lost generator explains other samples: a new pass over the data drew its order from it."""
    if rng.agreement is not LOST:
        return False
    if not restart.reader.loaders:
        return True
    last = restart.reader.loaders[0]
    at_an_epoch = bool(last.batches) and restart.saved.step % (last.batches or 1) == 0
    return last.sampler in FROM_GLOBAL_RNG and not last.own_generator and at_an_epoch


def compare_counter(restart: Restart) -> PartComparison:
    pairs = restart.pairs(lambda step: step.counter)
    if any(a != b for a, b in pairs):
        now, before = next((a, b) for a, b in pairs if a != b)
        detail = f"the framework counts {now} steps where it counted {before} before"
        return compared(StatePart.COUNTER, LOST, detail)
    if wrong := _wrong_number(restart):
        return compared(StatePart.COUNTER, LOST, wrong)
    totals = {run.finished_steps for run in restart.whole}
    reader = restart.reader
    if len(restart.whole) > 1 and len(totals) == 1 and reader.ended and not reader.error:
        (total,), made = totals, restart.saved.step + reader.finished_steps
        if made > total:
            detail = f"training ended after {made} steps instead of {total}"
            return compared(StatePart.COUNTER, LOST, detail)
        if made == total:
            return compared(StatePart.COUNTER, AGREES, f"training ended after {total} steps")
    if pairs:
        return compared(StatePart.COUNTER, AGREES, "the framework counts the same steps")
    return compared(StatePart.COUNTER, UNKNOWN, "the restarted attempt did not come to its end")


def at_another_place(restart: Restart) -> bool:
    """True if samples, inputs and random numbers of the first steps are all those of as many steps before or after.

    The step counter alone explains that: a script may seed each epoch by its number.
    """
    all_of = [of for of in (_batch, _input, _rng_states) if restart.pairs(of)]
    if not all_of:
        return False
    return bool(set.intersection(*(_places(restart, of) for of in all_of)) - {0})


def _places(restart: Restart, of: Callable[[TrainingStep], object]) -> set[int]:
    """By how many steps the reader's first ones are off, if an uninterrupted run had the same in them, and not one value only."""
    mine = [(step.number, of(step)) for step in restart.reader.steps[:FIRST_STEPS]]
    if any(value is None for _, value in mine) or len({str(value) for _, value in mine}) < 2:
        return set()
    found = set()
    for run in restart.fresh:
        known = {step.number: of(step) for step in run.steps}
        for begin in (number for number, value in known.items() if value == mine[0][1]):
            shift = begin - restart.saved.step - mine[0][0]
            at = restart.saved.step + shift
            if at >= 0 and all(known.get(at + number) == value for number, value in mine):
                found.add(shift)
    return found


def _wrong_number(restart: Restart) -> str:
    """A whole number in the checkpoints that grows with the steps, and does not do so over the restart."""
    known: dict[str, dict[int, int]] = {}
    for run in restart.fresh:
        for use in run.files:
            for name, value in use.numbers.items():
                known.setdefault(name, {})[use.step] = value
    for name, points in known.items():
        if not _grows_evenly(points):
            continue
        for use in restart.reader.files:
            total = restart.saved.step + use.step
            number = use.numbers.get(name)
            if number is not None and points.get(total, number) != number and use.step:
                return f"`{name}` in the checkpoint is {number} where it was {points[total]} in the same step"
    return ""


def _grows_evenly(points: Mapping[int, int]) -> bool:
    """True if each save raised the number, and all by as much for each step."""
    steps = sorted(points)
    if len(steps) < 3:
        return False
    first, last = steps[0], steps[-1]
    slope = (points[last] - points[first]) / (last - first)
    if slope <= 0:
        return False
    return all(abs(points[first] + slope * (step - first) - points[step]) <= 1 for step in steps)


def epoch_again(restart: Restart) -> bool:
    """True if as many steps are too many as the interrupted epoch had: it was begun again."""
    totals = {run.finished_steps for run in restart.whole}
    loaders = [one.batches for one in restart.reader.loaders[:1] if one.batches]
    if len(totals) != 1 or not loaders or not restart.reader.ended:
        return False
    more = restart.saved.step + restart.reader.finished_steps - totals.pop()
    return 0 < more == restart.saved.step % loaders[0]


def _generators(restart: Restart) -> set[str]:
    return {name for run in restart.fresh for step in run.steps for name in step.rng}


def _drawn_in_steps(runs: Sequence[AttemptObservations], name: str) -> bool:
    """True if a generator moved between two steps without a new pass over the data, which draws a seed."""
    return any(
        a.rng[name] != b.rng[name]
        for run in runs
        for a, b in zip(run.steps, run.steps[1:], strict=False)
        if a.number + 1 == b.number and a.loaders == b.loaders and name in a.rng and name in b.rng
    )


def _same_losses(restart: Restart) -> bool:
    """True if the losses are equal bit for bit: a script may seed anew in each step, just after it was observed.

    Losses tell only if uninterrupted runs agree on them, and differ from step to step.
    """
    pairs = restart.pairs(_loss)
    return (
        len(pairs) > 1
        and all(now == before for now, before in pairs)
        and len({before for _, before in pairs}) > 1
        and repeated(restart.fresh, _loss)
    )


def _loss(step: TrainingStep) -> float | None:
    return step.loss


def _rng_states(step: TrainingStep) -> Mapping[str, str] | None:
    return step.rng or None


def _batch(step: TrainingStep) -> str | None:
    return step.batch


def _input(step: TrainingStep) -> str | None:
    return step.input


def _state_of(name: str) -> Callable[[TrainingStep], str | None]:
    return lambda step: step.rng.get(name)
