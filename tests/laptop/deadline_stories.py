"""What happens to lineages with a deadline on the laptop: each story drives its own, and waits for Spotter."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from spotter.core.deadline.stop_order import OrderState
from spotter.core.ledger import row_keys
from spotter.core.resubmit.outcome import STOP_UNKNOWN
from tests.laptop.deadline_stage import LAUNCH, NEVER, SECONDS, SLOW, Stage, Story

TRAINS = ("Training", None)
AGAIN = (("Interrupted", 0.5), *LAUNCH)
STARVES = (("Interrupted", 0.5), ("Starting", None))
WORK = {"steps": "60", "step_seconds": "0.1", "checkpoint_every": "5", "seed": "12"}
LONG = {"steps": "105", "step_seconds": "4", "checkpoint_every": "1"}
"""Seven minutes: after that Spotter would stop it no more, since on demand could not finish in time either."""
HALF_AN_HOUR = 1800.0
WHOLE, ALONE, LATE, RACE = (f"finish-by-turns-{one}" for one in ("whole", "alone", "late", "race"))
USER, THROTTLED, LOST = (f"finish-by-turns-{one}" for one in ("user", "throttled", "lost"))
SEEN = "finish-in-time-seen"
AWAY = tuple(f"finish-by-turns-{one}" for one in ("unordered", "called", "unheard"))
OF_WHOLE, OF_LATE, OF_RACE, AT_ONCE, UNMEASURED, POOL = (
    f"ml.g5.{size}xlarge" for size in (4, 8, 12, 16, 24, 2)
)
"""Each has its own durations, so that a story leaves spot when its teller wants it to."""


def measured(stage: Stage) -> None:
    for kind in (OF_WHOLE, OF_LATE, OF_RACE, POOL):
        stage.measured(kind, SECONDS)
    stage.measured(AT_ONCE, SLOW)


def ordered(
    stage: Stage, name: str, state: OrderState, answer: str | None = None
) -> Callable[[], bool]:
    """True once the order to stop the first attempt is in this state, after this answer of SageMaker."""

    def is_so() -> bool:
        order = stage.order(name)
        return order is not None and (order.state, order.answer) == (state, answer)

    return is_so


def completed(stage: Stage, name: str, number: int) -> Callable[[], bool]:
    """True once that attempt is Completed and the ledger has seen it."""

    def is_so() -> bool:
        if not stage.shows(name, "Completed", number):
            return False
        held = stage.attempts(name)
        return len(held) >= number and held[-1].head.outcome == "Completed"

    return is_so


def whole(stage: Stage) -> Story:
    """Trains, starves, asks another type, is interrupted, resumes, starves, asks the first type again, is handed over."""
    stage.create(ALONE, OF_WHOLE, (*LAUNCH, TRAINS), WORK)
    stage.script(f"{WHOLE}-a*", NEVER)
    second = (*LAUNCH, ("Training", 1.5), *AGAIN, ("Training", 1.5), *STARVES)
    stage.script(f"{WHOLE}-a2-*", second)
    stage.create(WHOLE, OF_WHOLE, (*LAUNCH, ("Training", 2.0), *STARVES), WORK)
    yield lambda: len(stage.truths(WHOLE)) >= 3
    stage.measured(OF_WHOLE, SLOW)
    yield lambda: stage.truths(WHOLE)[-1]["transitions"][-1][0] == "Completed"
    yield completed(stage, WHOLE, len(stage.truths(WHOLE)))
    yield completed(stage, ALONE, 1)


def user(stage: Stage) -> Story:
    """Its owner stops it while Spotter has ordered the stop, and cannot call for the throttling."""
    stage.fault(USER, "throttled", times=1000)
    stage.create(USER, AT_ONCE, NEVER)
    yield ordered(stage, USER, OrderState.ORDERED, "ThrottlingException")
    stage.sagemaker.stop_training_job(TrainingJobName=USER)
    yield lambda: stage.ending(USER)
    yield stage.sweeps(2)


def late(stage: Stage) -> Story:
    """It completes although StopTrainingJob was accepted."""
    stage.create(LATE, OF_LATE, (*LAUNCH, TRAINS), LONG, completes=True)
    yield lambda: stage.saved(LATE)
    stage.measured(OF_LATE, SLOW)
    yield completed(stage, LATE, 1)
    yield stage.sweeps(2)


def race(stage: Stage) -> Story:
    """The sweep and several events of the stream meet at its order."""
    stage.script(f"{RACE}-a*", (*LAUNCH, TRAINS))
    stage.create(RACE, OF_RACE, (*LAUNCH, TRAINS), LONG)
    yield lambda: stage.saved(RACE) and stage.rows(RACE)
    stage.measured(OF_RACE, SLOW)
    job = stage.attempts(RACE)[0].head.id
    head = row_keys.job_pk(job), row_keys.head_sk(job.created)
    deadline = row_keys.job_pk(job), row_keys.deadline_sk(job.created)
    stage.sweep()
    work = [stage.wake_resubmit(key) for key in (head, deadline) * 2]
    yield lambda: all(one.done() for one in work)
    assert [one.result().get("FunctionError") for one in work] == [None] * 4
    yield lambda: stage.shows(RACE, "Training", 2) and len(stage.attempts(RACE)) == 2
    yield stage.sweeps(2)


def handed_over(stage: Stage) -> Story:
    """It starves, and nothing was measured: half an hour is what on demand and a launch take, so it leaves spot at once."""
    stage.create(SEEN, UNMEASURED, NEVER)
    yield completed(stage, SEEN, 2)


def throttled(stage: Stage) -> Story:
    """StopTrainingJob is throttled; the next look calls again."""
    stage.fault(THROTTLED, "throttled", times=1000)
    stage.create(THROTTLED, AT_ONCE, NEVER)
    yield ordered(stage, THROTTLED, OrderState.ORDERED, "ThrottlingException")
    stage.fault(THROTTLED, "throttled", times=0)
    yield completed(stage, THROTTLED, 2)


def away(stage: Stage) -> Story:
    """Spotter is away for half an hour, by SageMaker's Date: before an order, between a stop and its end, and after a
    call that never arrived.
    """
    unordered, called, unheard = AWAY
    stage.fault(unheard, "request lost")
    stage.create(called, AT_ONCE, NEVER, stopping=6.0)
    stage.create(unheard, AT_ONCE, NEVER)
    yield ordered(stage, called, OrderState.CALLED)
    yield ordered(stage, unheard, OrderState.CALLING)
    stage.enable(enabled=False)
    try:
        stage.create(unordered, AT_ONCE, NEVER)
        yield lambda: stage.shows(called, "Stopped")
        stage.control("dates", dict.fromkeys(AWAY, HALF_AN_HOUR))
    finally:
        stage.enable(enabled=True)
    for name in AWAY:
        yield completed(stage, name, 2)


def lost(stage: Stage, said: dict[str, Any]) -> Story:
    """The answer of StopTrainingJob is lost, so nobody knows whose stop it was; a person continues it, and tries again."""
    stage.fault(LOST, "answer lost")
    stage.create(LOST, AT_ONCE, NEVER, stopping=6.0)
    yield ordered(stage, LOST, OrderState.CALLING)
    stage.control("dates", {LOST: HALF_AN_HOUR})
    yield lambda: (ended := stage.ending(LOST)) and ended.rule == STOP_UNKNOWN
    yield lambda: alert_about_its_end(stage)
    yield stage.sweeps(1)
    said["attempts before"] = len(stage.truths(LOST))
    for when in ("first", "again"):
        command: Future[Any] = stage.spotter("continue", LOST)
        yield command.done
        said[when] = command.result()
    yield completed(stage, LOST, 2)
    command = stage.spotter("continue", LOST)
    yield command.done
    said["afterwards"] = command.result()


def alert_about_its_end(stage: Stage) -> Any:
    """The alert about the stop of unknown origin, once it is raised."""
    job = stage.attempts(LOST)[0].head.id
    about = (one.alert for one in stage.ledger.alerts_about(job))
    return next((alert for alert in about if alert.kind == "attempt_ended"), None)
