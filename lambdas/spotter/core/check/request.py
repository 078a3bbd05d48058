"""A request as a file, a script or AWS shows it: each member has a value, is absent, or is unknown.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from spotter.core.model.built_in_algorithms import built_in

T = TypeVar("T")


@dataclass(frozen=True)
class Unknown:
    """A value that cannot be known here; `why` is a clause: "it is computed in line 12"."""

    why: str

    @property
    def mark(self) -> str:
        """Tells this unknown value from every other one that there is at the same time."""
        return str(id(self))

    def __deepcopy__(self, memo: Any) -> "Unknown":
        """The same value is the same object, also in a copy of what holds it."""
        return self


@dataclass(frozen=True, eq=False)
class PartlyKnown(Unknown):
    """A text of which some is known: its `parts` in order, each a text or Unknown.

    Two unknown parts are the same only where they are the same object, that is the same value of the
    script: `f"s3://{bucket}/a/"` and `f"s3://{bucket}/a/b/"` begin alike whatever the bucket is.
    """

    parts: tuple["str | Unknown", ...] = ()

    @property
    def symbolic(self) -> str:
        """The text with a mark in place of each unknown part; the same part has the same mark."""
        marked = (p if isinstance(p, str) else f"\ue000{p.mark}\ue001" for p in self.parts)
        return "".join(marked)

    @property
    def shown(self) -> str:
        """The text as a person reads it: `s3://{...}/run-1`."""
        return "".join(part if isinstance(part, str) else "{...}" for part in self.parts)


Text = str | PartlyKnown


def symbolic(text: Text) -> str:
    """A text to compare; unknown parts are marks, so only its known parts decide."""
    return text.symbolic if isinstance(text, PartlyKnown) else text


def shown(text: Text) -> str:
    """A text to show."""
    return text.shown if isinstance(text, PartlyKnown) else text


class Position(NamedTuple):
    """A line in a script, or in a notebook's cell (both counted from 1)."""

    line: int
    cell: int | None = None

    def __str__(self) -> str:
        return f"line {self.line}" if self.cell is None else f"cell {self.cell}, line {self.line}"


class NotKnown(Exception):
    """A rule needs an unknown value; the message names it, and why it is unknown."""

    def __init__(self, what: str, why: str):
        super().__init__(f"{what}: {why}" if what else why)


class Open(dict[str, Any]):
    """Members of which some may be missing here: whatever is absent is unknown for this reason."""

    def __init__(self, members: Mapping[str, Any], why: str):
        super().__init__(members)
        self.why = why

    def __or__(self, more: Mapping[str, Any]) -> "Open":  # type: ignore[override]
        return Open({**self, **more}, self.why)


def known(value: T | Unknown) -> T:
    """The value; NotKnown if it is unknown."""
    if isinstance(value, Unknown):
        raise NotKnown("", value.why)
    return value


def member(of: Any, name: str) -> Any:
    """A member of a mapping: None if absent, Unknown if it may be there."""
    if name not in of and isinstance(of, Open):
        return Unknown(of.why)
    return of.get(name)


