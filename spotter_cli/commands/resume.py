"""`spotter resume`: allow resubmission again."""

from spotter_cli.options import Json, Reason, StackOptions, with_stack_options
from spotter_cli.output.terminal import show
from spotter_cli.output.times import Utc, in_zone, zone
from spotter_cli.stack.deployed import connected


@with_stack_options
def resume(reason: Reason, utc: Utc = False, *, target: StackOptions, json: Json = False) -> None:
    """Allow resubmission again. Jobs that waited are decided about again within one sweep."""
    from spotter_cli.stack import switch

    with connected(*target, any_version=True) as spotter:
        turned = switch.resume(spotter, reason)
    resumed = f"Resubmission is resumed; it was paused ({turned.paused})"
    line = resumed if turned.changed else "Resubmission was not paused"
    show(vars(turned) if json else in_zone(zone(utc), [line]))
