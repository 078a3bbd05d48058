"""A whole rehearsal: two uninterrupted runs, then the interrupted training, then the machines at each change.

All of it happens in one folder, and one process runs at a time. What is no longer needed is deleted at once.
"""

import random
import shutil
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from spotter_cli.errors import CommandError
from spotter_cli.rehearse.runs import gate
from spotter_cli.rehearse.runs.attempt import RunningAttempt
from spotter_cli.rehearse.runs.collect import collected, uploaded
from spotter_cli.rehearse.runs.kill_plan import (
    MachineLoss,
    TrainingSteps,
    TrainingTimes,
    given_losses,
    planned_by_steps,
    planned_by_time,
)
from spotter_cli.rehearse.stage.machine import StagedMachine, TrainingScript
from spotter_cli.rehearse.state.restart_evidence import FIRST_STEPS
from spotter_cli.rehearse.state.state_comparison import compare_restart
from spotter_cli.rehearse.times.measured import step_instants
from spotter_cli.rehearse.uploads.bucket import Contents, SimulatedBucket, StoredCopy, is_full
from spotter_cli.rehearse.uploads.uploaded_states import (
    UploadedState,
    chosen_states,
    uploaded_states,
)
from spotter_cli.rehearse.verdict.evidence import (
    NO_CHECKPOINT,
    AttemptEvidence,
    EndedBy,
    GateVerdict,
    RehearsalEvidence,
    RestartEvidence,
)
from spotter_cli.rehearse.verdict.positions import ProgressScale

