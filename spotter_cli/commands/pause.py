"""`spotter pause`: stop all resubmission."""

from spotter_cli.options import Json, Reason, StackOptions, with_stack_options
from spotter_cli.output.terminal import show
from spotter_cli.output.times import Utc, in_zone, zone
from spotter_cli.stack.deployed import connected


@with_stack_options
def pause(reason: Reason, utc: Utc = False, *, target: StackOptions, json: Json = False) -> None:
    """Stop all resubmission at once, until `spotter resume`. Recording and alerts continue."""
    from spotter_cli.stack import switch

    with connected(*target, any_version=True) as spotter:
        turned = switch.pause(spotter, reason)
    state = "Resubmission is paused" if turned.changed else "Resubmission was paused already"
    show(vars(turned) if json else in_zone(zone(utc), [f"{state} ({turned.paused})"]))
