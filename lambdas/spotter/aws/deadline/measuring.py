"""Measuring durations from the account's own ledger: once a day, in a bounded number of reads.

Whoever assesses a deadline reads one row for each instance type and one for the rule. These rows are made here, by the
sweep, for the types and rules of the lineages with a deadline that it met, when a row is missing or a day old.
One measurement reads the heads of at most `HEADS` jobs of the last four weeks, the newest first (half a read
unit each), and at most `TIMELINES` timelines for each type. So what it costs depends neither on the account's size
nor on the number of events.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from spotter.aws.deadline.assessing import types
from spotter.aws.ledger.checkpoint_sightings import sightings
from spotter.aws.ledger.rows import BATCH
from spotter.aws.ledger.table import Ledger
from spotter.core.deadline.observed import SeenJob, observations
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.ledger.deadline import DeadlineRecord, deadline_key
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.measured_durations import (
    RuleLineages,
    TypeDurations,
    rule_key,
    type_key,
)
from spotter.core.model.endings import Ending
from spotter.core.model.identity import JobId
from spotter.core.policy.capacity_options import CapacityOption

Measurement = TypeDurations | RuleLineages
AGAIN, BACK = timedelta(days=1), timedelta(days=28)
HEADS, TIMELINES, LINEAGES = 2000, 60, 100


@dataclass(frozen=True)
class DurationMeasurer:
    """The ledger that is read, and that keeps what was measured."""

    ledger: Ledger

    def refresh(
        self,
        deadlines: Iterable[tuple[JobRecord, DeadlineTerms]],
        now: datetime,
        enough_time: Callable[[], bool],
    ) -> int:
        """Measure for these lineages what is missing or a day old; how many rows were put."""
        found = list(deadlines)
        kinds = {kind for head, terms in found for kind in _types(head, terms)}
        rules = {terms.rule for _, terms in found}
        of_types = self.ledger.all_readable(TypeDurations, map(type_key, sorted(kinds)))
        of_rules = self.ledger.all_readable(RuleLineages, map(rule_key, sorted(rules)))
        known_types = {one.type: one for one in of_types}
        known_rules = {one.rule: one for one in of_rules}
        kinds -= {one.type for one in of_types if now - one.measured < AGAIN}
        rules -= {one.rule for one in of_rules if now - one.measured < AGAIN}
        if not (kinds or rules) or not enough_time():
            return 0
        heads = list(islice(self._heads(now), HEADS))
        put = 0
        for kind in sorted(kinds):
            put += self._put(known_types.get(kind), self.of_type(kind, heads, now))
        for row in self._of_rules(rules, heads, now):
            put += self._put(known_rules.get(row.rule), row)
        return put

    def _put(self, known: Measurement | None, row: Measurement) -> bool:
        if known is None:
            return self.ledger.put_new(row)
        return self.ledger.replace_unless_changed(known, row)

    def _heads(self, now: datetime) -> Iterator[JobRecord]:
        """The newest jobs first, a hundred at a time, as far as wanted."""
        for back in range(BACK.days + 1):
            day = now.date() - timedelta(days=back)
            jobs = self.ledger.created_on(day, newest_first=True, page=BATCH)
            while some := list(islice(jobs, BATCH)):
                yield from self.ledger.glanced_heads(some)

    def of_type(self, kind: str, heads: Sequence[JobRecord], now: datetime) -> TypeDurations:
        """What these jobs, the newest first, show of an instance type; one row's worth of it."""
        trained = [h for h in heads if h.reached_training and types(h.instances) == (kind,)]
        chosen = [
            head
            for spot in (True, False)
            for head in [one for one in trained if one.spot is spot][:TIMELINES]
        ]
        seen = sightings(self.ledger, (head.id for head in chosen))
        jobs = (
            SeenJob(
                head.id.created,
                head.spot,
                self.ledger.timeline(head.id),
                seen[head.id].saves if head.id in seen else (),
            )
            for head in chosen
        )
        of_type = [h for h in heads if h.spot and types(h.instances) == (kind,)]
        return TypeDurations(kind, now, observations(jobs, now), _shares(of_type))

    def _of_rules(
        self, rules: set[str], heads: Sequence[JobRecord], now: datetime
    ) -> list[RuleLineages]:
        """How long the lineages of each rule trained that completed, the newest first."""
        if not rules:
            return []
        done = {head.id: head for head in heads if head.ending is Ending.COMPLETED}
        keys = map(deadline_key, done)
        found = self.ledger.all_readable(DeadlineRecord, keys, consistent=False)
        trained: dict[str, list[timedelta]] = defaultdict(list)
        for one in sorted(found, key=lambda record: record.job.created, reverse=True):
            rule = one.terms.rule if one.terms else None
            if rule in rules and len(trained[rule]) < LINEAGES:
                trained[rule].append(self._trained(done[one.job]))
        return [RuleLineages(rule, now, tuple(trained[rule])) for rule in sorted(rules)]

    def _trained(self, head: JobRecord) -> timedelta:
        """What a completed lineage trained, less what was seen to be repeated."""
        jobs: list[JobId] = [head.id]
        if head.attempt.number > 1:
            endings = self.ledger.readable_lineage(head.attempt.root).endings.values()
            jobs = list({one.job: None for one in endings} | {head.id: None})
        heads = self.ledger.heads(jobs)
        seen = sightings(self.ledger, jobs)
        repeated = sum((one.repeated for one in seen.values()), timedelta())
        return max(
            sum((one.trained for one in heads.values()), timedelta()) - repeated, timedelta()
        )


def _shares(heads: Iterable[JobRecord]) -> tuple[int, ...]:
    """What was billed of the training time on spot, in thousandths, of the newest jobs that show both; 0 is no figure."""
    return tuple(
        1000 * head.billable_seconds // head.training_seconds
        for head in heads
        if head.billable_seconds and head.training_seconds
    )[:LINEAGES]


def _types(head: JobRecord, terms: DeadlineTerms) -> set[str]:
    """The instance types on which the lineage runs or may run."""
    options = (CapacityOption.parse(option) for option in terms.capacity)
    return {*types(head.instances), *(kind for option in options for kind in option.types)}
