"""The rules of a job's outlook, in the order in which they are evaluated; the first that answers decides.

Of a docstring the first sentence is the rule, the others say what it means: docs/outlook.md is made from them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from spotter.core.ledger.checkpoint_sightings import CheckpointSightings
from spotter.core.model.endings import MEANING, Ending
from spotter.core.model.timeline import FINAL, ORDER, TRAINING, WAITING
from spotter.core.model.times import words
from spotter.core.record.limits import MAX_RUNTIME, MAX_WAIT, limits, trained_until
from spotter.core.reports.outlook.case import OFTEN, OutlookCase
from spotter.core.reports.outlook.words import LATE as TOO_LATE
from spotter.core.reports.outlook.words import Outlook, OutlookWord

LATE = 0.8
"""The share of a limit from which on little of it is left: the default of the policy's `wait_budget_used`."""
LAST = 0.9
"""The share of a limit from which on the job is expected to be stopped by it."""
OVERDUE = timedelta(minutes=30)
"""SageMaker ends a job within minutes after its limit, and the sweep records that within minutes more."""
STALE = timedelta(minutes=30)
"""Six sweeps: where none finished for so long, what is recorded may be out of date."""
UNLISTED = timedelta(minutes=15)
"""A checkpoint listing that is due comes within three sweeps."""
KNOWN = frozenset(ORDER)

OutlookRule = Callable[[OutlookCase], Outlook | None]


def it_was_deleted(case: OutlookCase) -> Outlook | None:
    """The job was deleted. SageMaker no longer knows it."""
    gone = not case.job.running and case.job.ending in (None, Ending.DELETED)
    return Outlook(OutlookWord.DELETED) if gone else None


def it_has_ended(case: OutlookCase) -> Outlook | None:
    """The job has ended. It is Completed, Failed or Stopped; the reason is the ending."""
    if case.job.running or case.job.ending is None:
        return None
    return Outlook(OutlookWord.FINISHED, MEANING[case.job.ending])


def sagemaker_is_ending_it(case: OutlookCase) -> Outlook | None:
    """The job is being ended. It is Stopping, or its final secondary status is there already; a limit that ended it is named."""
    job = case.job
    if "Stopping" not in (job.status, job.secondary) and job.secondary not in FINAL:
        return None
    begun = job.since or job.modified
    limit = next((one.name for one in limits(job, begun) if one.at <= begun + OVERDUE / 6), None)
    ending = job.secondary if job.secondary in FINAL else None
    return Outlook(OutlookWord.STOPPING, limit or ending or "", limit=limit)


def a_limit_passed_without_an_ending(case: OutlookCase) -> Outlook | None:
    """A limit passed without an ending. That was half an hour ago or earlier, so the record is out of date."""
    limit = case.nearest
    if limit is None or case.now - limit.at < OVERDUE:
        return None
    passed = words(case.now - limit.at)
    reason = f"{limit.name} ended {passed} ago"
    return Outlook(OutlookWord.UNKNOWN, reason, limit.at, limit.name)


def a_limit_is_near(case: OutlookCase) -> Outlook | None:
    """A limit is near. Nine tenths of MaxWaitTimeInSeconds or MaxRuntimeInSeconds have passed."""
    limit = next((one for one in case.limits if case.used(one) >= LAST), None)
    if limit is None:
        return None
    left = limit.at - case.now
    reason = f"{limit.name} ends in {words(left)}" if left > timedelta() else f"{limit.name} ended"
    return Outlook(OutlookWord.WILL_BE_STOPPED, reason, limit.at, limit.name)


def it_cannot_finish_by_its_deadline(case: OutlookCase) -> Outlook | None:
    """It cannot finish by its deadline. By the last sweep neither a hand-over to on demand nor its own attempt would finish in time."""
    deadline = case.deadline
    return _at_risk(TOO_LATE) if deadline and deadline.late else None


def interruptions_leave_no_progress(case: OutlookCase) -> Outlook | None:
    """Interruptions leave no progress. It was interrupted and has no checkpoint location; or it was interrupted three times, and it saved no new checkpoint or has waited longer than it has trained."""
    job, count = case.job, case.job.interruptions
    if not job.spot or not count:
        return None
    often = f"interrupted {'once' if count == 1 else f'{count} times'}"
    if job.checkpoint is None:
        return _at_risk(f"{often}, no checkpoint location")
    if count < OFTEN:
        return None
    if _no_new_checkpoint(case.seen):
        return _at_risk(f"{often}, no new checkpoint")
    trained = trained_until(job, case.now)
    if case.waited <= trained:
        return None
    return _at_risk(f"{often}, waited {words(case.waited)}, trained {words(trained)}")


def _no_new_checkpoint(seen: CheckpointSightings | None) -> bool:
    """True if sweeps listed the location after the last interruptions, and found no checkpoint that is new."""
    if seen is None or seen.seen is None or len(seen.interruptions) < OFTEN:
        return False
    last = seen.interruptions[-OFTEN:]
    return {one.newest for one in last} | {seen.newest} == {seen.newest}


