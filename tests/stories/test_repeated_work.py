"""What an interruption made a job repeat is recorded by the first sweep after it, and read without S3."""

from dataclasses import replace
from datetime import timedelta

import pytest

from laptop.simulated_sagemaker.spot_market import LAUNCH, Chance, Script, Step
from spotter.aws.ledger.checkpoint_sightings import sightings
from spotter.core.ledger.checkpoint_sightings import CheckpointSightings
from spotter.core.model.timeline import INTERRUPTED, TRAINING
from spotter.core.money.repeated_work import RepeatedWork, repeated_work
from spotter.core.policy.model import AlertsPolicy, Mode
from tests.support.nightly_lineage import PATIENT, bounded
from tests.support.spotter_in_one_process import SpotterInOneProcess

WATCHED = replace(bounded(mode=Mode.OFF), rules=())
SLOW = {"steps": "500", "step_seconds": "1"}
INTERRUPTED_TWICE = Script(
    steps=(
        *LAUNCH, Step(TRAINING, 43), Step(INTERRUPTED, 5), *LAUNCH, Step(TRAINING, 8),
        Step(INTERRUPTED, 30), *LAUNCH, Step(TRAINING),
    )
)  # fmt: skip


def started(world: SpotterInOneProcess, every: int, script: Script = INTERRUPTED_TWICE):
    world.script("*", script)
    steps = SLOW | ({"checkpoint_every": str(every)} if every else {})
    world.create("job", StoppingCondition=PATIENT, HyperParameters=steps)
    return world


def seen(world: SpotterInOneProcess) -> CheckpointSightings | None:
    job = world.heads()["job"].id
    return sightings(world.ledger, [job]).get(job)


def repeated(world: SpotterInOneProcess) -> RepeatedWork:
    return repeated_work(world.heads()["job"], seen(world))


def from_the_bucket(world: SpotterInOneProcess) -> list[timedelta]:
    """What each interruption cost, by the objects in S3 and by what SageMaker did."""
    (truth,) = world.sagemaker.truths()
    saved = [instant for (_, key), (_, instant) in world.s3.objects.items() if "job/" in key]
    found, training = [], None
    for status, start in truth.transitions:
        if status == INTERRUPTED and training:
            found.append(
                start - max([s for s in saved if s <= start and s >= training] or [training])
            )
        training = start if status == TRAINING else None
    return found


def test_the_first_sweep_after_an_interruption_records_the_newest_checkpoint_before_it(new_world):
    world = started(new_world(WATCHED), every=10)
    world.pass_time(48)
    assert world.sweep().scans == 1
    (one,) = seen(world).interruptions
    assert one.seen == world.now
    assert [one.repeated] == from_the_bucket(world)
    assert repeated(world).at_least == repeated(world).at_most
    assert timedelta() < one.repeated < timedelta(seconds=11)


def test_two_interruptions_between_two_sweeps_have_each_their_own_checkpoint(new_world):
    world = started(new_world(WATCHED), every=10)
    world.pass_time(90)
    world.sweep()
    first, second = seen(world).interruptions
    assert [first.repeated, second.repeated] == from_the_bucket(world)
    assert second.repeated == second.trained, "it resumed from a checkpoint of the stay before"
    assert world.sweep().scans == 0, "nothing new to see"


def test_a_checkpoint_that_is_removed_later_is_remembered(new_world):
    world = started(new_world(WATCHED), every=10)
    world.pass_time(48)
    world.sweep()
    before = repeated(world)
    world.s3.objects.clear()
    world.pass_time(60)
    world.sweep()
    assert repeated(world).at_least == before.at_least


@pytest.mark.parametrize("refused", ["AccessDenied", "SlowDown"])
def test_where_s3_cannot_be_listed_the_cost_is_a_range_and_the_next_sweep_tries_again(
    new_world, refused
):
    world = started(new_world(WATCHED), every=10)
    world.pass_time(48)
    world.s3.refusal, world.s3.status = refused, 403 if refused == "AccessDenied" else 503
    world.sweep()
    assert seen(world) is None
    assert repeated(world) == RepeatedWork(timedelta(), timedelta(seconds=43))
    world.s3.refusal = None
    assert world.sweep().scans == 1
    assert repeated(world).at_least == repeated(world).at_most