MOST_CHANGES = 60
"""Changes of the checkpoint folder from which a machine is started, with `--at writes`."""
GRACE, SHORTEST_GRACE, PART = 120.0, 5.0, 0.1
"""SageMaker's seconds between SIGTERM and SIGKILL; a rehearsal that is short gets a tenth of its length."""
TRIES = 2
"""A training that is over before its first machine goes is tried again so often, with half the steps."""
SLACK, TIMES = 60.0, 4.0
"""A restarted attempt may take so many times as long as the uninterrupted run, and so many seconds more."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class RehearsalOptions:
    """What is rehearsed. `at` are seconds after each start, empty for random instants; `grace` None is the default.

    `longest` is how many seconds the first run may take; `until_step` ends each run at a step.
    """

    interruptions: int = 3
    at: tuple[float, ...] = ()
    at_writes: bool = False
    grace: float | None = None
    longest: float = 3600.0
    until_step: int | None = None
    seed: int = 1


@dataclass
class Rehearsal:
    """A rehearsal at work in a folder; `tell` gets one line about each run."""

    script: TrainingScript
    folder: Path
    options: RehearsalOptions
    tell: Progress = lambda _: None
    _count: int = 0
    _mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    _whole: float = 0.0
    _training: float = 0.0

    def run(self) -> RehearsalEvidence:
        """All runs; CommandError in one sentence if the disk is full."""
        try:
            return self._run()
        except OSError as error:
            if is_full(error):
                raise CommandError(
                    f"The disk of {self.folder} is full: free space, or name another folder with --folder."
                ) from None
            raise CommandError(f"The rehearsal cannot go on: {error}.") from None

    def _run(self) -> RehearsalEvidence:
        runs: list[AttemptEvidence] = []
        history = SimulatedBucket(self._made("bucket"), keeps_history=self.options.at_writes)
        for number in (1, 2):
            self.tell(f"Run {number} of 2 without an interruption")
            bucket = history if number == 1 else SimulatedBucket(self._made("bucket"))
            run = self._attempt(bucket, {}, self.options.longest)
            runs.append(run)
            if bucket is not history:
                shutil.rmtree(bucket.folder)
            if problem := _problem(run, number):
                return RehearsalEvidence(tuple(runs), problem=problem)
            self._whole = max(self._whole, run.seconds)
        steps = step_instants(runs[0], ProgressScale.of(runs))
        self._training = steps[-1] - steps[0] if len(steps) > 1 else self._whole
        evidence = self._interrupted(runs)
        return self._at_changes(evidence, history) if self.options.at_writes else evidence

    @property
    def grace(self) -> float:
        """Seconds between SIGTERM and SIGKILL."""
        if self.options.grace is not None:
            return self.options.grace
        return min(GRACE, max(SHORTEST_GRACE, PART * self._training))

    def _interrupted(self, runs: Sequence[AttemptEvidence]) -> RehearsalEvidence:
        bucket = SimulatedBucket(self._made("bucket"))
        attempts: list[AttemptEvidence] = []
        restarts: list[RestartEvidence] = []
        began: list[int | None] = [0]
        found = Restored({})
        losses: list[MachineLoss | None] = [*self._losses(runs), None]
        form = scale.form if (scale := ProgressScale.of(runs)) else ""
        earlier = 0
        while losses:
            loss = losses.pop(0)
            how = f"its machine taken away {loss.in_words}" if loss else "to its end"
            self.tell(f"Attempt {len(attempts) + 1}, {how}")
            attempt = self._attempt(bucket, found.contents, self._limit, loss, form=form)
            if loss and not attempts and attempt.ended_well and loss.steps and earlier < TRIES:
                earlier += 1  # it was over before its machine went
                bucket = self._emptied(bucket)
                losses.insert(0, loss._replace(steps=max(loss.steps // 2, 1), after=0.0))
                continue
            if attempts:
                restarts.append(_restart(attempts, attempt, found, runs, began))
                began.append(restarts[-1].comparison.resumed_from)
            attempts.append(attempt)
            if loss is None or attempt.ended_by in (EndedBy.ITSELF, EndedBy.TOO_LONG):
                break
            found = Restored.of(bucket.contents, loss.in_words, deleted_whole(bucket))
        shutil.rmtree(bucket.folder)
        return RehearsalEvidence(tuple(runs), tuple(restarts), tuple(attempts), self.grace)

    def _emptied(self, bucket: SimulatedBucket) -> SimulatedBucket:
        shutil.rmtree(bucket.folder)
        return SimulatedBucket(self._made("bucket"))

    def _losses(self, runs: Sequence[AttemptEvidence]) -> list[MachineLoss]:
        if self.options.at:
            return given_losses(self.options.at, self.grace)
        reference, scale = runs[0], ProgressScale.of(runs)
        count = 1 if self.options.at_writes else self.options.interruptions
        dice = random.Random(self.options.seed)
        saves = [one.at for one in reference.saves]
        steps = [reference.started + at for at in step_instants(reference, scale)]
        if len(steps) > 1:
            before = sum(at <= min(saves) for at in steps) if saves else None
            each = (steps[-1] - steps[0]) / (len(steps) - 1)
            return planned_by_steps(
                TrainingSteps(len(steps), before, each), count, self.grace, dice
            )
        upload = min(saves) - reference.started if saves else None
        first = min(0.5, reference.seconds / 4)
        times = TrainingTimes(reference.seconds, first, upload)
        return planned_by_time(times, count, self.grace, dice)

    @property
    def _limit(self) -> float:
        return SLACK + TIMES * self._whole

    def _at_changes(
        self, evidence: RehearsalEvidence, history: SimulatedBucket
    ) -> RehearsalEvidence:
        """A machine for each change of the folder in the first run; each ends after its first steps."""
        states = list(uploaded_states(history.changes))
        chosen = chosen_states(states, MOST_CHANGES)
        scale = ProgressScale.of(evidence.uninterrupted)
        restarts = list(evidence.restarts)
        for number, state in enumerate(chosen, start=1):
            self.tell(f"Change {number} of {len(chosen)} of the checkpoint folder")
            restarts.append(self._at_change(evidence, history, state, scale))
        return replace(
            evidence, restarts=tuple(restarts), changes=len(states), rehearsed=len(chosen)
        )

    def _at_change(
        self,
        evidence: RehearsalEvidence,
        history: SimulatedBucket,
        state: UploadedState,
        scale: ProgressScale | None,
    ) -> RestartEvidence:
        before = (one for one in uploaded_states(history.changes) if one.number < state.number)
        earlier = [one.contents for one in before if not one.torn]
        deleted = next((w for one in reversed(earlier) if (w := gate.newest_whole(one))), None)
        found = Restored.of(state.contents, state.in_words, deleted, state.torn)
        bucket = SimulatedBucket(self._made("bucket"))
        reader = self._attempt(bucket, found.contents, self._limit, until=_has_begun(scale))
        shutil.rmtree(bucket.folder)
        writer = _up_to(evidence.reference, history.changes[state.number - 1].at)
        restart = _restart([writer], reader, found, evidence.uninterrupted, [0])
        return replace(restart, at_change=True)

    def _attempt(
        self,
        bucket: SimulatedBucket,
        contents: Contents,
        longest: float,
        loss: MachineLoss | None = None,
        until: Callable[[RunningAttempt], bool] | None = None,
        form: str = "",
    ) -> AttemptEvidence:
        machine = StagedMachine(self._made("machine", make=False), self.script)
        try:
            machine.lay(contents)
            running = RunningAttempt(
                machine, bucket, self._mark, longest, until or self._until_step, form=form
            )
            done = running.run(loss)
            changes = bucket.changes[done.first_change : done.last_change]
            return collected(done, changes, bucket.contents)
        finally:
            machine.remove()

    def _until_step(self, attempt: RunningAttempt) -> bool:
        wanted = self.options.until_step
        if wanted is None:
            return False
        steps = attempt.printed.steps
        return (bool(steps) and steps[-1].position[1] >= wanted) or attempt.observed_steps() >= wanted  # fmt: skip

    def _made(self, kind: str, *, make: bool = True) -> Path:
        self._count += 1
        folder = self.folder / f"{kind}-{self._count}"
        if make:
            folder.mkdir()
        return folder


def _has_begun(scale: ProgressScale | None) -> Callable[[RunningAttempt], bool]:
    """True once an attempt shows where it began: after its first steps."""

    def begun(attempt: RunningAttempt) -> bool:
        observed = attempt.observed_steps()
        printed = scale is not None and sum(s.form == scale.form for s in attempt.printed.steps) > 1
        return observed > FIRST_STEPS or (printed and not observed)

    return begun


class Restored(NamedTuple):
    """What a fresh machine gets, and what is known of it: see RestartEvidence."""

    contents: Contents
    after: str = ""
    whole: str | None = None
    deleted: str | None = None
    torn: str | None = None
    gate: GateVerdict = NO_CHECKPOINT

    @classmethod
    def of(
        cls, contents: Contents, after: str, deleted: str | None, torn: str | None = None
    ) -> "Restored":
        """Of a bucket's contents, of which `torn` names the file that was put while it was being written."""
        got, rest = dict(contents), {n: copy for n, copy in contents.items() if n != torn}
        if torn:
            got[torn] = _half(got[torn])
        whole = gate.newest_whole(rest)
        return cls(got, after, whole, None if whole else deleted, torn, gate.gate_verdict(got))


