"""What a rehearsal of a training script (`spotter rehearse`) adds to the durations that the ledger shows.

Theory. The ledger measures the account's jobs on an instance type; a rehearsal measures one script, on the machine that
rehearsed. So a rehearsal gives the time between two checkpoints only where the account has measured none. And it adds what no
status of SageMaker shows: in each launch, how long the script takes in Training until its first step. Spotter's
functions know no rehearsals: only views for people use this.
"""

from dataclasses import replace
from datetime import timedelta

from spotter.core.deadline.durations import LineageDurations, Measured


def with_rehearsal(
    known: LineageDurations, first_step: timedelta | None, between_saves: timedelta | None
) -> LineageDurations:
    """These durations with what a rehearsal measured; None is what it did not measure."""
    return replace(
        known,
        start_on_demand=_longer(known.start_on_demand, first_step),
        launch=_longer(known.launch, first_step),
        checkpoint_gap=_instead(known.checkpoint_gap, between_saves),
    )


def _longer(known: Measured, by: timedelta | None) -> Measured:
    return known if by is None else replace(known, value=known.value + by, rehearsed=by)


def _instead(known: Measured, span: timedelta | None) -> Measured:
    if span is None or known.count:
        return known
    return replace(known, value=span, rehearsed=span, is_default=False)
