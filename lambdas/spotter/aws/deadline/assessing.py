"""Assessing a lineage with a deadline from the ledger alone.

What one assessment reads: the lineage's rows (one query), the heads and the checkpoint rows of its attempts (two
calls), the timeline of each attempt that trained (one query each), the stop order of an attempt that is stopping, and the measured durations of its instance types
and its rule (one call). Nothing that grows with the account.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from spotter.aws.ledger.checkpoint_sightings import sightings
from spotter.aws.ledger.table import Ledger
from spotter.core.deadline.assessment import Assessment, Standing, assess, phase_of
from spotter.core.deadline.durations import LOOK, TypeObservations, lineage_durations, together
from spotter.core.deadline.hand_over import NextStep, Phase
from spotter.core.deadline.progress import lineage_progress
from spotter.core.deadline.remaining import remaining
from spotter.core.deadline.stop_order import OrderState
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.ledger import stop_order
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.measured_durations import (
    RuleLineages,
    TypeDurations,
    rule_key,
    type_key,
)
from spotter.core.ledger.stop_order import StopOrder
from spotter.core.model.identity import Attempt
from spotter.core.model.instances import Instances
from spotter.core.policy.capacity_options import CapacityOption


@dataclass(frozen=True)
class DeadlineAssessor:
    """Reads the ledger, and assesses."""

    ledger: Ledger

    def assess(self, head: JobRecord, terms: DeadlineTerms, now: datetime) -> Assessment:
        """How the lineage stands whose newest attempt has this head."""
        heads = self.heads(head)
        lines = [self.ledger.timeline(one.id) for one in heads if one.reached_training]
        seen = sightings(self.ledger, (one.id for one in heads))
        saves = (save for one in seen.values() for save in one.saves)
        known = lineage_progress(lines, saves, now)
        options = [CapacityOption.parse(option) for option in terms.capacity]
        first = next((one.instances for one in heads if one.attempt.number == 1), head.instances)
        durations = self._durations(options, first, head)
        completed = self.ledger.all_readable(RuleLineages, [rule_key(terms.rule)], consistent=False)
        left = remaining(
            terms,
            known.progress,
            completed[0].trained if completed else (),
            head.max_runtime,
        )
        phase = phase_of(head.status, head.secondary, spot=head.spot) if head.running else None
        stopping = phase is Phase.STOPPING
        waits = head.waiting_since is not None and head.running
        standing = Standing(
            now=now,
            phase=phase,
            attempt=head.attempt.number,
            secondary=head.secondary,
            waited=now - head.waiting_since if waits and head.waiting_since else timedelta(),
            unsaved=known.unsaved if phase in (Phase.TRAINING, Phase.ON_DEMAND) else timedelta(),
            saved=known.newest is not None and now - known.newest <= LOOK,
            other_pools=_others(options, first, head.instances),
            asked=sum(bool(one.ending) and not one.reached_training for one in heads),
            progress=known.progress,
            stopped_for=self._stopped_for(head.attempt) if stopping else None,
        )
        return assess(
            terms,
            standing,
            left,
            lineage_durations(*durations, known.gaps, terms.margin),
        )

    def heads(self, head: JobRecord) -> list[JobRecord]:
        """The heads of all attempts, the given one as it is given."""
        root = head.attempt.root
        if head.attempt.number == 1:
            return [head]
        ended = (one.job for one in self.ledger.readable_lineage(root).endings.values())
        found = self.ledger.heads([root, *ended]) | {head.id: head}
        of_it = (one for one in found.values() if one.attempt.root == root)
        return sorted(of_it, key=lambda one: one.attempt.number)

    def _stopped_for(self, attempt: Attempt) -> NextStep | None:
        """The step for which Spotter has stopped this attempt; None where the stop is not known to be its own."""
        orders = self.ledger.all_readable(StopOrder, [stop_order.key(attempt)])
        called = (one.step for one in orders if one.state is OrderState.CALLED)
        return next(called, None)

    def _durations(
        self, options: Iterable[CapacityOption], first: Instances, head: JobRecord
    ) -> tuple[TypeObservations, TypeObservations]:
        """What was measured on the types of the hand-over, and on those of the running attempt."""
        target = next((option for option in options if not option.spot), None)
        on_demand = set(target.types if target and target.types else types(first))
        spot = set(types(head.instances))
        keys = map(type_key, sorted(on_demand | spot))
        found = {
            one.type: one.observations
            for one in self.ledger.all_readable(TypeDurations, keys, consistent=False)
        }
        return tuple(  # type: ignore[return-value]
            together(found[kind] for kind in sorted(kinds) if kind in found)
            for kinds in (on_demand, spot)
        )


def types(instances: Instances) -> tuple[str, ...]:
    """The instance types of a job's groups."""
    return tuple(dict.fromkeys(kind for kind, _ in instances))


def _others(options: Iterable[CapacityOption], first: Instances, present: Instances) -> bool:
    """True if a spot option is on other types than the present attempt."""
    pools = {option.types or types(first) for option in options if option.spot}
    return bool(pools - {types(present)})
