"""The job that `spotter plan` is to judge, out of the command line's options."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import typer

from spotter.core.deadline.finish_by import FinishBy, NoTimeZones, OutOfRange, UnknownZone
from spotter.core.model.times import duration
from spotter.core.policy.capacity_options import is_instance_type
from spotter.core.policy.deadline_tags import NO_ZONES


@dataclass(frozen=True)
class WantedJob:
    """The job that is planned; `checkpoint` is None where the measured time between two counts."""

    needs: timedelta
    finish_by: datetime
    type: str
    instances: int
    checkpoint: timedelta | None
    now: datetime

    @property
    def left(self) -> timedelta:
        return self.finish_by - self.now


def wanted(
    needs: str, finish_by: str, kind: str, instances: int, checkpoint: str, now: datetime
) -> WantedJob:
    """The job of the command line's options; a usage error for what cannot be read."""
    if not is_instance_type(kind):
        raise typer.BadParameter(
            f'"{kind}" is no instance type such as "ml.g5.xlarge"', param_hint="--type"
        )
    return WantedJob(
        needs=_span(needs, "--needs"),
        finish_by=_deadline(finish_by, now),
        type=kind,
        instances=instances,
        checkpoint=_span(checkpoint, "--checkpoint") if checkpoint else None,
        now=now,
    )


def _span(text: str, option: str) -> timedelta:
    try:
        span = duration(text)
    except ValueError:
        span = timedelta()
    if span <= timedelta():
        raise typer.BadParameter(f'"{text}" is no duration such as "6h"', param_hint=option)
    return span


def _deadline(text: str, now: datetime) -> datetime:
    try:
        return FinishBy.parse(text).instant(now)
    except UnknownZone as zone:
        reason = f'the time zone "{zone}" is not known; it must be a name such as "Europe/Berlin"'
    except NoTimeZones:
        reason = NO_ZONES
    except OutOfRange as allowed:
        reason = f'"{text}" {allowed}'
    except ValueError:
        reason = (
            f'"{text}" is neither a duration such as "12h" nor a time of day such as '
            '"07:00 Europe/Berlin"'
        )
    raise typer.BadParameter(reason, param_hint="--finish-by")
