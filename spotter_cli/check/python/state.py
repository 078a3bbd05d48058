"""The state at one point of a script: the names of every scope, and the jobs that were made.

Two branches work on two copies (`fork`); after them, what both agree on is known, and what differs is
not (`join`).
"""

import copy
from dataclasses import dataclass, field
from typing import Any

from spotter.core.check.request import Position, Unknown
from spotter_cli.check.python.values import (  # fmt: skip
    Class,
    Curried,
    Instance,
    Items,
    JobObject,
    OneOf,
    ScriptDict,
    ScriptFunction,
    Value,
    is_plain,
    one_of,
    parts,
)


@dataclass
class ScriptJob:
    """A job object of the script as it stands: what it was given, and what was set or called later.

    `started` is True once a request was sent from it (`fit`, `train`), `owner` the service that manages its jobs,
    `made_by` the class of the script that derives from the SDK's.
    """

    kind: str
    position: Position
    given: ScriptDict
    positions: dict[str, Position]
    later: ScriptDict = field(default_factory=ScriptDict)
    owner: str | None = None
    session: Value = None
    started: bool = False
    made_by: Class | None = None


@dataclass
class ScriptState:
    """Names by scope, jobs by number, and attributes and entries that unknown values were seen to have."""

    scopes: dict[int, ScriptDict] = field(default_factory=dict)
    seen: ScriptDict = field(default_factory=ScriptDict)
    jobs: dict[int, ScriptJob] = field(default_factory=dict)

    def fork(self) -> "ScriptState":
        """A copy; what was shared within it is shared within the copy."""
        return copy.deepcopy(self)

    def keep(self, other: "ScriptState") -> None:
        """Jobs and scopes that were made on a branch which did not come back here."""
        self.jobs = other.jobs | self.jobs
        self.scopes = other.scopes | self.scopes

    def class_of(self, owner: Value) -> Class | None:
        """The class of the script that made this object."""
        if isinstance(owner, JobObject):
            return self.jobs[owner.number].made_by
        return owner.made_by if isinstance(owner, Instance) else None

    def of_class(self, made_by: Class, name: str) -> Value | None:
        """An attribute of the class or of its bases in the script, as it is here."""
        held = self.scopes.get(made_by.scope, ScriptDict())
        if name in held:
            return held[name]
        found = (self.of_class(base, name) for base in made_by.bases if isinstance(base, Class))
        return next((one for one in found if one is not None), None)

    def blur(self, value: Value, why: str) -> None:
        """Whatever the value holds may be changed by code to which it was passed."""
        for one in parts(value):
            if isinstance(one, JobObject):
                self.jobs[one.number].given.blur(why)
                self.jobs[one.number].later.blur(why)
            elif not isinstance(one, Class):
                one.blur(why)
            elif not one.is_an_enumeration():
                held = self.scopes.get(one.scope, ScriptDict())
                held.update(
                    {n: Unknown(why) for n in held if not isinstance(held[n], ScriptFunction)}
                )

    def join(self, other: "ScriptState", why: str) -> None:
        """This state after either of two branches."""
        joining = _Joining(why)
        joining.tables(self.seen, other.seen)
        for number, scope in other.scopes.items():
            joining.tables(self.scopes.setdefault(number, scope), scope)
        for number, theirs in other.jobs.items():
            mine = self.jobs.setdefault(number, theirs)
            if mine is not theirs:
                joining.tables(mine.given, theirs.given)
                joining.tables(mine.later, theirs.later)
                mine.started = mine.started or theirs.started
                mine.owner = mine.owner or theirs.owner


@dataclass
class _Joining:
    """One join; what was joined already is not joined again, however often it is shared."""

    why: str
    done: dict[tuple[int, int], Any] = field(default_factory=dict)

    def tables(self, mine: ScriptDict, theirs: ScriptDict) -> ScriptDict:
        key = (id(mine), id(theirs))
        if key in self.done or mine is theirs:
            return mine
        self.done[key] = theirs
        absent = Unknown(self.why)
        for name in dict.fromkeys((*mine, *theirs)):
            one, other = mine.get(name, absent), theirs.get(name, absent)
            mine[name] = self.values(one, other)
        mine.why = mine.why or theirs.why
        return mine

    def values(self, mine: Value, theirs: Value) -> Value:
        """One value where both are the same; else Unknown, or one of those that make jobs."""
        if mine is theirs:
            return mine
        if (
            isinstance(mine, ScriptDict)
            and isinstance(theirs, ScriptDict)
            and mine.shape == theirs.shape
        ):
            return self.tables(mine, theirs)
        if isinstance(mine, Items) and isinstance(theirs, Items):
            return self.items(mine, theirs)
        if isinstance(mine, Instance) and isinstance(theirs, Instance) and _alike(mine, theirs):
            self.tables(mine.attributes, theirs.attributes)
            return mine
        if isinstance(mine, Curried) and isinstance(theirs, Curried):
            return self.partials(mine, theirs)
        if isinstance(mine, OneOf) and isinstance(theirs, OneOf):
            return self.options(mine, theirs)
        return mine if _is_one(mine, theirs) else one_of((mine, theirs), self.why)

    def partials(self, mine: Curried, theirs: Curried) -> Value:
        """Two copies of one `functools.partial`, or either of two."""
        one, other = mine.given, theirs.given
        same = self.values(mine.function, theirs.function) is mine.function
        if not same or len(one.by_position) != len(other.by_position):
            return one_of((mine, theirs), self.why)
        together = zip(one.by_position, other.by_position, strict=True)
        one.by_position[:] = [self.values(a, b) for a, b in together]
        self.tables(one.by_name, other.by_name)
        return mine

    def options(self, mine: OneOf, theirs: OneOf) -> Value:
        """Two copies of one choice, or what either of two offers."""
        if len(mine.options) == len(theirs.options):
            pairs = zip(mine.options, theirs.options, strict=True)
            if all(self.values(one, other) is one for one, other in pairs):
                return mine
        return one_of((mine, theirs), self.why)

    def items(self, mine: Items, theirs: Items) -> Items:
        key = (id(mine), id(theirs))
        if key not in self.done:
            self.done[key] = theirs
            mine.why = mine.why or theirs.why or (None if len(mine) == len(theirs) else self.why)
            if mine.why is None:
                mine[:] = [self.values(a, b) for a, b in zip(mine, theirs, strict=True)]
        return mine


def _alike(mine: Instance, theirs: Instance) -> bool:
    return mine.made_by is theirs.made_by


def _is_one(mine: Value, theirs: Value) -> bool:
    """True of two plain values that are equal, and of two copies of one job or one unknown value."""
    if isinstance(mine, Unknown) and isinstance(theirs, Unknown):
        return mine.mark == theirs.mark
    same = type(mine) is type(theirs) and (is_plain(mine) or isinstance(mine, JobObject))
    return same and bool(mine == theirs)


def either(values: list[Value], why: str) -> Value:
    """The value that all of these are; where they differ, as two branches leave it."""
    joining = _Joining(why)
    found = values[0]
    for one in values[1:]:
        found = joining.values(found, one)
    return found
