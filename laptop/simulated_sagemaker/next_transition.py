"""Where a job goes next follows from its script, its limits, and what its training still needs."""

from datetime import datetime, timedelta
from typing import NamedTuple

from laptop.simulated_sagemaker import request_rules, spot_market
from laptop.simulated_sagemaker.job import SimulatedJob
from laptop.simulated_sagemaker.spot_market import COMPLETED, FAILED, STOPPING, TRAINING, UPLOADING
from laptop.simulated_sagemaker.training import duration


class Move(NamedTuple):
    """What happens next: when, to which status; and the script's step, the ending or the reason."""

    at: datetime
    status: str
    step: int | None = None
    ending: str | None = None
    failure: str | None = None


def next_move(job: SimulatedJob) -> Move | None:
    """The earliest of all that could happen to this job as it stands; None where it stays for ever.

    In a tie, being done comes before a limit, and a limit before the script.
    """
    if job.ended:
        return None
    if job.now.status == STOPPING:
        return Move(job.now.start + duration(job.script.stopping), job.ending)
    if job.now.status == UPLOADING:
        return Move(job.now.start + duration(job.script.uploading), COMPLETED)
    possible = (_done(job), _out_of_runtime(job), _out_of_wait(job), _step_over(job))
    return min((move for move in possible if move), key=lambda move: move.at, default=None)


def _done(job: SimulatedJob) -> Move | None:
    if job.now.status != TRAINING or job.needs is None:
        return None
    return Move(job.now.start + job.needs, UPLOADING)


def _out_of_runtime(job: SimulatedJob) -> Move | None:
    """MaxRuntimeInSeconds bounds what was trained, over all interruptions."""
    if job.now.status != TRAINING:
        return None
    left = timedelta(seconds=request_rules.max_runtime(job.request)) - job.spent(TRAINING)
    return Move(job.now.start + left, STOPPING, ending=spot_market.MAX_RUNTIME_EXCEEDED)


def _out_of_wait(job: SimulatedJob) -> Move | None:
    """MaxWaitTimeInSeconds bounds waiting and running together, from the creation on."""
    budget = request_rules.max_wait(job.request)
    if budget is None or (job.script.held and job.released is None):
        return None
    at = max(job.created + timedelta(seconds=budget), job.released or job.created)
    return Move(at, STOPPING, ending=spot_market.MAX_WAIT_EXCEEDED)


def _step_over(job: SimulatedJob) -> Move | None:
    this, *after = job.script.steps[job.step :]
    if this.seconds is None or not (after or job.script.failure):
        return None
    over = job.now.start + duration(this.seconds)
    if after:
        return Move(over, after[0].status, step=job.step + 1)
    return Move(over, FAILED, failure=job.script.failure)
