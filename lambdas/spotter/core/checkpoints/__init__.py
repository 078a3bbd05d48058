"""Finds the checkpoints in a listing, and whether each is complete: from names, instants and sizes.

`layouts` is the table of frameworks, `names` classifies a single name, `entries` groups the files of a
checkpoint, `siblings` compares checkpoints of one kind, `completeness` decides, `found` is the result.
"""

from spotter.core.checkpoints.completeness import QUIET
from spotter.core.checkpoints.entries import TOP, StoredObject
from spotter.core.checkpoints.found import Checkpoint, Findings, findings

__all__ = [
    "QUIET",
    "TOP",
    "Checkpoint",
    "Findings",
    "StoredObject",
    "findings",
]
