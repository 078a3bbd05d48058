"""The abstract values of a script: plain ones, containers, functions and classes, and Unknown.

A plain value (text, number, bool, None) stands for itself. Containers are mutable and shared, as in
Python, so that an alias sees what the other name changes.
"""

import ast
import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spotter.core.check.request import Open, Position, Unknown

Value = Any
PLAIN = (str, int, float, type(None))
MOST_PARTS = 20_000
"""Entries of one value, nested ones counted; a request that SageMaker takes is far smaller."""

MOST_OPTIONS = 16
"""What one value may be; more than so many are unknown."""

UNROLLED = 16
"""Turns of a loop over a known list that are followed one by one."""


class ScriptDict(dict[str, Value]):
    """A mapping with text keys. `why` is the reason why it may hold more than is seen; None if it cannot.

    `shape` is the API's name of the structure that it stands for, where an SDK's class made it.
    """

    def __init__(self, entries: Mapping[str, Value] = {}, why: str | None = None, shape: str = ""):
        super().__init__(entries)
        self.why, self.shape = why, shape

    def blur(self, why: str) -> None:
        """Every entry may have been replaced, and others put in."""
        for key in self:
            self[key] = Unknown(why)
        self.why = why


class Items(list[Value]):
    """A list or tuple. `why` is the reason why its items are not known; None if they are."""

    def __init__(self, items: list[Value] | None = None, why: str | None = None):
        super().__init__(items or ())
        self.why = why

    def blur(self, why: str) -> None:
        self.why = why


@dataclass(frozen=True, eq=False)
class Named(Unknown):
    """Something that is imported, by its full name: `sagemaker.pytorch.PyTorch`, `os.environ`."""

    dotted: str = ""

    @property
    def mark(self) -> str:
        return self.dotted


def named(dotted: str) -> Named:
    return Named(f"{dotted} is imported", dotted)


@dataclass(frozen=True, eq=False)
class Outside(Unknown):
    """What whoever runs the script gives it: its command line, its environment. Its parts come from there too."""


@dataclass(frozen=True, eq=False)
class ScriptFunction:
    """A function of the script, the scope that it was made in, and its parameters' defaults.

    `setter` is what a property calls when it is set.
    """

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: int
    defaults: Mapping[str, Value]
    name: str = "lambda"
    setter: "ScriptFunction | None" = None

    def __deepcopy__(self, memo: Any) -> "ScriptFunction":
        return self

    def decorated_by(self, *names: str) -> bool:
        """True if one of its decorators has one of these names."""
        decorators = getattr(self.node, "decorator_list", ())
        return any(getattr(one, "attr", getattr(one, "id", "")) in names for one in decorators)

    def is_a_property(self) -> bool:
        """True of a method that is called by being read."""
        return self.decorated_by("property", "cached_property")


@dataclass(frozen=True, eq=False)
class Class:
    """A class of the script, its attributes as it was made, and what it derives from.

    The state keeps its attributes under the number of its `scope`, as they are at each point.
    """

    node: ast.ClassDef
    attributes: Mapping[str, Value]
    bases: tuple[Value, ...]
    scope: int

    def __deepcopy__(self, memo: Any) -> "Class":
        return self

    def imported(self) -> list[str]:
        """The full names of the imported classes that it derives from, itself or by its bases."""
        found: list[str] = []
        for base in self.bases:
            found += base.imported() if isinstance(base, Class) else [getattr(base, "dotted", "")]
        return found

    def defines(self, method: "ScriptFunction") -> "Class":
        """Of this class and its bases in the script, the one in which the method stands."""
        if any(one is method for one in self.attributes.values()):
            return self
        inner = (one.defines(method) for one in self.bases if isinstance(one, Class))
        return next((one for one in inner if method in one.attributes.values()), self)

    def is_an_enumeration(self) -> bool:
        return any(name.startswith("enum.") for name in self.imported())

    def find(self, name: str) -> Value | None:
        """A method of the class or of its bases in the script."""
        if name in self.attributes:
            return self.attributes[name]
        found = (base.find(name) for base in self.bases if isinstance(base, Class))
        return next((one for one in found if one is not None), None)


@dataclass(eq=False)
class Instance:
    """An object of a class of the script."""

    made_by: Class
    attributes: ScriptDict = field(default_factory=ScriptDict)


@dataclass(frozen=True, eq=False)
class Super:
    """What `super()` is in a method: the object, and the class in which the method stands."""

    owner: Value
    made_by: Class


@dataclass(frozen=True, eq=False)
class OperatorConfig(Unknown):
    """What the SDK's `training_config` makes of a job object for Airflow's operator."""


@dataclass(frozen=True, eq=False)
class Suppressing(Unknown):
    """What `contextlib.suppress` makes: a `with` of it goes on after errors in its body."""


@dataclass(frozen=True, eq=False)
class Bound(Unknown):
    """An attribute of a value: nothing is known of it but that it may be called."""

    owner: Value = None
    name: str = ""


@dataclass(frozen=True, eq=False)
class Curried:
    """What `functools.partial` makes."""

    function: Value
    given: "Arguments"


