"""The policy travels in the bundle, so that code and policy are deployed together."""

from functools import cache
from pathlib import Path

from spotter.core.policy.model import Policy
from spotter.core.policy.parse import read_policy

ROOT = Path(__file__).parents[2]


@cache
def policy() -> Policy:
    """The policy that was checked when the stack was synthesised."""
    return read_policy(ROOT / "spotter.toml")
