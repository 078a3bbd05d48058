"""Whether the attempt that read a checkpoint had the state of the attempt that wrote it.

Training may be noisy; a restart may not. Just before its first step, the restarted attempt must have the
weights and the optimizer state that the writer had when it saved, and in its first steps the learning rate,
the random numbers and the samples that the writer had in the steps after that save. So the comparison is
exact, and needs no tolerance for noise. It asks in this order:

1. Which checkpoint was read? The one whose file has the digest of what was read; else the one whose trained
   weights the restarted attempt has. A weight is trained if it changed between the writer's start and the
   save, so that a constant bias proves nothing.
2. None? Then the attempt started over, if its weights are those of a first start, or if it read nothing and
   agrees with no save. Else no state can be compared, and the reason is given.
3. Which part differs? Samples and random numbers are compared only if uninterrupted runs agree on them, since
   a script without a seed draws other ones each time, and is not wrong.

Steps are counted over all attempts of a rehearsal: `resumed_from` is how many steps the checkpoint holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spotter_cli.rehearse.observed.observations import AttemptObservations, TrainingState
from spotter_cli.rehearse.state.restart_evidence import (
    Agreement,
    PartComparison,
    Restart,
    SavedState,
    StatePart,
    first_values,
    trained,
)
from spotter_cli.rehearse.state.state_parts import compare_parts

SAVES = frozenset({"save", "snapshot", "found", "end"})


@dataclass(frozen=True)
class StateComparison:
    """A restarted attempt held against the one that wrote its checkpoint.

    `writer` is that attempt's index. `resumed_from` is 0 for an attempt that started over, None if unknown.
    `started_over` is None if unknown. `not_compared` is the reason if no state could be compared, else empty.
    """

    resumed_from: int | None = None
    writer: int | None = None
    started_over: bool | None = None
    parts: tuple[PartComparison, ...] = ()
    not_compared: str = ""

    @property
    def compared(self) -> bool:
        """True if the weights were compared: without them nothing says that training continues."""
        return any(
            one.part is StatePart.WEIGHTS and one.agreement is not Agreement.UNKNOWN
            for one in self.parts
        )

    @property
    def lost(self) -> tuple[StatePart, ...]:
        return tuple(one.part for one in self.parts if one.agreement is Agreement.LOST)


def compare_restart(
    attempts: Sequence[AttemptObservations],
    began: Sequence[int | None],
    uninterrupted: Sequence[AttemptObservations] = (),
) -> StateComparison:
    """The last attempt with those before it, of which `began` holds the step over all at which each began."""
    *earlier, reader = attempts
    reason = _cannot_compare(reader, earlier)
    if reason:
        return StateComparison(not_compared=reason)
    saves = list(saved_states(earlier, began))
    saved = _saved_that_was_read(reader, earlier, saves)
    if saved is None:
        return _without_a_checkpoint(reader, earlier, saves, uninterrupted)
    restart = Restart(
        reader=reader,
        writer=earlier[saved.attempt],
        writer_began=began[saved.attempt] or 0,
        saved=saved,
        fresh=(*uninterrupted, earlier[0]),
        whole=tuple(run for run in uninterrupted if run.ended is not None and not run.error),
    )
    return StateComparison(
        resumed_from=saved.step,
        writer=saved.attempt,
        started_over=False,
        parts=tuple(compare_parts(restart)),
    )


def saved_states(
    attempts: Sequence[AttemptObservations], began: Sequence[int | None]
) -> list[SavedState]:
    """The states in which checkpoints were written, of attempts whose beginning is known.

    Where a thread wrote one while the training went on, it holds an earlier state than that which was observed then.
    """
    return [
        SavedState(number, first + state.step, state)
        for number, (attempt, first) in enumerate(zip(attempts, began, strict=True))
        if first is not None
        for state in attempt.states
        if state.moment in SAVES and state.sure and state.parts.get("weights")
    ]


def _cannot_compare(reader: AttemptObservations, earlier: Sequence[AttemptObservations]) -> str:
    everyone = (reader, *earlier)
    if any(one.processes > 1 or one.training_processes > 1 for one in everyone):
        return "several processes trained together, which is not rehearsed"
    if not first_values(reader, "weights"):
        return "no step of the restarted attempt was observed"
    if not any(first_values(one, "weights") for one in earlier):
        return "no step of an earlier attempt was observed"
    return ""


def _saved_that_was_read(
    reader: AttemptObservations,
    earlier: Sequence[AttemptObservations],
    saves: Sequence[SavedState],
) -> SavedState | None:
    weights = first_values(reader, "weights")
    scored = [(_share(earlier[one.attempt], one.state, weights), one) for one in saves]
    by_file = _written_by(reader, earlier)
    likely = [pair for pair in scored if (pair[1].attempt, pair[1].state.step) in by_file]
    whole = [pair for pair in scored if pair[0] == 1]
    some = [pair for pair in scored if pair[0] > 0]
    for pairs in (whole, likely, some):
        if pairs:
            return max(reversed(pairs), key=lambda pair: pair[0])[1]
    return None


def _share(
    writer: AttemptObservations, saved: TrainingState, weights: Mapping[str, object]
) -> float:
    """How much of what the writer had trained the reader has: from 0 to 1."""
    names = trained(writer, saved)
    if not names:
        return 0.0
    return sum(weights.get(name) == value for name, value in names.items()) / len(names)


def _written_by(
    reader: AttemptObservations, earlier: Sequence[AttemptObservations]
) -> set[tuple[int, int]]:
    """The attempts and their steps that wrote the files that the reader read, by the files' digests."""
    read = {use.digest for use in reader.reads if use.digest}
    return {
        (number, use.step)
        for number, attempt in enumerate(earlier)
        for use in attempt.files
        if use.operation == "written" and use.digest in read
    }


def _without_a_checkpoint(
    reader: AttemptObservations,
    earlier: Sequence[AttemptObservations],
    saves: Sequence[SavedState],
    uninterrupted: Sequence[AttemptObservations],
) -> StateComparison:
    """The reader's weights are of no save that was observed."""
    weights = first_values(reader, "weights")
    starts = [first_values(run, "weights") for run in (earlier[0], *uninterrupted)]
    if any(start == weights for start in starts if start):
        return StateComparison(resumed_from=0, started_over=True)
    if not reader.reads and (saves or not any(one.files for one in earlier)):
        return StateComparison(resumed_from=0, started_over=True)
    if not saves:
        return StateComparison(not_compared="no state was observed when a checkpoint was written")
    return StateComparison(
        not_compared="the restarted attempt read a checkpoint, but its weights are of no state "
        "that was observed at a save"
    )