@dataclass(frozen=True, eq=False)
class OneOf(Unknown):
    """One of several imported names, classes or job objects; a condition or a key decides which."""

    options: tuple[Value, ...] = ()

    def __deepcopy__(self, memo: Any) -> "OneOf":
        return OneOf(self.why, copy.deepcopy(self.options, memo))


@dataclass(frozen=True)
class JobObject:
    """An Estimator, a ModelTrainer or the like: the number under which the state keeps it."""

    number: int


@dataclass
class Arguments:
    """What a call is given: by position, by name, and where each name stands.

    `unseen` is the reason why there may be more by position than is seen.
    """

    by_position: list[Value] = field(default_factory=list)
    by_name: ScriptDict = field(default_factory=ScriptDict)
    positions: dict[str, Position] = field(default_factory=dict)
    unseen: str | None = None

    def named(self, names: tuple[str, ...]) -> ScriptDict:
        """All of them by name; those by position are called as in `names`."""
        found = ScriptDict(dict(zip(names, self.by_position, strict=False)), self.by_name.why)
        found.update(self.by_name)
        if self.unseen and names:
            found.why = found.why or self.unseen
        return found

    def after(self, earlier: "Arguments") -> "Arguments":
        """These together with what a partial was given before."""
        by_name = ScriptDict(
            earlier.by_name | self.by_name, self.by_name.why or earlier.by_name.why
        )
        return Arguments(
            [*earlier.by_position, *self.by_position],
            by_name,
            earlier.positions | self.positions,
            earlier.unseen or self.unseen,
        )


def comes_from_outside(value: Value) -> bool:
    """True of what the command line or the environment sets, and of its parts."""
    while isinstance(value, Bound):
        value = value.owner
    return isinstance(value, Outside) or getattr(value, "dotted", "") == "os.environ"


def is_option(value: Value) -> bool:
    """True of what makes jobs when it is called, and of a job and its methods."""
    if isinstance(value, Bound):
        return isinstance(value.owner, JobObject)
    return isinstance(value, Named | Class | Curried | JobObject | OneOf)


def one_of(values: Iterable[Value], why: str) -> Unknown:
    """What may be any of these, if it is called: those that can be, each name of the SDK once."""
    found: dict[Any, Value] = {}
    for value in filter(is_option, values):
        for one in value.options if isinstance(value, OneOf) else (value,):
            found.setdefault(_which(one), one)
    known = 0 < len(found) <= MOST_OPTIONS
    return OneOf(why, tuple(found.values())) if known else Unknown(why)


def _which(option: Value) -> Any:
    """Equal for two options that make the same jobs: the SDK has a class at several places, by its version."""
    if isinstance(option, Named):
        return option.dotted.partition(".")[0], option.dotted.rpartition(".")[2]
    return option if isinstance(option, JobObject) else getattr(option, "mark", id(option))


def is_plain(value: Value) -> bool:
    return isinstance(value, PLAIN)


def shallow(value: Value) -> Value:
    """A copy whose parts are those of the value itself."""
    if isinstance(value, ScriptDict):
        return ScriptDict(value, value.why, value.shape)
    if isinstance(value, Items):
        return Items(list(value), value.why)
    if isinstance(value, Instance):
        return Instance(value.made_by, ScriptDict(value.attributes, value.attributes.why))
    return value


def turns(items: Value) -> list[Value] | None:
    """The items of a loop that can be followed one by one."""
    if isinstance(items, Items | ScriptDict) and items.why is None and len(items) <= UNROLLED:
        return list(items)
    return None


def parts(value: Value) -> list["ScriptDict | Items | JobObject | Class"]:
    """The containers, job objects and classes in a value, itself included, each once."""
    seen: set[int] = set()
    found, rest = [], [value]
    while rest:
        one = rest.pop()
        one = one.attributes if isinstance(one, Instance) else one
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, ScriptDict | Items | JobObject | Class):
            found.append(one)
        rest += _within(one)
    return found


def _within(value: Value) -> Iterable[Value]:
    if isinstance(value, OneOf):
        return value.options
    if isinstance(value, Class):
        return value.bases
    if isinstance(value, ScriptDict):
        return value.values()
    return value if isinstance(value, Items) else ()


@dataclass
class Snapshot:
    """Copies values as a request holds them; what is too large to be one is unknown."""

    left: int = MOST_PARTS

    def of(self, value: Value, computed: str) -> Any:
        """Plain mappings and lists; Unknown for what a request cannot hold."""
        self.left -= 1
        if self.left < 0:
            return Unknown("it is too large for a request")
        if isinstance(value, ScriptDict):
            held = {key: self.of(one, computed) for key, one in list(value.items())[:MOST_PARTS]}
            return held if value.why is None else Open(held, value.why)
        if isinstance(value, Items):
            if value.why is not None:
                return Unknown(value.why)
            return [self.of(one, computed) for one in value[:MOST_PARTS]]
        return value if is_plain(value) or isinstance(value, Unknown) else Unknown(computed)
