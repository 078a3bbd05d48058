"""The checkpoint locations that a deployment lists, to alert about running jobs that save nothing.

The stack writes them to one of its outputs, and the command line reads them back, to show which jobs
would raise no such alert. A list that is too long for an output is cut, with the number of the others.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Self

from spotter.core.policy.model import Policy

OUTPUT, QUIET_OUTPUT = "CheckpointsWatched", "CheckpointQuietSeconds"
LONGEST = 1000
"""Characters of an output: CloudFormation takes 1,024 bytes, and a pattern can need more for a letter."""
SET_THE_KEY = "name its place under `checkpoint_locations` in spotter.toml"
NOWHERE = (
    "nowhere, so no alert is raised for a job that trains and saves nothing: name places under "
    "`checkpoint_locations` in spotter.toml"
)
_LISTED = re.compile(r"(\[.*\])(?: and (\d+) more)?", re.DOTALL)
OFF = "nowhere: alerts.checkpoint_quiet is false in spotter.toml"


@dataclass(frozen=True)
class WatchedLocations:
    """The patterns of the locations; not `whole` if there are more than the output holds."""

    patterns: tuple[str, ...] = ()
    whole: bool = True

    @classmethod
    def read(cls, output: str | None) -> Self | None:
        """The locations in an output; None if there is no output, as in an older deployment."""
        if output is None:
            return None
        found = _LISTED.fullmatch(output)
        return cls(tuple(json.loads(found[1])), found[2] is None) if found else cls()

    def holds(self, location: str) -> bool | None:
        """True if the location is listed; None if that is not known."""
        if any(fnmatchcase(location, pattern) for pattern in self.patterns):
            return True
        return False if self.whole else None


def quiet_seconds(policy: Policy) -> str:
    """The other output: for how long a job may train without a checkpoint; 0 where no alert is wanted."""
    quiet = policy.alerts.checkpoint_quiet
    return str(int(quiet.total_seconds())) if quiet else "0"


def quiet_in(output: str | None) -> timedelta | None:
    """The span in that output; None where no alert is wanted, or where an older deployment has no output."""
    found = int(output) if output and output.isdecimal() else 0
    return timedelta(seconds=found) if found else None


def watched_locations(policy: Policy) -> str:
    """The output: a JSON list of patterns, or that there is none, and which key causes that."""
    if policy.alerts.checkpoint_quiet is None:
        return OFF
    if not policy.checkpoint_locations:
        return NOWHERE
    shown = len(policy.checkpoint_locations)
    while len(_listed(policy, shown).encode()) > LONGEST:
        shown -= 1
    return _listed(policy, shown)


def _listed(policy: Policy, shown: int) -> str:
    more = len(policy.checkpoint_locations) - shown
    listed = json.dumps(policy.checkpoint_locations[:shown], ensure_ascii=False)
    return f"{listed} and {more} more" if more else listed