def _half(copy: StoredCopy) -> StoredCopy:
    path = copy.path.with_name(f"{copy.path.name}.half")
    with copy.path.open("rb") as reading:
        path.write_bytes(reading.read(copy.size // 2))
    return StoredCopy(path, copy.size // 2, f"{copy.digest}/2", copy.at)


def _up_to(reference: AttemptEvidence, at: float) -> AttemptEvidence:
    """The uninterrupted run as if its machine had gone at that instant."""
    seconds = at - reference.started
    return replace(
        reference,
        seconds=seconds,
        ended_by=EndedBy.SIGKILL,
        steps=tuple(one for one in reference.steps if one.at <= seconds),
        metrics=tuple(one for one in reference.metrics if one.at <= seconds),
        uploads=tuple(one for one in reference.uploads if one.at <= at),
    )


def _restart(
    attempts: Sequence[AttemptEvidence],
    reader: AttemptEvidence,
    found: Restored,
    runs: Sequence[AttemptEvidence],
    began: Sequence[int | None],
) -> RestartEvidence:
    comparison = compare_restart(
        [one.observed for one in (*attempts, reader)], began, [one.observed for one in runs]
    )
    return RestartEvidence(
        earlier=tuple(attempts),
        reader=reader,
        restored={name: uploaded(name, copy) for name, copy in found.contents.items()},
        after=found.after,
        torn=found.torn,
        whole=uploaded(found.whole, found.contents[found.whole]) if found.whole else None,
        deleted=found.deleted,
        gate=found.gate,
        comparison=comparison,
        began=began[-1],
    )


def deleted_whole(bucket: SimulatedBucket) -> str | None:
    """The newest file of the last whole checkpoint of which a file was deleted; None if no such file was deleted."""
    contents: dict[str, StoredCopy] = {}
    found = None
    for change in bucket.changes:
        if change.copy:
            contents[change.name] = change.copy
            continue
        found = gate.newest_whole(contents) or found
        contents.pop(change.name, None)
    return found


def _problem(run: AttemptEvidence, number: int) -> str:
    """Why a run without an interruption is no measure; empty if it is."""
    if run.ended_by is EndedBy.TOO_LONG:
        return (
            f"Run {number} was still running after {run.seconds:.0f} s: allow more with --longest, give it less to do, or end it "
            "with --until-step."
        )
    if run.failed:
        last = next(
            (line.strip() for line in reversed(run.tail) if line.strip()), "it printed nothing"
        )
        empty = " At the first start the checkpoint folder is empty: load only what is there." if "checkpoint" in last else ""  # fmt: skip
        return (
            f"It fails without an interruption, with exit code {run.exit_code}: {last[:200]}{empty}"
        )
    return ""
