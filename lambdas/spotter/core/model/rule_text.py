"""The text of a rule for people, from its docstring: the first sentence is the rule, the others say what it means.

People read this text in `spotter explain`, `spotter check` and docs/; the name of the rule is for code, logs and metrics.
"""

from collections.abc import Callable
from typing import Any


def title(rule: Callable[..., Any]) -> str:
    """The rule as a sentence without its capital and its full stop, as it stands within a line."""
    first, _ = _parts(rule)
    return first[:1].lower() + first[1:]


def meaning(rule: Callable[..., Any]) -> str:
    """What the rule means, in one sentence or more."""
    return _parts(rule)[1]


def _parts(rule: Callable[..., Any]) -> tuple[str, str]:
    first, _, rest = (rule.__doc__ or "").partition(". ")
    return first, rest
