"""Where a restarted attempt began, from what it printed and saved, where no hook observed its steps.

Theory. The uninterrupted run is the measure: its lines that name a step, or else its uploads, are in order. What a restarted
attempt prints first stands somewhere among them. An attempt that begins where the
uninterrupted run began has started over, unless its checkpoint was saved before the first such line.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from spotter.core.checkpoints import names
from spotter_cli.rehearse.observed.printed import Position, PrintedStep
from spotter_cli.rehearse.verdict.evidence import AttemptEvidence, UploadedFile

Numbers = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class ProgressScale:
    """The steps of the uninterrupted run that its lines name: the form of those lines, and their positions in order."""

    form: str
    positions: tuple[Position, ...]
    seconds_each: float

    @classmethod
    def of(cls, runs: Sequence[AttemptEvidence]) -> "ProgressScale | None":
        """Of the form that the first run printed most; None if no form's positions are in order."""
        counts = Counter(step.form for step in runs[0].steps)
        for form, count in counts.most_common(5):
            steps = _of_form(runs[0].steps, form)
            positions = [step.position for step in steps]
            if count > 1 and positions == sorted(positions) and positions[0] < positions[-1]:
                distinct = tuple(dict.fromkeys(positions))
                spans = [b.at - a.at for a, b in pairwise(steps)]
                return cls(form, distinct, median(spans))
        return None

    def begun(self, attempt: AttemptEvidence) -> int | None:
        """How many steps lie before the first one that an attempt printed; None if it printed none."""
        found = _of_form(attempt.steps, self.form)
        return self._before(found[0]) if found else None

    def done(self, attempt: AttemptEvidence, until: float | None = None) -> int:
        """How many steps an attempt had reached, at its end or so many seconds after its start."""
        found = [s for s in _of_form(attempt.steps, self.form) if until is None or s.at <= until]
        return max((self._before(step) + 1 for step in found), default=0)

    def _before(self, step: PrintedStep) -> int:
        return bisect_left(self.positions, step.position)


def _of_form(steps: Sequence[PrintedStep], form: str) -> list[PrintedStep]:
    return [step for step in steps if step.form == form]


def started_over_by_uploads(
    reference: AttemptEvidence, reader: AttemptEvidence, held: int
) -> bool | None:
    """Whether the reader's uploads begin again; `held` of the reference's uploads are in its checkpoint.

    Equal bytes tell it, if the uninterrupted run uploaded them once; else the first name with a number that grows.
    """
    if held < 1 or not reader.saves or len(reference.saves) < 2:
        return None
    once = Counter(one.digest for one in reference.saves)
    digests = [one.digest for one in reference.saves]
    for own in reader.saves:
        if once[own.digest] == 1:
            return _is_of_the_first_save(reference.saves, digests.index(own.digest))
    growing = _growing(reference.saves)
    for own in reader.saves:
        first = growing.get(names.pattern(own.name))
        if first is not None:
            return names.numbers(own.name) <= first
    return None


def _is_of_the_first_save(saves: Sequence[UploadedFile], place: int) -> bool:
    """True if no file of its kind, or of another one, was saved a second time before."""
    kinds = [names.pattern(one.name) for one in saves[: place + 1]]
    return len(set(kinds)) == len(kinds)


def _growing(saves: Sequence[UploadedFile]) -> dict[str, Numbers]:
    """Of each kind of name whose numbers grew from save to save: the first ones."""
    numbers: dict[str, list[Numbers]] = {}
    for one in saves:
        numbers.setdefault(names.pattern(one.name), []).append(names.numbers(one.name))
    return {
        kind: found[0]
        for kind, found in numbers.items()
        if found == sorted(found) and found[0] < found[-1]
    }
