"""The terms of a lineage's deadline: when it is to be finished, and what its owner stated about the work."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class DeadlineTerms:
    """A lineage's deadline by the policy's rule and the job's tags.

    `stated` is the deadline as its owner wrote it; `rule` names the policy's rule. `needs` is the training time
    of the whole lineage and `steps` its training steps, None where nobody stated them. An attempt from number
    `patience_from` on may wait for spot as long as `patience`, then another spot option is tried. `margin`
    is added to what a hand-over takes. At most `asks` attempts may end without having trained. `capacity` are
    the rule's capacity options as text: those on spot are the pools, the first on demand is the hand-over.
    """

    finish_by: datetime
    stated: str
    rule: str
    needs: timedelta | None = None
    steps: int | None = None
    patience: timedelta = timedelta(minutes=30)
    patience_from: int = 2
    margin: timedelta = timedelta(minutes=10)
    asks: int = 20
    capacity: tuple[str, ...] = ()

    def may_end_a_wait(self, attempt: int, asked: int) -> bool:
        """Whether a vain wait of this attempt may be ended, after so many attempts that never trained."""
        return attempt >= self.patience_from and asked < self.asks
