"""Where Spotter looks whether a job that trains saves anything, as a deployment says it.

The stack states it as one of its outputs, and the command line reads it back: so whoever lists jobs
learns which of them nobody would notice. A list too long for an output is cut, and says so.
"""

import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Self

from spotter.core.policy.model import Policy

OUTPUT = "CheckpointsWatched"
LONGEST = 1000
"""Characters of an output: CloudFormation takes 1,024 bytes, and a pattern can need more for a letter."""
SET_THE_KEY = "name its place under `checkpoint_locations` in spotter.toml"
NOWHERE = (
    "nowhere, so a job that trains and saves nothing is not noticed: list locations under `checkpoint_locations` "
    "in spotter.toml"
)
_LISTED = re.compile(r"(\[.*\])(?: and (\d+) more)?", re.DOTALL)
OFF = "nowhere: alerts.checkpoint_quiet is false in spotter.toml"


@dataclass(frozen=True)
class WatchedLocations:
    """The patterns of the places; not `whole` where there are more than the output holds."""

    patterns: tuple[str, ...] = ()
    whole: bool = True

    @classmethod
    def read(cls, said: str | None) -> Self | None:
        """What an output says; None where there is none, which is what an older Spotter deploys."""
        if said is None:
            return None
        found = _LISTED.fullmatch(said)
        return cls(tuple(json.loads(found[1])), found[2] is None) if found else cls()

    def holds(self, location: str) -> bool | None:
        """True if the location is looked at; None if that is not known."""
        if any(fnmatchcase(location, pattern) for pattern in self.patterns):
            return True
        return False if self.whole else None


def watched_locations(policy: Policy) -> str:
    """The output: a JSON list of patterns, or that it is nowhere, and which key says so."""
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
