"""Writing into the ledger that a lineage goes on whose last attempt was stopped by nobody knows whom."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from spotter_cli.errors import CommandError
from spotter_cli.stack import job_lookup
from spotter_cli.stack.deployed import Deployed

if TYPE_CHECKING:
    from spotter.core.ledger.ending import EndingRecord
    from spotter.core.ledger.stop_order import StopOrder


@dataclass(frozen=True)
class Continued:
    """The job whose lineage goes on, and the name of its next attempt."""

    job: str
    next: str


def continue_lineage(spotter: Deployed, name: str, now: datetime) -> Continued:
    """Take the stop of this job for Spotter's own, so that the function resubmit decides about it again."""
    from spotter.aws.ledger.jobs import Conflict
    from spotter.core.deadline.stop_order import OrderState
    from spotter.core.model.identity import Attempt
    from spotter.core.resubmit import claims

    named = job_lookup.find_job(spotter, name).attempt
    root, lineage = named.root, spotter.ledger.lineage(named.root)
    attempt = Attempt(root, max(lineage.endings, default=1))
    ended, order = lineage.endings.get(attempt.number), lineage.orders.get(attempt.number)
    ended, order = _unknown(name, ended, order, lineage.orders.get(named.number))
    ours = replace(order, state=OrderState.CALLED, closed=False, continued=now)
    try:
        spotter.ledger.claim((), ended, claims.reopened(ended, now), (order, ours))
    except Conflict:
        raise CommandError(
            f"The ledger's rows about {name} changed at this moment; nothing was written. Run the command again."
        ) from None
    return Continued(attempt.name, attempt.next.name)


def _unknown(
    name: str,
    ended: "EndingRecord | None",
    order: "StopOrder | None",
    of_named: "StopOrder | None",
) -> "tuple[EndingRecord, StopOrder]":
    """The rows, if it is not known whose stop ended the job; CommandError otherwise.

    `of_named` is the order of the attempt that was named, which may be an earlier one.
    """
    from spotter.core.model.times import iso
    from spotter.core.resubmit.outcome import STOP_UNKNOWN

    unknown = ended is not None and ended.rule == STOP_UNKNOWN and ended.settled is not None
    if unknown and ended is not None and order is not None:
        return ended, order
    if of_named is not None and of_named.continued is not None:
        raise CommandError(
            f"{name} was continued already, at {iso(of_named.continued)}, and nothing was written now: "
            f"spotter explain {name} shows what followed."
        )
    raise CommandError(
        f"There is nothing to continue: it is not so that {name} was stopped and nobody knows by whom. "
        f"spotter explain {name} says what happens next."
    )
