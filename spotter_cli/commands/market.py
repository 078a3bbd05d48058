"""`spotter market`: interruptions and waits for spot capacity, by instance type and hour of the day."""

from datetime import UTC, datetime

from spotter_cli.options import InstanceType, Json, Since, StackOptions, Until, with_stack_options
from spotter_cli.output.terminal import show
from spotter_cli.output.times import Utc, span, zone
from spotter_cli.stack.deployed import connected


@with_stack_options
def market(
    instance_type: InstanceType = "",
    since: Since = "14d",
    until: Until = "",
    utc: Utc = False,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """Show when spot capacity was short: interruptions and waits by instance type and hour of the day."""
    from spotter_cli.views import spot_history

    now = datetime.now(UTC)
    created = span(since, until, now)
    with connected(*target) as spotter:
        found = spot_history.market(spotter, *created, instance_type, zone(utc), now)
    if json:
        show(found.facts)
        return
    spot_history.print_market(found)