@dataclass(frozen=True)
class Request:
    """The request of one training job.

    `named` is how its reader knows it. In a script it stands at a `position`; `positions` has those of
    members that have one of their own, `words` what they are called there. `accepted` is one that
    SageMaker has already taken; of one that is not `whole`, an SDK adds the rest. `stem` is what
    an SDK makes the name from, `algorithm` a built-in one that is known by other means than its
    image, `owner` the AWS service that manages it, where that is known. `cases` are what the
    request is for either value of a condition that whoever runs the script decides.
    """

    named: str
    members: Mapping[str, Any]
    position: Position | None = None
    positions: Mapping[str, Position] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    accepted: bool = False
    whole: bool = True
    stem: str | None = None
    algorithm: str | None = None
    owner: str | None = None
    cases: tuple["Alternatives", ...] = ()

    @property
    def unknown(self) -> str | None:
        """Why nothing of it is known; None where something is."""
        return self.members.why if isinstance(self.members, Open) and not self.members else None

    def place(self, path: str) -> str:
        """Where the member stands: its path, in a script its line and what it is called there."""
        if self.position is None:
            return path or "the job"
        if not path:
            return str(self.position)
        parts = re.sub(r"\[\d+\]", "", path).split(".")
        above = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
        called = next((self.words[one] for one in above if one in self.words), path)
        at = next((self.positions[one] for one in above if one in self.positions), self.position)
        return f"{at}, {called}"

    def get(self, path: str) -> Any:
        """The member's value, None if it is absent; NotKnown if it is unknown."""
        value: Any = self.members
        for name in path.split("."):
            if not isinstance(value, Mapping):
                raise NotKnown(self.place(path), "what should hold it is no object")
            value = member(value, name)
            if isinstance(value, Unknown):
                raise NotKnown(self.place(path), value.why)
            if value is None:
                return None
        return value

    def text(self, path: str) -> str | None:
        return self._of_kind(path, str, "text")

    @property
    def built_in(self) -> str | None:
        """The built-in algorithm that the job runs; None for a custom image, NotKnown if its image is unknown."""
        return self.algorithm or built_in(self.text("AlgorithmSpecification.TrainingImage"))

    def partly(self, path: str) -> Text | None:
        """A text of which a part may be unknown; NotKnown if nothing of it is known."""
        value: Any = self.members
        *above, name = path.split(".")
        holder = self.get(".".join(above)) if above else value
        found = member(holder, name) if isinstance(holder, Mapping) else None
        return found if isinstance(found, PartlyKnown) else self.text(path)

    def count(self, path: str) -> int | None:
        """A whole number."""
        return self._of_kind(path, int, "a whole number")

    def flag(self, path: str) -> bool:
        """True only if it is there and true."""
        return bool(self._of_kind(path, bool, "true or false"))

    def items(self, path: str) -> list[Any]:
        """A list's items, none if it is absent; NotKnown if one of them is unknown."""
        found = self._of_kind(path, list, "a list") or []
        for item in found:
            known(item)
        return found

    def objects(self, path: str) -> list[Mapping[str, Any]]:
        """A list's items where each must be an object."""
        return [one for one in self.items(path) if isinstance(one, Mapping)]

    def _of_kind(self, path: str, kind: type[T], name: str) -> T | None:
        value = self.get(path)
        if value is None or (isinstance(value, kind) and isinstance(value, bool) == (kind is bool)):
            return value
        raise NotKnown(self.place(path), f"it is not {name}")

    @property
    def spot(self) -> bool:
        return self.flag("EnableManagedSpotTraining")

    @property
    def tags(self) -> dict[str, str]:
        """Tags by key; NotKnown if one of them is."""
        found = {}
        for tag in self.objects("Tags"):
            key, value = known(member(tag, "Key")), known(member(tag, "Value"))
            if isinstance(key, str):
                found[key] = str(value)
        return found

    @property
    def instances(self) -> tuple[tuple[str, int], ...]:
        """(type, count) of each instance group; the count is 0 where the request names none."""
        several = "InstanceGroups", "InstancePreferences"
        groups = [one for name in several for one in self.objects(f"ResourceConfig.{name}")]
        kind, count = self.text("ResourceConfig.InstanceType"), self._instance_count()
        if not groups:
            return ((kind, count),) if kind else ()
        typed = [
            (known(member(g, "InstanceType")), known(member(g, "InstanceCount"))) for g in groups
        ]
        return tuple((str(k), n if isinstance(n, int) else count) for k, n in typed)

    def _instance_count(self) -> int:
        return self.count("ResourceConfig.InstanceCount") or 0


@dataclass(frozen=True)
class Alternatives:
    """The request if a condition of its script is true, and if it is false: `args.spot`."""

    condition: str
    if_true: Request
    if_false: Request
