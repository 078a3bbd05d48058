"""The verdict of a rehearsal: pure, from its evidence.

Theory. A finding is reported only if it was seen: a restart that began again though a whole checkpoint was there, that failed,
or whose state differs from the state that was saved. *Continues* needs more than the absence of
findings: each restart continued, and either the end is the same as without interruptions, where uninterrupted
runs agree, or the state was compared at each restart and nothing was lost. All else cannot be judged.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from spotter.core.model.times import counted
from spotter_cli.rehearse.state.restart_evidence import Agreement
from spotter_cli.rehearse.verdict.evidence import EndedBy, RehearsalEvidence
from spotter_cli.rehearse.verdict.judgement import RestartJudgement, RestartOutcome, judge_restarts
from spotter_cli.rehearse.verdict.positions import ProgressScale
from spotter_cli.rehearse.verdict.results import ResultComparison, compare_results
from spotter_cli.rehearse.verdict.saves import (
    RARE,
    had_training_to_save,
    longest_gap,
    once_an_epoch,
    saved_at_sigterm,
    too_short,
)


class RehearsalResult(StrEnum):
    """The four verdicts."""

    CONTINUES = "continues"
    NOT_THE_SAME = "continues, but not the same training"
    DOES_NOT_CONTINUE = "does not continue"
    CANNOT_BE_JUDGED = "cannot be judged"


class ResumeFault(StrEnum):
    """What is wrong with a script; those up to HANGS mean that it does not continue."""

    SAVES_NOTHING = "saves nothing"
    SAVES_ELSEWHERE = "saves elsewhere"
    TORN = "cannot read a torn file"
    DELETED_FIRST = "deleted the old before the new was whole"
    STARTS_OVER = "starts from the beginning"
    NO_SAVE_AT_SIGTERM = "ends at SIGTERM without saving"
    FAILS = "fails at the restart"
    HANGS = "does not end after the restart"
    PART_LOST = "a part of the state is lost"
    OTHER_RESULT = "the result is another one"


FATAL = tuple(ResumeFault)[: tuple(ResumeFault).index(ResumeFault.HANGS) + 1]


@dataclass(frozen=True)
class RehearsalFinding:
    """One fault, in how many restarts it was seen, and a sentence about it; `part` is what was lost."""

    fault: ResumeFault
    detail: str
    part: str = ""
    restarts: int = 1


@dataclass(frozen=True)
class RehearsalVerdict:
    """The verdict with its reason in one sentence, what was found, and the judgement of each restart."""

    result: RehearsalResult
    reason: str
    findings: tuple[RehearsalFinding, ...] = ()
    restarts: tuple[RestartJudgement, ...] = ()
    comparison: ResultComparison = field(default_factory=lambda: ResultComparison(None))


def judge(evidence: RehearsalEvidence) -> RehearsalVerdict:
    """The verdict."""
    restarts = tuple(judge_restarts(evidence))
    compared = compare_results(evidence.uninterrupted, evidence.interrupted)
    findings = tuple(_merged([*_of_saves(evidence), *_of_restarts(restarts), *_of_parts(restarts)]))
    fatal = [one for one in findings if one.fault in FATAL]

    def verdict(result: RehearsalResult, reason: str, found: Sequence[RehearsalFinding] = findings) -> RehearsalVerdict:  # fmt: skip
        return RehearsalVerdict(result, reason, tuple(found), restarts, compared)

    if fatal:
        return verdict(RehearsalResult.DOES_NOT_CONTINUE, fatal[0].detail)
    if evidence.problem:
        return verdict(RehearsalResult.CANNOT_BE_JUDGED, evidence.problem)
    if findings:
        parts = ", ".join(one.part for one in findings)
        return verdict(RehearsalResult.NOT_THE_SAME, f"It continues without its {parts}.")
    resumed = any(one.outcome is not RestartOutcome.NOTHING_TO_RESUME for one in restarts)
    if compared.same is False and resumed and not any(_has_several(one) for one in restarts):
        differs = ", ".join(compared.differs[:3])
        found = RehearsalFinding(
            ResumeFault.OTHER_RESULT,
            f"Without interruptions {compared.by} is the same each time; after the interruptions it differs: {differs}.",
        )
        return verdict(RehearsalResult.NOT_THE_SAME, found.detail, [found])
    return verdict(*_without_findings(evidence, restarts, compared))


def _without_findings(
    evidence: RehearsalEvidence, restarts: Sequence[RestartJudgement], compared: ResultComparison
) -> tuple[RehearsalResult, str]:
    result = RehearsalResult.CANNOT_BE_JUDGED
    several = next((one for one in restarts if _has_several(one)), None)
    if several is not None:
        return result, "Several processes trained together, which is not rehearsed."
    continued = [one for one in restarts if one.outcome is RestartOutcome.CONTINUED]
    plain = [one for one in restarts if not one.evidence.at_change]
    unknown = [one for one in plain if one.outcome is RestartOutcome.UNKNOWN]
    if not continued and not unknown:
        return result, _why_no_restart(evidence, restarts)
    if not continued:
        return result, (
            f"Nothing shows where {counted(len(unknown), 'restart')} began: no step was observed, none was printed, "
            "and the names of the files that it saved hold no number."
        )
    if compared.same:
        return RehearsalResult.CONTINUES, (
            f"Bit for bit: {compared.by} is the same as without interruptions."
        )
    if all(one.evidence.comparison.compared for one in continued):
        return RehearsalResult.CONTINUES, (
            f"At each of {counted(len(continued), 'restart')} it had the state that was saved; the end differs no more than noise."
            if compared.noisy
            else f"At each of {counted(len(continued), 'restart')} it had the state that was saved."
        )
    return result, _why_hidden(continued, compared)


def _why_no_restart(evidence: RehearsalEvidence, restarts: Sequence[RestartJudgement]) -> str:
    if short := too_short(evidence.reference):
        return f"{short} Let it train for longer, for several epochs or some tens of steps, or save more often."
    if not restarts:
        return "No machine was taken away: the training was over before. Let it train for longer."
    if all(one.outcome is RestartOutcome.NOTHING_LEFT for one in restarts):
        return "Each interruption came when nothing was left to train: let it train for longer."
    if all(one.outcome is RestartOutcome.NOTHING_TO_RESUME for one in restarts):
        return "Each interruption came before the first checkpoint was uploaded: let it train for longer, or save sooner."
    return (
        "Nothing shows where the restarts began: no step was observed, none was printed, and the names of the files that were "
        "saved hold no number."
    )


def _why_hidden(continued: Sequence[RestartJudgement], compared: ResultComparison) -> str:
    reasons = Counter(one.evidence.comparison.not_compared for one in continued)
    why = next(iter(reasons), "")
    noise = (
        "Two uninterrupted runs differ, so that noise hides a difference"
        if compared.noisy
        else "The script leaves nothing at its end that could be compared"
    )
    return f"{noise}, and no state could be compared{f' ({why})' if why else ''}."


def _has_several(one: RestartJudgement) -> bool:
    attempts = (*one.evidence.earlier, one.evidence.reader)
    return any(a.observed.processes > 1 or a.observed.training_processes > 1 for a in attempts)


def _of_saves(evidence: RehearsalEvidence) -> Iterator[RehearsalFinding]:
    attempts = (*evidence.uninterrupted, *evidence.interrupted)
    if not evidence.uninterrupted or (evidence.problem and not evidence.restarts):
        return
    if not any(one.saves for one in attempts):
        elsewhere = sorted({name for one in attempts for name in one.elsewhere})
        if elsewhere:
            yield RehearsalFinding(
                ResumeFault.SAVES_ELSEWHERE,
                f"Nothing was saved in the checkpoint folder, but elsewhere: {', '.join(elsewhere[:3])}. "
                "A fresh machine gets only what is in the checkpoint folder.",
            )
        elif not too_short(evidence.reference):
            yield RehearsalFinding(ResumeFault.SAVES_NOTHING, "Nothing was saved in the checkpoint folder.")  # fmt: skip
        return
    if not too_short(evidence.reference):
        yield from _of_sigterm(evidence)


def _of_sigterm(evidence: RehearsalEvidence) -> Iterator[RehearsalFinding]:
    """What is lost where it does not save when it is warned, and where it only saves then."""
    if not any(one.saves for one in evidence.uninterrupted):
        yield RehearsalFinding(
            ResumeFault.SAVES_NOTHING,
            "It saves at SIGTERM only: a machine that is lost without a word loses all of the training.",
        )
        return
    gap = longest_gap(evidence)
    if gap is None or gap < RARE or once_an_epoch(evidence.reference):
        return
    scale = ProgressScale.of(evidence.uninterrupted)
    warned = [one for one in evidence.interrupted if had_training_to_save(one, scale)]
    silent = [one for one in warned if not saved_at_sigterm(one, evidence.reference, scale)]
    if silent:
        ignored = silent[0].ended_by is EndedBy.SIGKILL or silent[0].observed.sigterm == "ignored"
        did = "trained on" if ignored else "ended"
        yield RehearsalFinding(
            ResumeFault.NO_SAVE_AT_SIGTERM,
            f"At SIGTERM it {did} and saved nothing; up to {100 * gap:.0f} % of the training lie between two checkpoints, "
            "and are lost at an interruption.",
            restarts=len(silent),
        )


def _of_restarts(restarts: Sequence[RestartJudgement]) -> Iterator[RehearsalFinding]:
    for one in restarts:
        fault, detail = _fault_of(one)
        if fault:
            yield RehearsalFinding(fault, detail)


def _fault_of(one: RestartJudgement) -> tuple[ResumeFault | None, str]:
    restart, outcome = one.evidence, one.outcome
    said = _last_line(restart.reader.tail)
    if outcome is RestartOutcome.FAILED:
        unreadable = any(use.operation == "unreadable" for use in restart.reader.observed.files)
        if restart.torn_file or (restart.restored and restart.whole is None) or unreadable:
            name = restart.torn_file or "a checkpoint that is not whole"
            return ResumeFault.TORN, f"It cannot read {name}, of which only a part was uploaded, and ends: {said}"  # fmt: skip
        return ResumeFault.FAILS, f"It ends with exit code {restart.reader.exit_code} after the restart: {said}"  # fmt: skip
    if outcome is RestartOutcome.HUNG:
        return ResumeFault.HANGS, f"After the restart it was still running after {restart.reader.seconds:.0f} s, without a step."  # fmt: skip
    if outcome is not RestartOutcome.STARTED_OVER:
        return None, ""
    if restart.torn_file and restart.whole is None:
        return ResumeFault.TORN, (
            f"Only a part of {restart.torn_file} was uploaded, in place of the whole one: it starts from the beginning."
        )
    if restart.whole is None:
        return ResumeFault.DELETED_FIRST, (
            f"{restart.deleted} was deleted before the next checkpoint was whole: a machine that is lost in between leaves nothing "
            "to continue from."
        )
    if restart.torn_file:
        return ResumeFault.TORN, (
            f"Only a part of {restart.torn_file} was uploaded, and it starts from the beginning, though {restart.whole.name if restart.whole else ''} is whole."
        )
    whole = restart.whole.name if restart.whole else "a whole checkpoint"
    return ResumeFault.STARTS_OVER, f"It starts from the beginning, though {whole} is there."


def _last_line(tail: Sequence[str]) -> str:
    lines = [line.strip() for line in tail if line.strip()]
    return lines[-1][:160] if lines else "it printed nothing"


def _of_parts(restarts: Sequence[RestartJudgement]) -> Iterator[RehearsalFinding]:
    for one in restarts:
        if one.outcome in (RestartOutcome.CONTINUED, RestartOutcome.UNKNOWN):
            for part in one.evidence.comparison.parts:
                if part.agreement is Agreement.LOST:
                    yield RehearsalFinding(ResumeFault.PART_LOST, part.detail, part.part.value)


def _merged(found: Sequence[RehearsalFinding]) -> Iterator[RehearsalFinding]:
    """Each fault once, in the order of ResumeFault, with the number of restarts."""
    first: dict[tuple[ResumeFault, str], RehearsalFinding] = {}
    counts: Counter[tuple[ResumeFault, str]] = Counter()
    for one in found:
        key = (one.fault, one.part)
        first.setdefault(key, one)
        counts[key] += one.restarts
    for key in sorted(first, key=lambda k: tuple(ResumeFault).index(k[0])):
        one = first[key]
        yield RehearsalFinding(one.fault, one.detail, one.part, counts[key])