def test_without_a_checkpoint_the_cost_is_a_range_and_nobody_looks_again(new_world):
    world = started(new_world(WATCHED), every=0)
    world.pass_time(48)
    assert [world.sweep().scans, world.sweep().scans] == [1, 0]
    assert repeated(world) == RepeatedWork(timedelta(), timedelta(seconds=43))


def test_a_job_that_finished_within_minutes_of_its_interruption_has_its_checkpoints_listed(
    new_world,
):
    script = Script(
        steps=(*LAUNCH, Step(TRAINING, 43), Step(INTERRUPTED, 5), *LAUNCH, Step(TRAINING))
    )
    world = new_world(WATCHED)
    world.script("*", script)
    world.create(
        "job", HyperParameters={"steps": "50", "step_seconds": "1", "checkpoint_every": "10"}
    )
    world.pass_time(120)
    assert world.heads()["job"].status == "Completed"
    world.sweep()
    assert [repeated(world).at_least] == from_the_bucket(world)
    world.now += timedelta(days=2)
    world.sweep()
    assert [repeated(world).at_least] == from_the_bucket(world)


@pytest.mark.parametrize(
    "policy",
    [
        replace(WATCHED, checkpoint_locations=()),
        replace(WATCHED, alerts=AlertsPolicy(checkpoint_quiet=None)),
    ],
    ids=["no location", "no limit"],
)
def test_where_the_stack_has_no_permission_nothing_is_listed_or_recorded(new_world, policy):
    world = started(new_world(policy), every=10)
    world.pass_time(48)
    before = world.s3.listed
    assert world.sweep().scans == 0
    assert (world.s3.listed, seen(world)) == (before, None)


def test_where_nothing_may_be_listed_a_sweep_reads_no_rows_for_it(new_world):
    """Each sweep reports that the location of a long training cannot be listed."""
    quiet = AlertsPolicy(checkpoint_quiet=timedelta(seconds=40))
    world = started(new_world(replace(WATCHED, checkpoint_locations=(), alerts=quiet)), every=10)
    world.pass_time(200)
    reads, real = [], world.stream.query

    def query(**request):
        reads.append(str(request))
        return real(**request)

    world.stream.query = query
    swept = world.sweep()
    assert (swept.scans, swept.scans_without_result) == (1, 1)
    assert not [one for one in reads if "AT#" in one]


def test_a_listing_that_was_cut_settles_the_interruption_as_not_seen(new_world):
    world = started(new_world(WATCHED), every=10)
    world.pass_time(48)
    for n in range(9):
        world.s3.put_object(Bucket="ml-checkpoints", Key=f"job/logs/{n}", Body=b"x")
    world.s3.page = 1
    assert [world.sweep().scans, world.sweep().scans] == [1, 0]
    assert seen(world).seen is None
    assert repeated(world) == RepeatedWork(timedelta(), timedelta(seconds=43))


def test_a_long_training_is_recorded_every_fifteen_minutes_at_the_most_while_nothing_is_saved(
    new_world,
):
    quiet = replace(WATCHED, alerts=AlertsPolicy(checkpoint_quiet=timedelta(minutes=10)))
    world = new_world(quiet)
    world.script("*", Script(steps=(*LAUNCH, Step(TRAINING))))
    days = {"MaxRuntimeInSeconds": 400_000, "MaxWaitTimeInSeconds": 400_000}
    world.create("job", StoppingCondition=days, HyperParameters=SLOW | {"steps": "99999"})
    found = set()
    for _ in range(24):
        world.pass_time(300, step=60)
        world.sweep()
        found.add(seen(world).seen if seen(world) else None)
    assert len(found - {None}) == 8
    assert seen(world).newest is None


@pytest.mark.parametrize("seed", range(12))
def test_in_a_random_market_the_ledger_and_the_bucket_agree(new_world, seed):
    world = new_world(WATCHED)
    world.market.otherwise = Chance(seed, interruptions=4, between=20, waiting=5)
    world.create("job", StoppingCondition=PATIENT, HyperParameters=SLOW | {"checkpoint_every": "7"})
    for _ in range(30):
        world.pass_time(9)
        world.sweep()
    true = from_the_bucket(world)
    mine = [one.repeated for one in (seen(world).interruptions if seen(world) else ())]
    assert len(mine) == world.heads()["job"].interruptions
    assert all(one in (None, other) for one, other in zip(mine, true, strict=True))
    found = repeated(world)
    assert found.at_least <= sum(true, timedelta()) <= found.at_most
