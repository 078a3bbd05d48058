"""Situations in which several functions act at once on one job or lineage, and what must be true afterwards.

What functions leave undone, because they crash or meet a conflict, the next sweeps make good.
"""

from collections.abc import Callable, Sequence
from functools import partial

from laptop.simulated_sagemaker.spot_market import INTERRUPTED_ONCE
from spotter.aws.ledger.jobs import Conflict
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.ledger import row_keys
from spotter.core.model.times import utc
from spotter.core.policy.model import AlertsPolicy, Policy, RepeatedInterruptions
from tests.support.deadline_lineage import begun, timely
from tests.support.every_interleaving import Situation, Work
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.jobs import minutes
from tests.support.nightly_lineage import ACT, PATIENT, children, claimed, failing
from tests.support.spotter_in_one_process import Killed, SpotterInOneProcess

Begun = tuple[SpotterInOneProcess, Sequence[Work]]
WATCHED = Policy(alerts=AlertsPolicy(repeated_interruptions=RepeatedInterruptions(1, minutes(60))))
TIMELY = timely(finish_by=FinishBy(after=minutes(120)), require_checkpoint=True)


def rest(world: SpotterInOneProcess, sweeps: int = 3) -> None:
    """What is under way is delivered, and some sweeps follow."""
    world.held = None
    world.settle()
    for _ in range(sweeps):
        world.now += minutes(6)
        world.sagemaker.advance()
        world.sweep()


def recorded(functions: int) -> Begun:
    """A job was interrupted, and so many records describe it, each by a message of its own."""
    world = SpotterInOneProcess(FakeDynamoDB(), WATCHED)
    world.script("*", INTERRUPTED_ONCE)
    world.create("nightly-7", StoppingCondition=PATIENT, HyperParameters={})
    world.settle()
    while "Interrupted" not in [status for status, _ in world.sagemaker.truth("nightly-7")]:
        world.now += minutes(0.25)
        world.sagemaker.advance()
    messages = [{"messageId": "0", "body": world.events[-1]["body"]}]
    world.events.clear()
    return world, [lambda: world.run_record(messages)] * functions


def is_recorded(world: SpotterInOneProcess) -> None:
    rest(world)
    assert world.differences() == []
    assert list(world.ledger.pending_alerts()) == []
    assert list(world.ledger.evaluations(world.now)) == []


def alerted(functions: int) -> Begun:
    """An alert is to be published, and so many alerts wake by the same row."""
    world, woken = SpotterInOneProcess(FakeDynamoDB(), ACT), list[list[tuple[str, str]]]()
    alert, world.run_alert = world.run_alert, woken.append  # type: ignore[assignment, method-assign]
    failing(world, "nightly-7").pass_time(10, step=5)
    world.run_alert = alert  # type: ignore[method-assign]
    return world, [lambda: world.run_alert(woken[-1])] * functions


def is_published(world: SpotterInOneProcess) -> None:
    rest(world)
    assert "attempt_ended" in world.alerts("nightly-7")
    assert world.outcomes("nightly-7")[-1:] == ["started"]
    assert list(world.ledger.pending_alerts()) == []
    assert list(world.ledger.evaluations(world.now)) == []


def ended(functions: int) -> Begun:
    """nightly-7 has failed, and so many resubmitters wake by its ending."""
    world = SpotterInOneProcess(FakeDynamoDB(), ACT)
    world.held = []
    failing(world, "nightly-7").pass_time(10, step=5)
    (key,) = world.held
    return world, [partial(world.run_resubmit, key)] * functions


def left(functions: int) -> Begun:
    """A resubmitter crashed before its creation, and so many take up the claim that it left."""
    world, (first,) = ended(1)
    world.refuse("create_training_job", Killed(), done=False)
    try:
        first()
    except Killed:
        world.stream.changes.clear()
    world.now += minutes(3)
    key = claimed(world)[row_keys.PK], row_keys.attempt_sk(2)
    return world, [partial(world.run_resubmit, key)] * functions


def is_resubmitted_once(world: SpotterInOneProcess) -> None:
    rest(world)
    assert len(children(world)) == 1, children(world)
    assert claimed(world)["state"] == "started"
    assert list(world.ledger.unsettled()) == []
    assert world.differences() == []


def ordered(functions: int) -> Begun:
    """A deadline wants on demand now: the first function wakes by the lineage, others by the head."""
    world = SpotterInOneProcess(FakeDynamoDB(), TIMELY)
    world.held = []
    begun(world)
    head = world.heads()["nightly-7"]
    lineage = row_keys.lineage_pk(head.id), row_keys.ended_sk(1)
    job = row_keys.job_pk(head.id), row_keys.head_sk(head.id.created)
    return world, [partial(world.run_resubmit, key) for key in (lineage, job, job)[:functions]]


def is_handed_over(world: SpotterInOneProcess) -> None:
    """It was stopped once and goes on on demand, never two at a time; or an alert says that it was not."""
    rest(world, sweeps=6)
    made, truths = world.attempts()[1:], world.sagemaker.truths()
    last, at = truths[0].transitions[-1]
    assert len(made) <= 1, made
    assert made or "attempt_ended" in world.alerts("nightly-7"), "neither continued nor alerted"
    assert last == "Stopped"
    assert all(utc(truth.created) >= utc(at) for truth in truths[1:]), "two living attempts"
    assert world.differences() == []


def _situation(
    begin: Callable[[int], Begun], check: Callable[[SpotterInOneProcess], None], functions: int
) -> Situation:
    return Situation(lambda: begin(functions), check, (Conflict,))


SITUATIONS: dict[str, Callable[[int], Situation]] = {
    "record": partial(_situation, recorded, is_recorded),
    "alert": partial(_situation, alerted, is_published),
    "resubmit at an ending": partial(_situation, ended, is_resubmitted_once),
    "resubmit at a claim": partial(_situation, left, is_resubmitted_once),
    "stop order": partial(_situation, ordered, is_handed_over),
}
"""By what acts; each takes the number of functions."""
