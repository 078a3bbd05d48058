"""`spotter finish`: whether a lineage finishes by its deadline, and when it leaves spot."""

from datetime import UTC, datetime

from spotter_cli.options import (
    Job,
    Json,
    PolicyFile,
    PriceFile,
    StackOptions,
    with_stack_options,
)
from spotter_cli.output.terminal import show
from spotter_cli.output.times import Utc, in_zone, zone
from spotter_cli.stack.deployed import connected, policy_of, prices_of


@with_stack_options
def finish(
    job: Job,
    prices: PriceFile = None,
    policy: PolicyFile = None,
    utc: Utc = False,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """Show a lineage's deadline: its slack, when it hands over to on demand, and what it costs from here."""
    from spotter_cli.stack import job_lookup
    from spotter_cli.views.lineage_deadline import finish_of

    now = datetime.now(UTC)
    with connected(*target) as spotter:
        head = job_lookup.find_job(spotter, job)
        known = policy_of(spotter, policy)
        found = finish_of(spotter, head, known, prices_of(spotter, prices), now)
    show(found.facts if json else in_zone(zone(utc), found.in_words()))
