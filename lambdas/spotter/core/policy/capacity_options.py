"""A rung is one choice of capacity for a next attempt; a ladder is their order.

A rung is written the same way in the owner's policy, in a job's tag and in the ledger:

    spot                                    on spot, on the job's own instance type
    spot ml.g5.4xlarge max_wait=12h         on spot, on another type, with a MaxWaitTimeInSeconds of its own
    on-demand                               on demand, on the job's own instance type
    on-demand ml.g5.2xlarge ml.g5.4xlarge   on the first of these that has capacity
    ... instances=2 volume=200              another number of instances, another volume (GB)

The last form but one is SageMaker's own InstancePreferences: up to five types, on demand only
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html). What a rung does
not name stays as the lineage's first attempt had it.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from spotter.core.model.times import duration

MOST_TYPES = 5
_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")
_COUNTS = {"instances": 1000, "volume": 16384}
LONGEST_WAIT = timedelta(days=60)


@dataclass(frozen=True)
class CapacityOption:
    """One choice of capacity; `volume` in GB. What is None or empty stays as the job has it."""

    spot: bool = True
    types: tuple[str, ...] = ()
    instances: int | None = None
    volume: int | None = None
    max_wait: timedelta | None = None

    @classmethod
    def parse(cls, text: str) -> "CapacityOption":
        """The rung that is written so; ValueError for anything else."""
        capacity, *words = text.split()
        options = dict(_option(word) for word in words if "=" in word)
        types = tuple(word for word in words if "=" not in word)
        waits = options.pop("max_wait", None)
        rung = cls(
            spot=capacity == "spot",
            types=types,
            max_wait=duration(waits) if waits else None,
            **{name: _count(name, said) for name, said in options.items()},
        )
        if capacity not in ("spot", "on-demand") or not rung._makes_sense(len(words)):
            raise ValueError(text)
        return rung

    def _makes_sense(self, words: int) -> bool:
        """One type on spot, up to five different ones on demand; only spot waits."""
        said = [self.instances, self.volume, self.max_wait]
        once = words == len(self.types) + sum(value is not None for value in said)
        known = all(map(is_instance_type, self.types))
        few = len(set(self.types)) == len(self.types) <= (1 if self.spot else MOST_TYPES)
        waits = self.max_wait is None or (
            self.spot and timedelta(0) < self.max_wait <= LONGEST_WAIT
        )
        return once and known and few and waits

    @property
    def capacity(self) -> str:
        """`spot ml.g5.4xlarge`: what a job's tag may name of it."""
        return " ".join(["spot" if self.spot else "on-demand", *self.types])

    def __str__(self) -> str:
        more = {"instances": self.instances, "volume": self.volume}
        said = [f"{name}={value}" for name, value in more.items() if value is not None]
        if self.max_wait is not None:
            said.append(f"max_wait={int(self.max_wait.total_seconds())}s")
        return " ".join([self.capacity, *said])

    @property
    def words(self) -> str:
        """The rung as a sentence says it."""
        kinds = " or ".join(self.types)
        where = "on spot" if self.spot else "on demand"
        return f"{where} on {kinds}" if kinds else where

    @property
    def as_the_job_has_it(self) -> bool:
        """True if it changes neither type, nor count, nor volume."""
        return not self.types and self.instances is None and self.volume is None


SPOT, ON_DEMAND = CapacityOption(), CapacityOption(spot=False)


def is_instance_type(text: str) -> bool:
    """True of whatever is written as an instance type is, known or not."""
    return bool(_TYPE.fullmatch(text))


def _option(word: str) -> tuple[str, str]:
    name, _, said = word.partition("=")
    if name not in (*_COUNTS, "max_wait"):
        raise ValueError(word)
    return name, said


def _count(name: str, said: str) -> int:
    if not (said.isascii() and said.isdecimal()) or not 1 <= int(said) <= _COUNTS[name]:
        raise ValueError(said)
    return int(said)
