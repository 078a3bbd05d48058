"""All parts of the state at a restart, each compared by its rule, and told apart where one explains another."""

from collections.abc import Iterator

from spotter.core.model.times import counted
from spotter_cli.rehearse.state.following_parts import (
    at_another_place,
    compare_counter,
    compare_rng,
    compare_sampler,
    compare_what_was_learnt,
    epoch_again,
    order_follows_rng,
)
from spotter_cli.rehearse.state.restart_evidence import (
    Agreement,
    PartComparison,
    Restart,
    StatePart,
)
from spotter_cli.rehearse.state.saved_parts import (
    compare_optimizer,
    compare_schedule,
    compare_weights,
)

AGREES, LOST, UNKNOWN = Agreement.AGREES, Agreement.LOST, Agreement.UNKNOWN


def compare_parts(restart: Restart) -> Iterator[PartComparison]:
    weights = compare_weights(restart)
    schedule = compare_schedule(restart)
    optimizer = compare_optimizer(restart)
    yield weights
    yield optimizer
    yield schedule
    same_model = LOST not in (weights.agreement, optimizer.agreement, schedule.agreement)
    rng, sampler = compare_rng(restart), compare_sampler(restart, same_model)
    same_so_far = (weights.agreement, schedule.agreement) == (AGREES, AGREES)
    if _was_amid_a_step(restart, sampler):
        yield _gradients(restart)
        sampler = PartComparison(StatePart.SAMPLER, UNKNOWN, "the first step used fewer samples")
        same_so_far = False
    if optimizer.agreement is LOST:  # the loss may be scaled by a scaler that was lost
        same_so_far = False
    if rng.agreement is not LOST and same_so_far:
        rng = compare_what_was_learnt(restart, sampler) or rng
    if sampler.agreement is LOST and order_follows_rng(restart, rng):
        sampler = PartComparison(
            StatePart.SAMPLER, UNKNOWN, "the order of the samples follows the RNG, which was lost"
        )
    counter = compare_counter(restart)
    if counter.agreement is LOST and sampler.agreement is not LOST and epoch_again(restart):
        begun_again = "the epoch that was interrupted was begun again: samples were used twice"
        sampler = PartComparison(StatePart.SAMPLER, LOST, begun_again)
    if sampler.agreement is LOST and counter.agreement is LOST and epoch_again(restart):
        counter = PartComparison(StatePart.COUNTER, UNKNOWN, "an epoch was begun again")
    if counter.agreement is LOST and at_another_place(restart):
        follows = "follows the step counter, which was lost"
        rng = PartComparison(StatePart.RNG, UNKNOWN, f"the state of the generators {follows}")
        sampler = PartComparison(StatePart.SAMPLER, UNKNOWN, f"the order of the samples {follows}")
    yield sampler
    yield rng
    yield counter


def _was_amid_a_step(restart: Restart, sampler: PartComparison) -> bool:
    """True if it was saved between two backward passes of one step, and went on with the next pass.

    A script that begins the step again makes as many passes in it as before, with the same samples, and has lost nothing.
    """
    if not restart.saved.state.parts.get("gradients"):
        return False
    for now, before in restart.pairs(lambda step: step.passes, most=1):
        return now < before
    return sampler.agreement is LOST


def _gradients(restart: Restart) -> PartComparison:
    passes = counted(restart.saved.state.parts["gradients"]["accumulated"], "backward pass", "es")
    detail = f"it was saved amid a step of the optimizer, and the gradients of {passes} are lost"
    return PartComparison(StatePart.GRADIENTS, LOST, detail)
