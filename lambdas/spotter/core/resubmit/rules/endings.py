"""Rules about the attempt itself: whether it has ended, how, and who created it."""

from datetime import timedelta

from spotter.core.deadline.stop_order import StoppedBy
from spotter.core.model.endings import MEANING, Ending
from spotter.core.model.identity import SPOTTER_TAGS, is_job_name, lineage_in
from spotter.core.model.starting_service import owner_by_tags
from spotter.core.resubmit.case import Case, Decision, refuse, wait
from spotter.core.resubmit.rules.permission import CLOCKS_DIFFER

RETRY_GRACE = timedelta(minutes=10)


def a_living_attempt_is_left_alone(case: Case) -> Decision | None:
    """A running attempt is not resubmitted. SageMaker restarts an interrupted attempt itself; Spotter acts only on one that has ended."""
    if case.ending is None:
        return wait(case, f"{case.job.id.name} is {case.job.status}, so SageMaker still runs it")
    return None


def a_stop_under_way_is_not_judged(case: Case) -> Decision | None:
    """A stop under way is not judged. While a call of StopTrainingJob of Spotter's own may be under way, it is not decided whose stop ended the job."""
    if case.stopped_by is StoppedBy.NOT_YET_KNOWN and not case.supposed:
        return wait(
            case, "Spotter may have stopped it for its deadline, and that call may be under way"
        )
    return None


def what_sagemaker_retries_is_left_to_it(case: Case) -> Decision | None:
    """What SageMaker retries is left to it. A job with a RetryStrategy is evaluated ten minutes after it failed, if SageMaker has not restarted it."""
    ended = case.job.ended
    if case.job.retries and case.job.ending is Ending.INTERNAL and ended:
        until = ended + RETRY_GRACE
        if ended - CLOCKS_DIFFER <= case.now < until:
            return wait(case, "its RetryStrategy may bring it back", until)
    return None


def an_attempt_is_ours_by_proof(case: Case) -> Decision | None:
    """An attempt is known by its claim. Anybody can copy its name and tags; only a claim in the ledger proves that Spotter created it."""
    if case.own_claim == "abandoned":
        return refuse("the claim on its name was abandoned, so it is not Spotter's attempt")
    if case.own_claim != "started":
        return wait(
            case, f"the claim on its name is {case.own_claim}, so it may not be Spotter's attempt"
        )
    return None


def a_lineages_tags_are_on_no_first_attempt(case: Case) -> Decision | None:
    """A lineage's tags are on no first attempt. A job with `spotter:lineage`, for which the ledger holds no claim (a restored table), gets no next attempt."""
    lineage = lineage_in(case.tags) if case.attempt.number == 1 else None
    if lineage is None:
        return None
    return refuse(
        f"its tags name it an attempt of the lineage {_named(lineage)}, and the ledger holds no "
        "claim for it (the table was restored, or the tags were copied); to continue, create a job by "
        f"hand from its last checkpoint, without the tags {' and '.join(SPOTTER_TAGS)}"
    )


def an_attempt_is_followed_once(case: Case) -> Decision | None:
    """An attempt is followed once. An attempt that was already resubmitted is not resubmitted again."""
    if case.successor is None or case.claimed:
        return None
    if case.successor_claim == "started":
        return refuse(f"it is already resubmitted as {case.successor}")
    became = "was abandoned" if case.successor_claim == "abandoned" else "is already claimed"
    return refuse(f"its next attempt, {case.successor}, {became}")


def a_completed_attempt_needs_nothing(case: Case) -> Decision | None:
    """A completed attempt needs nothing. The work is done."""
    return refuse("it completed") if case.ending is Ending.COMPLETED else None


def a_stop_of_unknown_origin_is_not_carried_on(case: Case) -> Decision | None:
    """A stop of unknown origin is not resubmitted. Spotter called StopTrainingJob for the deadline, and the answer was lost or not recorded, so it is not known whose stop it was: `spotter continue` resubmits it."""
    if case.ending is Ending.STOPPED and case.stopped_by is StoppedBy.UNKNOWN:
        return refuse(
            "it was stopped, and it is not known whether by Spotter, for its deadline, or by somebody else; "
            f"to resubmit it, run: spotter continue {case.job.id.name}"
        )
    return None


def what_was_stopped_on_purpose_stays_stopped(case: Case) -> Decision | None:
    """What was stopped on purpose stays stopped. A person or a program called StopTrainingJob, or deleted the job."""
    if case.ending in (Ending.STOPPED, Ending.DELETED):
        return refuse(f"it {MEANING[case.ending]}, which is respected")
    return None


def an_unknown_ending_is_not_carried_on(case: Case) -> Decision | None:
    """An unknown ending is not resubmitted. Spotter never resubmits after an ending that it does not know."""
    if case.ending is Ending.UNKNOWN:
        shown = f"{case.job.status}/{case.job.secondary}"
        kind = f" with a {case.job.failure}" if case.job.failure else ""
        return refuse(f"it ended as {shown}{kind}, an unknown ending, which is never resubmitted")
    return None


def another_service_looks_after_its_own_jobs(case: Case) -> Decision | None:
    """Another service looks after its own jobs. Tuning, Pipelines, Step Functions, Batch and similar services retry their jobs themselves."""
    owner = case.job.owner or owner_by_tags(case.tags)
    return refuse(f"it belongs to {owner}, which looks after its own jobs") if owner else None


def a_job_that_never_asked_for_spot_is_only_watched(case: Case) -> Decision | None:
    """A job that never asked for spot is only watched. Only a lineage that began on spot is resubmitted."""
    if not case.job.spot and case.attempt.number == 1:
        return refuse("it did not use managed spot")
    return None


def _named(lineage: str) -> str:
    """The root's name in a lineage's tag, if it can be a job's name: anyone can write a tag's value."""
    name = lineage.partition("/")[0]
    return name if is_job_name(name) else "that they name"
