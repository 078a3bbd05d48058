"""How long a spot job may run, and how long it may wait.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html
https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html
"""

from collections.abc import Iterator
from datetime import timedelta

from spotter.core.check.findings import CheckInput, RuleViolation
from spotter.core.check.request import Request
from spotter.core.model.built_in_algorithms import DO_NOT_CHECKPOINT
from spotter.core.model.times import words
from spotter.core.resubmit.plan import A_DAY, LONGEST_WAIT_WITHOUT_CHECKPOINTS

RUN, WAIT = "StoppingCondition.MaxRuntimeInSeconds", "StoppingCondition.MaxWaitTimeInSeconds"
LONGEST_RUN = timedelta(days=28)
LITTLE_ROOM = timedelta(minutes=10)
LITTLE_SHARE = 10
"""A room of less than a tenth of the run, or of less than ten minutes: about what one restart takes."""

HOUR = int(LONGEST_WAIT_WITHOUT_CHECKPOINTS.total_seconds())


def it_asks_for_spot(inputs: CheckInput) -> Iterator[RuleViolation]:
    """It asks for spot. EnableManagedSpotTraining is true; without it there is nothing to check for spot."""
    if not inputs.request.spot:
        yield RuleViolation(
            "EnableManagedSpotTraining",
            "it is not true, so the job runs on demand and most checks do not apply",
            "set it to true, with a MaxWaitTimeInSeconds and a CheckpointConfig, to train on spot",
        )


def a_spot_job_says_how_long_it_may_wait(inputs: CheckInput) -> Iterator[RuleViolation]:
    """A spot job says how long it may wait. On spot, MaxWaitTimeInSeconds must be present: waiting and running together."""
    request = inputs.request
    if request.spot and request.count(WAIT) is None:
        least = int(run(request).total_seconds())
        yield RuleViolation(
            WAIT,
            "it is absent, and a spot job must have it",
            f"set it larger than MaxRuntimeInSeconds ({least}), by as long as the job may wait for spot",
        )


def a_wait_is_no_shorter_than_the_run(inputs: CheckInput) -> Iterator[RuleViolation]:
    """A wait is no shorter than the run. MaxWaitTimeInSeconds holds the run too, so that it is not below MaxRuntimeInSeconds."""
    wait, longest = wait_of(inputs.request), run(inputs.request)
    if wait is not None and wait < longest:
        yield RuleViolation(
            WAIT, f"it is {_seconds(wait)}, below the {_seconds(longest)} of the run", LARGER
        )


