"""Stopping for a deadline, over the real handlers: two functions interleaved at their AWS calls, either of which may end
at any call, with throttling, lost answers, a user's stop, a completion and the switch in between.

Four things must never be: two living attempts; a stop without an order that was written before; an attempt after a
user's stop; a stop of Spotter's own after which the lineage neither goes on nor has an alert.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product

import pytest
from botocore.exceptions import ClientError

from laptop.simulated_sagemaker.spot_market import LAUNCH, Script, Step
from spotter.aws.ledger.table import Ledger
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.deadline.stop_order import OrderState
from spotter.core.ledger import row_keys
from spotter.core.ledger.alert import Severity
from spotter.core.ledger.stop_order import StopOrder
from tests.support.deadline_lineage import NEVER, begun, timely
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.interleavings import Happens, InterleavedFunctions, StopCall
from tests.support.spotter_in_one_process import SpotterInOneProcess

POLICY = timely(finish_by=FinishBy(after=timedelta(hours=2)), require_checkpoint=True)
TRAINING = Script(steps=(*LAUNCH, Step("Training")), stopping=60.0)
LATE = replace(TRAINING, completes=True)
SCRIPTS = {"waits": NEVER, "trains": TRAINING, "completes while it stops": LATE}
SWEEPS = 6


@dataclass(frozen=True)
class Schedule:
    """What happens at which call, and how Spotter's first StopTrainingJob ends."""

    at: tuple[tuple[int, Happens], ...] = ()
    stop: StopCall = StopCall.ANSWERED
    away: bool = False


@dataclass
class Told:
    """One run: what really happened, for the checks and the count."""

    world: SpotterInOneProcess
    functions: InterleavedFunctions
    user_stopped: bool
    without_order: bool


pytestmark = pytest.mark.usefixtures("quiet")


def due(script: Script) -> tuple[SpotterInOneProcess, tuple[str, str], tuple[str, str]]:
    """nightly-7 under a deadline that wants on demand now, and the rows by which two functions wake."""
    world = SpotterInOneProcess(FakeDynamoDB(), POLICY)
    world.held = []
    begun(world, script)
    if script is not NEVER:
        world.pass_time(25 * 60, step=300)
        world.sweep()
    head = world.heads()["nightly-7"]
    lineage = row_keys.lineage_pk(head.id), row_keys.ended_sk(1)
    return world, lineage, (row_keys.job_pk(head.id), row_keys.head_sk(head.id.created))


def tell(
    schedule: Schedule,
    script: Script = NEVER,
    spoil: Callable[[SpotterInOneProcess], None] = lambda _: None,
) -> Told:
    """Two functions at the order, then Spotter lives on for half an hour of sweeps."""
    world, first, second = due(script)
    spoil(world)
    functions = InterleavedFunctions(world, dict(schedule.at), schedule.stop)
    told = Told(world, functions, False, False)
    root = world.heads()["nightly-7"].attempt.root
    stop = world.sagemaker.stop_training_job

    def happens(what: Happens) -> None:
        if what is Happens.SWITCHED_OFF:
            world.switch = "off"
        elif what is Happens.COMPLETES:
            complete(world)
        elif what is Happens.USER_STOPS:
            try:
                stop(TrainingJobName="nightly-7")
                told.user_stopped = True
            except ClientError:
                pass  # it was stopping or had ended: the user sees a refusal

    def watch() -> None:
        told.without_order |= order_state(world, root) is not OrderState.CALLING

    functions.happens, functions.watch = happens, watch
    functions.run(lambda: world.run_resubmit(first), lambda: world.run_resubmit(second))
    world.held = None
    if schedule.away:
        world.now += timedelta(minutes=30)
    world.sagemaker.advance()
    world.settle()
    for _ in range(SWEEPS):
        world.pass_time(300, step=60)
        world.sweep()
    if world.switch == "off":
        world.switch = None
        world.sweep()
        world.pass_time(300, step=60)
        world.sweep()
    return told


def complete(world: SpotterInOneProcess) -> None:
    """The training of nightly-7 is done at this moment, if it trains."""
    job = world.sagemaker._running.get("nightly-7")
    if job is not None and job.now.status == "Training":
        job.needs = world.now - job.now.start
        world.now += timedelta(seconds=2)
        world.sagemaker.advance()


def order_state(world: SpotterInOneProcess, root) -> OrderState | None:
    order = world.ledger.lineage(root).orders.get(1)
    return order.state if order else None


def check(
    schedule: Schedule,
    script: Script = NEVER,
    spoil: Callable[[SpotterInOneProcess], None] = lambda _: None,
) -> Counter[str]:
    """The four promises of one run, and what is counted of it."""
    told = tell(schedule, script, spoil)
    world = told.world
    names = world.attempts()
    truths = {truth.name: truth.transitions for truth in world.sagemaker.truths()}
    (ended, at), children = truths["nightly-7"][-1], names[1:]
    assert len(children) <= 1, (schedule, names)
    for child in children:
        born = next(t.created for t in world.sagemaker.truths() if t.name == child)
        assert ended in ("Stopped", "Completed"), (schedule, ended)
        assert born >= at, (schedule, "two living attempts")
    assert not told.without_order, (schedule, "stopped without an order")
    assert not (told.user_stopped and children), (schedule, "a user's stop was overridden")
    ours = "accepted" in told.functions.stops
    if ours and ended == "Stopped":
        known = world.ledger.alerts_about(world.heads()["nightly-7"].id)
        critical = any(one.alert.severity is Severity.CRITICAL for one in known)
        assert children or critical, (schedule, "neither continued nor alerted")
    assert world.differences() == []
    counted = Counter(
        runs=1, fired=int(bool(told.functions.fired)), stopped=int(ours), continued=len(children)
    )
    counted.update(users=int(told.user_stopped))
    counted.update(unknown=int(ours and ended == "Stopped" and not children))
    return counted


