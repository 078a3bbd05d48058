"""States that leave a block of a script before its end, each kept for the statement that takes it up.

A `return` is taken up by the call, a `break` or `continue` by the loop, a `raise` by a `try`, and all of
them by a `finally`. What nothing takes up ends the script.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from spotter_cli.check.python.state import ScriptState

RETURN, BREAK, CONTINUE, RAISE = "return", "break", "continue", "raise"
WAYS = (RETURN, BREAK, CONTINUE, RAISE)
Left = dict[str, list[ScriptState]]


@dataclass
class Leaving:
    """The states that left, by the way they took, for the innermost statement that takes it up."""

    waiting: Left = field(default_factory=dict)

    def leave(self, way: str, state: ScriptState) -> None:
        """Keep the state, if a statement around takes it up."""
        if way in self.waiting:
            self.waiting[way].append(state)

    @contextmanager
    def taken_up(self, *ways: str) -> Iterator[Left]:
        """The states that leave in these ways meanwhile."""
        outer, found = self.waiting, {way: list[ScriptState]() for way in ways}
        self.waiting = outer | found
        yield found
        self.waiting = outer


def any_of(states: list[ScriptState], why: str, kept: ScriptState) -> ScriptState:
    """The state after any of these. It is `kept` where that is among them: values in use stay its own."""
    found = next((one for one in states if one is kept), states[0])
    for one in states:
        if one is not found:
            found.join(one, why)
    return found
