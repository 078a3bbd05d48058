"""Advances a simulated job as time passes, or stops it; its training is computed meanwhile."""

from collections.abc import Iterator
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from laptop.simulated_sagemaker import spot_market
from laptop.simulated_sagemaker.job import SimulatedJob, SimulatedStay
from laptop.simulated_sagemaker.next_transition import Move, next_move
from laptop.simulated_sagemaker.spot_market import COMPLETED, FAILED, STOPPING, TRAINING
from laptop.simulated_sagemaker.training import duration

TRAINING_BREAKS = (BotoCoreError, ClientError, LookupError, TypeError, ValueError)


def stop(job: SimulatedJob, at: datetime) -> SimulatedStay:
    """What StopTrainingJob does: Stopping now, Stopped in a while, or Completed if it comes too late."""
    late = job.script.completes
    if late and job.run and job.needs is not None:
        job.run.reach(job.needs)
    return _enter(job, Move(at, STOPPING, ending=COMPLETED if late else spot_market.STOPPED))


def advance(job: SimulatedJob, now: datetime) -> Iterator[SimulatedStay]:
    """Every stay that began up to now, in order, each yielded as it begins."""
    while move := _due(job, now):
        yield _enter(job, move)


def _due(job: SimulatedJob, now: datetime) -> Move | None:
    """The next move once its time has come; training comes first, and where that breaks the job fails."""
    at = job.now.start
    try:
        _take_up(job)
        move = next_move(job)
        at = min(now, move.at) if move else now
        _train(job, at)
        if job.run and move and move.at <= now and move.status == COMPLETED:
            job.run.finish(move.at)
    except TRAINING_BREAKS as broken:
        return Move(at, FAILED, failure=f"AlgorithmError: {broken}"[:1024])
    return move if move and move.at <= now else None


def _take_up(job: SimulatedJob) -> None:
    """How long Training takes: by the computation; without one by the script's last step."""
    if job.now.status != TRAINING or job.needs is not None:
        return
    seconds = job.script.steps[job.step].seconds
    if job.run:
        job.needs = job.run.begin(job.now.start)
    elif seconds is not None and job.step == len(job.script.steps) - 1 and not job.script.failure:
        job.needs = duration(seconds)


def _train(job: SimulatedJob, until: datetime) -> None:
    if job.run and job.now.status == TRAINING:
        job.run.reach(until - job.now.start)


def _enter(job: SimulatedJob, move: Move) -> SimulatedStay:
    job.stays.append(SimulatedStay(move.status, move.at))
    job.step = job.step if move.step is None else move.step
    job.ending, job.failure, job.needs = move.ending or job.ending, move.failure, None
    return job.now