def an_interruption_would_cost_all_work(case: OutlookCase) -> Outlook | None:
    """An interruption would cost all work. It has no checkpoint location and has trained on spot for as long as `checkpoint_quiet`."""
    if case.job.checkpoint is not None or not case.trains_on_spot or case.lasting < case.quiet:
        return None
    return _at_risk(f"no checkpoint location, trained {words(case.lasting)}")


def checkpoints_are_quiet(case: OutlookCase) -> Outlook | None:
    """Checkpoints are quiet. It trains on spot, and by the last listing it saved no checkpoint for as long as `checkpoint_quiet`."""
    silence = case.silence
    if case.job.checkpoint is None or not case.trains_on_spot or silence is None:
        return None
    return _at_risk(f"no checkpoint for {words(silence)}") if silence >= case.quiet else None


def little_is_left_to_wait(case: OutlookCase) -> Outlook | None:
    """Little is left to wait. Eight tenths of MaxWaitTimeInSeconds have passed."""
    return _late(case, MAX_WAIT)


def little_is_left_to_run_and_work_is_not_saved(case: OutlookCase) -> Outlook | None:
    """Little is left to run, and work is not saved. Eight tenths of MaxRuntimeInSeconds have passed, and it has no checkpoint location, or by the last listing no recent checkpoint."""
    if case.job.checkpoint is not None and not case.listed:
        return None
    recent = case.job.checkpoint is not None and (case.silence or timedelta()) < case.quiet
    return None if recent else _late(case, MAX_RUNTIME)


def _late(case: OutlookCase, name: str) -> Outlook | None:
    limit = next((one for one in case.limits if one.name == name), None)
    if limit is None or case.used(limit) < LATE:
        return None
    reason = f"{name} ends in {words(limit.at - case.now)}"
    return Outlook(OutlookWord.AT_RISK, reason, limit.at, limit.name)


def no_sweep_finished_lately(case: OutlookCase) -> Outlook | None:
    """No sweep finished lately. For half an hour none did, so a change without an event is not recorded yet."""
    if case.swept is None or case.now - max(case.swept, case.job.modified) < STALE:
        return None
    return Outlook(OutlookWord.UNKNOWN, f"no sweep for {words(case.now - case.swept)}")


def its_status_is_not_known(case: OutlookCase) -> Outlook | None:
    """Its status is not known. SageMaker shows a secondary status that this version of Spotter does not know."""
    if case.job.secondary in KNOWN:
        return None
    return Outlook(OutlookWord.UNKNOWN, f"status {case.job.secondary}")


def it_has_no_instances(case: OutlookCase) -> Outlook | None:
    """It has no instances. It is Starting, Pending, Interrupted or Restarting: how long it has waited, and when MaxWaitTimeInSeconds ends."""
    if case.job.secondary not in WAITING:
        return None
    since = case.job.waiting_since or case.job.since or case.job.id.created
    waited = words(max(case.now - since, timedelta()))
    limit = case.nearest
    if limit is None:
        return Outlook(OutlookWord.WAITING, waited)
    reason = f"{waited} (limit in {words(limit.at - case.now)})"
    return Outlook(OutlookWord.WAITING, reason, limit.at, limit.name)


def no_problem_is_recorded(case: OutlookCase) -> Outlook | None:
    """No problem is recorded. It trains, downloads, uploads or is updated."""
    job = case.job
    if job.secondary != TRAINING:
        return Outlook(OutlookWord.ON_TRACK, job.secondary.lower())
    due = job.checkpoint is not None and job.spot and case.lasting >= case.quiet + UNLISTED
    return Outlook(
        OutlookWord.ON_TRACK, "checkpoints not listed" if due and not case.listed else ""
    )


RULES: Mapping[OutlookRule, OutlookWord] = {
    it_was_deleted: OutlookWord.DELETED,
    it_has_ended: OutlookWord.FINISHED,
    sagemaker_is_ending_it: OutlookWord.STOPPING,
    a_limit_passed_without_an_ending: OutlookWord.UNKNOWN,
    a_limit_is_near: OutlookWord.WILL_BE_STOPPED,
    it_cannot_finish_by_its_deadline: OutlookWord.AT_RISK,
    interruptions_leave_no_progress: OutlookWord.AT_RISK,
    an_interruption_would_cost_all_work: OutlookWord.AT_RISK,
    checkpoints_are_quiet: OutlookWord.AT_RISK,
    little_is_left_to_wait: OutlookWord.AT_RISK,
    little_is_left_to_run_and_work_is_not_saved: OutlookWord.AT_RISK,
    no_sweep_finished_lately: OutlookWord.UNKNOWN,
    its_status_is_not_known: OutlookWord.UNKNOWN,
    it_has_no_instances: OutlookWord.WAITING,
    no_problem_is_recorded: OutlookWord.ON_TRACK,
}
"""In the order in which they are evaluated, each with the word that it gives."""


def _at_risk(reason: str) -> Outlook:
    return Outlook(OutlookWord.AT_RISK, reason)


def outlook(case: OutlookCase) -> Outlook:
    """The answer of the first rule that has one, with the deadline of the job's lineage."""
    found = next(found for rule in RULES if (found := rule(case)))
    return replace(found, deadline=case.deadline) if case.deadline else found
