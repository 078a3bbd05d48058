"""What of a listing is a checkpoint, and whether it is whole: told from names, instants and sizes.

`layouts` is the table of frameworks, `names` what a name says alone, `entries` which files belong
together, `siblings` what others of the kind hold, `judging` what is whole, `found` the outcome.
"""

from spotter.core.checkpoints.completeness import QUIET
from spotter.core.checkpoints.entries import TOP, StoredObject
from spotter.core.checkpoints.found import (
    Checkpoint,
    Findings,
    above,
    findings,
    own_prefix,
    touches,
)

__all__ = [
    "QUIET",
    "TOP",
    "Checkpoint",
    "Findings",
    "StoredObject",
    "above",
    "findings",
    "own_prefix",
    "touches",
]
