"""Whether there is a checkpoint to resume from, and no other job uses it."""

from dataclasses import replace
from datetime import timedelta

from spotter.core.checkpoints import QUIET, Checkpoint
from spotter.core.checkpoints.content import (
    NAME,
    resume_of,
    torn_ones,
    unfinished_one,
    why_it_is_loaded,
)
from spotter.core.checkpoints.layout import Resume
from spotter.core.model.endings import Ending
from spotter.core.model.sanitize import line
from spotter.core.policy.model import OnTornCheckpoint
from spotter.core.resubmit import claims, past_attempts
from spotter.core.resubmit.case import Case, Decision, refuse, wait

IN_USE_PAUSE = timedelta(minutes=5)
"""As long as between two sweeps."""


def an_algorithm_that_saves_nothing_lost_its_work(case: Case) -> Decision | None:
    """An algorithm that saves nothing lost its work. A built-in algorithm that writes no checkpoints is not resubmitted after it has trained."""
    if case.needs_checkpoint and case.job.never_checkpoints:
        return refuse(f"it had trained, and {case.job.built_in} does not checkpoint")
    return None


def a_trained_attempt_needs_a_place_for_checkpoints(case: Case) -> Decision | None:
    """A trained attempt needs a place for checkpoints. Without CheckpointConfig the work is lost, unless the rule needs no checkpoint."""
    if case.needs_checkpoint and not case.job.checkpoint:
        return refuse("it had trained, and has no CheckpointConfig to continue from")
    return None


def the_checkpoint_must_be_seen(case: Case) -> Decision | None:
    """The checkpoint must be seen. The prefix must be readable for Spotter, and small enough to list."""
    if not case.needs_checkpoint:
        return None
    if case.found.refused:
        unseen = f"its checkpoints at {case.job.checkpoint} could not be read: {case.found.refused}"
        if "AccessDenied" in case.found.refused and case.denied + 1 < claims.DENIALS:
            again = wait(case, unseen, case.now + IN_USE_PAUSE)
            return replace(again, denied=case.denied + 1)
        return refuse(unseen)
    if not case.found.whole and not case.progressed:
        return refuse(f"{case.job.checkpoint} holds more objects than Spotter looks through")
    return None


def a_torn_newest_checkpoint_is_not_resumed_from(case: Case) -> Decision | None:
    """A torn newest checkpoint is not resumed from. Resuming would load one that reading shows to be torn, or listing to be unfinished, unless its framework skips it or `on_torn_checkpoint` allows it."""
    if not case.needs_checkpoint:
        return None
    if case.rule and case.rule.on_torn_checkpoint is OnTornCheckpoint.RESUBMIT:
        return None
    torn, settling = case.found.torn, case.found.settling
    unfinished = _unfinished_and_loaded(case)
    newest = unfinished or (torn[0].checkpoint if torn else None)
    if newest is None or (unfinished is None and all(one.skipped for one in torn)):
        return None
    if settling and (settling == unfinished or settling.written > newest.written):
        return _wait_for(settling, case)
    if unfinished:
        means = why_it_is_loaded(unfinished)
        loaded = f"{unfinished_one(unfinished)}, and its framework's own resume loads it: {means}"
    else:
        loaded = f"{torn_ones(case.found)}, and its script may load that"
    return refuse(
        f'{loaded}; on_torn_checkpoint = "resubmit" is for a script that takes an older checkpoint'
    )


def _unfinished_and_loaded(case: Case) -> Checkpoint | None:
    """The unfinished newest one where its framework would load it, and there is an older one to resume from."""
    unfinished = case.found.unfinished_newest
    if unfinished is None or not case.progressed:
        return None
    return unfinished if resume_of(unfinished) is Resume.LOADS else None


def a_trained_attempt_must_have_left_a_checkpoint(case: Case) -> Decision | None:
    """A trained attempt must have left a checkpoint. A complete checkpoint newer than the attempt's start, or after a stop of Spotter's own than the lineage's, unless the rule needs no checkpoint."""
    if not case.needs_checkpoint or case.resumes_from:
        return None
    settling, newest = case.found.settling, case.found.newest
    if settling and _may_be_settling(case):
        return _wait_for(settling, case)
    parts = (_what_is_missing(case, newest), torn_ones(case.found), _what_lies_there(case))
    return refuse("; ".join(filter(None, parts)))


def _what_is_missing(case: Case, newest: Checkpoint | None) -> str:
    if newest:
        name = line(newest.name, NAME)
        return f"its newest complete checkpoint, {name}, is older than the attempt itself"
    return f"it had trained, and left no complete checkpoint at {case.job.checkpoint}"


def _what_lies_there(case: Case) -> str:
    """What was found instead of a checkpoint: the newest one, which is torn, or names of other files."""
    torn = [c for c in case.found.unfinished if c.written > case.job.id.created]
    if torn:
        name, lacks = line(torn[-1].name, NAME), line(torn[-1].lacks, 2 * NAME)
        return f"{name} is not complete: {lacks}"
    if not case.found.beside or case.found.newest or case.found.torn:
        return ""
    named = ", ".join(line(name, NAME) for name in case.found.beside)
    return (
        f"found there: {named}, in which Spotter recognises no trained state; if your own format is "
        "among them, name its files in the policy's checkpoint_files"
    )


def no_progress_twice_ends_a_lineage(case: Case) -> Decision | None:
    """No progress twice ends a lineage. Two attempts in a row that trained and left no newer checkpoint; one that never trained does not count, nor one that Spotter stopped for a deadline."""
    if case.ending is Ending.HANDED_OVER or _may_be_settling(case):
        return None
    if case.progressed is False and past_attempts.the_last_one_stood_still(case.past):
        return refuse("it is the second attempt in a row that trained and left no newer checkpoint")
    return None


def a_lineage_has_one_living_attempt(case: Case) -> Decision | None:
    """A lineage has one running attempt. While another attempt of the lineage is running, for example by a RetryStrategy, Spotter waits."""
    if case.running_attempts:
        return wait(case, f"{case.running_attempts[0]} of the same lineage is running")
    return None


def a_living_job_keeps_its_checkpoints(case: Case) -> Decision | None:
    """A running job keeps its checkpoints. No attempt is started on a prefix that another running job in the ledger uses; it waits, until `max_age`."""
    if case.sharing:
        name, soon = case.sharing[0], case.now + IN_USE_PAUSE
        used = f"{name} is running and uses {case.job.checkpoint}"
        return wait(case, used, soon, blocked_by=name)
    if case.pending:
        name = case.pending[0]
        return wait(case, f"{name} is about to use {case.job.checkpoint}", blocked_by=name)
    return None


def _wait_for(settling: Checkpoint, case: Case) -> Decision:
    until = max(settling.written + QUIET, case.now + timedelta(seconds=1))
    return wait(case, f"{line(settling.name, NAME)} may not be completely uploaded yet", until)


def _may_be_settling(case: Case) -> bool:
    """True if something newer than the attempt lies there, and may not be completely uploaded yet."""
    settling = case.found.settling
    return settling is not None and settling.written > case.job.id.created
