"""The requests that were found in a script, each written once, in the order of the script."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from spotter.core.check.request import Position, Request
from spotter_cli.check import sdk_parameters
from spotter_cli.check.python import sdk_requests
from spotter_cli.check.templates import JINJA, opened

TUNING, PIPELINES = "hyperparameter tuning", "SageMaker Pipelines"
THEY_NAME = (TUNING, PIPELINES)
"""Services that make the names of their jobs; a base_job_name is used for what is uploaded."""

TEMPLATE = "it is filled in later, from a template"
NAMED = {"TrainingJobName": "base_job_name"}
MOST = 100


class TooMany(Exception):
    """The script creates more than MOST jobs; the first of them were found."""


@dataclass
class WrittenRequests:
    """The requests of the file that is called `named`; TooMany once there are more than MOST."""

    named: str
    found: dict[tuple[Position, str], Request] = field(default_factory=dict)

    def in_order(self) -> list[Request]:
        """The requests that were found so far, in the order of the script."""
        return [self.found[key] for key in sorted(self.found, key=lambda one: _order(one[0]))]

    def write(
        self,
        kind: str,
        at: Position,
        members: dict[str, Any],
        positions: Mapping[str, Position],
        paths: Mapping[str, str],
        *,
        whole: bool = False,
        arguments: Mapping[str, Any] | None = None,
        owner: str | None = None,
    ) -> None:
        """One request; the same one from another turn or call is written once."""
        stem = opened((arguments or {}).get("base_job_name"), JINJA, why=TEMPLATE)
        image = (arguments or {}).get("image_uri") or (arguments or {}).get("training_image")
        looked_up = image.name if isinstance(image, sdk_parameters.LookedUp) else ""
        members = opened(members, JINJA, why=TEMPLATE)
        if not whole:
            sdk_requests.mend(members)
        if owner in THEY_NAME:
            members.pop("TrainingJobName", None)
            stem = None
        one = Request(
            f"{self.named}, {at} ({kind})",
            members,
            at,
            {paths.get(name, name): where for name, where in positions.items()}
            if paths
            else dict(positions),
            (NAMED if paths else {}) | {path: parameter for parameter, path in paths.items()},
            whole=whole,
            stem=stem if isinstance(stem, str) else None,
            algorithm=sdk_parameters.FIRST_PARTY.get(kind) or looked_up or None,
            owner=owner,
        )
        key = (at, repr((kind, members, stem, owner)))
        if key not in self.found and len(self.found) == MOST:
            raise TooMany
        self.found.setdefault(key, one)


def _order(at: Position) -> tuple[int, int]:
    return at.cell or 0, at.line
