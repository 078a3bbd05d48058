"""The attempts before the one that ended, and the most that a lineage may have cost.

Worst case, not bill: an attempt counts with its MaxRuntimeInSeconds on all its instances, whatever
it used of it. So the figure can be written down before a creation, and no missing number makes it
smaller. Prices are those of on-demand instances, also for spot, which costs at most that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from spotter.core.model.instances import Instances
from spotter.core.policy.model import ResubmissionPolicy

HOUR = timedelta(hours=1)
OF_ERROR = (Ending.INTERNAL, Ending.ALGORITHM)


@dataclass(frozen=True)
class Spend:
    """What attempts can have cost at the most; `money` is None where a price is not known."""

    instance_hours: float = 0.0
    money: float | None = 0.0

    def __add__(self, other: "Spend") -> "Spend":
        known = self.money is not None and other.money is not None
        money = (self.money or 0.0) + (other.money or 0.0) if known else None
        return Spend(self.instance_hours + other.instance_hours, money)


NOTHING = Spend()


@dataclass(frozen=True)
class PastAttempt:
    """An earlier attempt, as the ledger knows it.

    `progressed` says whether it left a checkpoint newer than its own start: None if it never
    trained, and then it does not count as an attempt without progress.
    """

    number: int
    ending: Ending
    interruptions: int
    progressed: bool | None
    trained: timedelta
    spend: Spend
    instances: Instances = ()


def spend_of(
    ending: Ending | None,
    reached_training: bool,
    instances: Instances,
    limit: timedelta,
    prices: Mapping[str, float],
    used: timedelta,
) -> Spend:
    """What an ended attempt can have cost at the most.

    An attempt that Spotter stopped before it trained counts with the time on its instances, which is known:
    none, as long as it waited.
    """
    vain = ending is Ending.HANDED_OVER and not reached_training
    return worst_case(instances, used if vain else limit, prices)


def worst_case(
    instances: Instances,
    max_runtime: timedelta,
    prices: Mapping[str, float],
    *,
    one_of: bool = False,
) -> Spend:
    """What one attempt can cost at the most; on `one_of` the instance groups, the dearest counts."""
    hours = [(kind, count * (max_runtime / HOUR)) for kind, count in instances]
    costs = [hour * prices[kind] for kind, hour in hours if kind in prices]
    together = max if one_of else sum
    money = together(costs) if costs and len(costs) == len(hours) else None
    return Spend(together(hour for _, hour in hours) if hours else 0.0, money)


def interruptions(past: Iterable[PastAttempt]) -> int:
    """How often SageMaker interrupted these attempts."""
    return sum(attempt.interruptions for attempt in past)


def asked(past: Iterable[PastAttempt]) -> int:
    """How many of these attempts waited in vain: they never trained."""
    return sum(attempt.progressed is None for attempt in past)


def errors(past: Iterable[PastAttempt]) -> int:
    """How many of these attempts ended in an error of the algorithm or of SageMaker."""
    return sum(attempt.ending in OF_ERROR for attempt in past)


def the_last_one_stood_still(past: Iterable[PastAttempt]) -> bool:
    """True if the last of these attempts that trained left no newer checkpoint.

    One that Spotter stopped for a deadline does not count: it had no time of its own choosing.
    """
    counted = (attempt for attempt in past if attempt.ending is not Ending.HANDED_OVER)
    known = [attempt.progressed for attempt in counted if attempt.progressed is not None]
    return bool(known) and not known[-1]


def past(ended: EndingRecord, head: JobRecord | None, bounds: ResubmissionPolicy) -> PastAttempt:
    """An earlier attempt, from its ENDED row and its head; what is not known counts as the worst."""
    known = set(Ending)
    instances = head.instances if head else ()
    trained = head is None or head.reached_training
    ending = Ending(ended.ending) if ended.ending in known else Ending.UNKNOWN
    limit, used = _limit(head, bounds), _trained(head, bounds)
    return PastAttempt(
        number=ended.attempt.number,
        ending=ending,
        interruptions=head.interruptions if head else 0,
        progressed=bool(ended.progressed) if trained else None,
        trained=used,
        spend=spend_of(ending, trained, instances, limit, bounds.prices, used),
        instances=instances,
    )


def _trained(head: JobRecord | None, bounds: ResubmissionPolicy) -> timedelta:
    """SageMaker's own figure, once it is final; of a job that runs, as long as its head counts it."""
    if head is None:
        return bounds.max_runtime
    seconds = None if head.running else head.training_seconds
    return timedelta(seconds=seconds) if seconds else head.trained


def _limit(head: JobRecord | None, bounds: ResubmissionPolicy) -> timedelta:
    limit = head.max_runtime if head else None
    return bounds.max_runtime if limit is None else limit