def calls(script: Script, stop: StopCall = StopCall.ANSWERED) -> int:
    """How many calls both make together if nothing happens."""
    return len(tell(Schedule(stop=stop), script).functions.made)


EVENTS = tuple(happens for happens in Happens if happens is not Happens.OTHER)
MOST = 12
"""Calls beyond those of a run without events: a conflict makes a function read and decide again."""


def single(script: Script) -> list[Schedule]:
    """One event, or one switch of the functions, at each call; and each end of the call."""
    many = range(calls(script) + MOST)
    each = [Schedule(((n, what),), away=n % 3 == 0) for n, what in product(many, Happens)]
    return [*(Schedule(stop=stop) for stop in StopCall), *each]


def drawn(script: Script, count: int, seed: str) -> Iterator[Schedule]:
    """So many schedules by chance: up to three switches, up to two events, with every end of the call."""
    dice, many = random.Random(seed), range(calls(script) + MOST)
    for _ in range(count):
        what = [Happens.OTHER] * dice.choice((0, 1, 1, 2, 2, 2, 3))
        what += [dice.choice(EVENTS) for _ in range(dice.choice((0, 1, 1, 1, 2)))]
        at = tuple(zip(dice.sample(many, len(what)), what, strict=True))
        yield Schedule(at, dice.choice(list(StopCall)), away=dice.random() < 0.3)


def explored(name: str, some: Iterable[Schedule], proof) -> Counter[str]:
    """Check all of these schedules, and print what came to pass."""
    counted: Counter[str] = Counter()
    for one in some:
        counted.update(check(one, SCRIPTS[name]))
    proof.count(tries=counted["runs"], fired=counted["fired"])
    print(name, dict(counted))
    return counted


@pytest.mark.shows("races", "one event, or a switch of two functions, at any call of a stop order")
@pytest.mark.parametrize("name", SCRIPTS)
def test_one_event_at_any_call_keeps_the_four_promises(name, proof):
    """Of jobs that train one schedule in six: the others are among `make proof`."""
    counted = explored(name, single(SCRIPTS[name])[:: 2 if name == "waits" else 6], proof)
    assert counted["stopped"]


DRAWN = "two functions at a stop order, switched, with events, throttling and lost answers"


@pytest.mark.shows("races", DRAWN)
@pytest.mark.parametrize("name", SCRIPTS)
def test_schedules_drawn_by_chance_keep_the_four_promises(name, proof):
    assert explored(name, drawn(SCRIPTS[name], 40, name), proof)["stopped"]


PARTS, A_PART = 8, 150


@pytest.mark.proof
@pytest.mark.shows("races", DRAWN)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", SCRIPTS)
def test_many_more_schedules_keep_the_four_promises(name, part, proof):
    assert explored(name, drawn(SCRIPTS[name], A_PART, f"{name} {part}"), proof)["stopped"]


def test_a_user_who_stops_it_after_all_was_judged_is_seen_before_the_call():
    """The last Describe stands directly before the order becomes calling, after the reads of S3 and of the ledger."""
    made = tell(Schedule()).functions.made
    call = made.index("stop_training_job")
    assert made[call - 2 : call] == ["describe_training_job", "put_item"]
    told = tell(Schedule(((call - 2, Happens.USER_STOPS),)))
    assert (told.user_stopped, told.functions.stops) == (True, [])
    assert told.world.attempts() == ["nightly-7"]


@dataclass(frozen=True)
class Careless(Ledger):
    """A planted fault: an order is put whoever changed it meanwhile, without compare and swap."""

    def replace(self, old, new):
        if not isinstance(new, StopOrder):
            return super().replace(old, new)
        turned = replace(new, turn=(old.turn or 0) + 1)
        self.rows.put(turned.row(), "attribute_exists(pk) OR attribute_not_exists(pk)")
        return turned


def test_without_compare_and_swap_a_promise_is_broken():
    """The exploration sees it: the second function's refusal makes an order void that the first one's stop had made
    called, so that a job that Spotter stopped counts as stopped by a user.
    """
    every = (Schedule(((n, Happens.OTHER),)) for n in range(calls(NEVER) + MOST))
    assert "neither continued nor alerted" in first_broken(every, careless)


def test_judging_while_a_call_may_be_under_way_breaks_a_promise():
    """The exploration sees it: a second function takes the order over just before the first one calls."""
    made = tell(Schedule()).functions.made
    before_the_call = made.index("stop_training_job"), Happens.OTHER
    later = range(before_the_call[0] + 1, len(made) + MOST)
    every = (Schedule((before_the_call, (n, Happens.OTHER))) for n in later)
    assert first_broken(every, impatient)


def careless(world: SpotterInOneProcess) -> None:
    stopper = world.carrier.running.stopper
    blind = Careless(world.stream, world.ledger.table, world.malformed.append)
    world.carrier.__dict__["running"] = replace(
        world.carrier.running, stopper=replace(stopper, ledger=blind)
    )


def impatient(world: SpotterInOneProcess) -> None:
    """A planted fault: the writer of a `calling` counts as ended at once."""
    look = world.carrier.running
    at_once = replace(look.stopper, time_limit=timedelta(days=-1))
    world.carrier.__dict__["running"] = replace(look, stopper=at_once)


def first_broken(every: Iterator[Schedule], spoil) -> str:
    """Which promise the first of these schedules breaks in a world that is spoilt so."""
    for one in every:
        try:
            check(one, NEVER, spoil)
        except AssertionError as broken:
            return str(broken)
    return ""