def only_a_spot_job_waits(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Only a spot job waits. MaxWaitTimeInSeconds is only supported when EnableManagedSpotTraining is true."""
    request = inputs.request
    if not request.spot and request.count(WAIT) is not None and not _retries(request):
        yield RuleViolation(
            WAIT,
            "it is only supported when EnableManagedSpotTraining is true",
            "leave it out, or set EnableManagedSpotTraining",
        )


def a_run_takes_at_most_28_days(inputs: CheckInput) -> Iterator[RuleViolation]:
    """A run takes at most 28 days. MaxRuntimeInSeconds is 2,419,200 at most; a day if the request does not set it."""
    if run(inputs.request) > LONGEST_RUN:
        yield RuleViolation(
            RUN,
            f"it is {words(run(inputs.request))}, and 28 days is the most",
            "make it 2419200 at most, and resume from checkpoints in another job",
        )


def an_algorithm_that_saves_nothing_waits_an_hour_at_most(
    inputs: CheckInput,
) -> Iterator[RuleViolation]:
    """An algorithm that saves nothing waits an hour at most. A built-in algorithm that does not checkpoint is limited to a MaxWaitTimeInSeconds of 3600."""
    request, wait = inputs.request, wait_of(inputs.request)
    if not request.spot or wait is None or wait <= LONGEST_WAIT_WITHOUT_CHECKPOINTS:
        return
    if inputs.request.built_in in DO_NOT_CHECKPOINT:
        yield RuleViolation(
            WAIT,
            f"{inputs.request.built_in} does not checkpoint, and {_seconds(wait)} is above its {HOUR}",
            f"make it {HOUR} at most, or train on demand",
        )


def a_wait_is_longer_than_the_run(inputs: CheckInput) -> Iterator[RuleViolation]:
    """A wait is longer than the run. The guide asks for more than MaxRuntimeInSeconds; equal is accepted, and leaves no time to wait."""
    wait, longest = wait_of(inputs.request), run(inputs.request)
    if inputs.request.spot and wait == longest:
        yield RuleViolation(
            WAIT,
            "it equals MaxRuntimeInSeconds, so any wait for spot shortens the run",
            LARGER,
        )


def a_wait_leaves_room_for_interruptions(inputs: CheckInput) -> Iterator[RuleViolation]:
    """A wait leaves room for interruptions. More than a tenth of MaxRuntimeInSeconds, and ten minutes, are left to wait and to start again."""
    wait, longest = wait_of(inputs.request), run(inputs.request)
    if not inputs.request.spot or wait is None or wait <= longest:
        return
    room = wait - longest
    if room < max(LITTLE_ROOM, longest / LITTLE_SHARE):
        yield RuleViolation(
            WAIT,
            f"it leaves {words(room)} above a run of {words(longest)} for every wait and new start",
            "raise it: an interruption costs a wait for capacity, a start, and the work since the "
            "last checkpoint",
        )


def an_algorithm_that_saves_nothing_starts_over(inputs: CheckInput) -> Iterator[RuleViolation]:
    """An algorithm that saves nothing starts over. A built-in algorithm that does not checkpoint begins anew after every interruption."""
    if inputs.request.spot and inputs.request.built_in in DO_NOT_CHECKPOINT:
        yield RuleViolation(
            "AlgorithmSpecification",
            f"{inputs.request.built_in} does not checkpoint, so every interruption loses all its work",
            "use spot for it only where a run is short",
        )


def an_algorithm_from_the_marketplace_may_wait_an_hour(
    inputs: CheckInput,
) -> Iterator[RuleViolation]:
    """An algorithm from the marketplace may wait an hour. One with an AlgorithmName that does not checkpoint is limited to 3600, too; no API shows whether it does."""
    request, wait = inputs.request, wait_of(inputs.request)
    named = request.spot and request.get("AlgorithmSpecification.AlgorithmName")
    if named and wait is not None and wait > LONGEST_WAIT_WITHOUT_CHECKPOINTS:
        yield RuleViolation(
            WAIT,
            f"it is above {HOUR}, the limit of a marketplace algorithm that does not checkpoint",
            "ask its seller whether it checkpoints",
        )


def a_retrystrategy_is_for_internal_errors(inputs: CheckInput) -> Iterator[RuleViolation]:
    """A RetryStrategy is for internal errors. RetryStrategy retries InternalServerError alone, and its attempts share both limits."""
    request = inputs.request
    if not _retries(request):
        return
    yield RuleViolation(
        "RetryStrategy",
        "it retries after an InternalServerError only, and all its attempts share "
        "MaxRuntimeInSeconds and MaxWaitTimeInSeconds",
        "do not rely on it after MaxWaitTimeExceeded or a CapacityError",
    )
    if not request.spot and request.count(WAIT) is not None:
        yield RuleViolation(
            WAIT,
            "whether SageMaker takes it on demand together with a RetryStrategy is not documented",
            "leave it out if the request is refused",
        )


LARGER = "make it larger than MaxRuntimeInSeconds, by as long as the job may wait for spot"


def run(request: Request) -> timedelta:
    """MaxRuntimeInSeconds, a day if the request does not set it."""
    seconds = request.count(RUN)
    return A_DAY if seconds is None else _span(seconds)


def wait_of(request: Request) -> timedelta | None:
    seconds = request.count(WAIT)
    return None if seconds is None else _span(seconds)


def _retries(request: Request) -> bool:
    return bool(request.get("RetryStrategy"))


def _span(seconds: int) -> timedelta:
    """At most a hundred years, so that any number is a span."""
    return timedelta(seconds=max(min(seconds, 100 * 365 * 86400), 0))


def _seconds(span: timedelta) -> str:
    return str(int(span.total_seconds()))
