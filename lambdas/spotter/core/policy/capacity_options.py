"""A capacity option is one choice of instances for a next attempt; a rule's `capacity` is their order.

It is written the same way in the owner's policy, in a job's tag and in the ledger:

    spot                                    on spot, on the job's own instance type
    spot ml.g5.4xlarge max_wait=12h         on spot, on another type, with its own MaxWaitTimeInSeconds
    on-demand                               on demand, on the job's own instance type
    on-demand ml.g5.2xlarge ml.g5.4xlarge   on the first of these that has capacity
    ... instances=2 volume=200              another number of instances, another volume (GB)

The last form but one is SageMaker's own InstancePreferences: up to five types, on demand only
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html). What an option
does not name stays as the lineage's first attempt had it.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from spotter.core.model import times
from spotter.core.model.times import duration

MAX_TYPES = 5
LONGEST_WAIT = timedelta(days=60)
_TYPE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")
_MAX_COUNTS = {"instances": 1000, "volume": 16384}


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
        """The capacity option that `text` states; ValueError if it states none."""
        market, *words = text.split()
        settings = dict(_setting(word) for word in words if "=" in word)
        max_wait = settings.pop("max_wait", None)
        option = cls(
            spot=market == "spot",
            types=tuple(word for word in words if "=" not in word),
            max_wait=duration(max_wait) if max_wait else None,
            **{name: _count(name, digits) for name, digits in settings.items()},
        )
        if market not in ("spot", "on-demand") or not option._is_valid(len(words)):
            raise ValueError(text)
        return option

    def _is_valid(self, words: int) -> bool:
        """One type on spot, up to five different types on demand; only spot has a max_wait."""
        settings = [self.instances, self.volume, self.max_wait]
        each_once = words == len(self.types) + sum(value is not None for value in settings)
        are_types = all(map(is_instance_type, self.types))
        few = len(set(self.types)) == len(self.types) <= (1 if self.spot else MAX_TYPES)
        wait = self.max_wait is None or (self.spot and timedelta(0) < self.max_wait <= LONGEST_WAIT)
        return each_once and are_types and few and wait

    @property
    def market_and_types(self) -> str:
        """`spot ml.g5.4xlarge`: the part of it that a job's tag may name."""
        return " ".join(["spot" if self.spot else "on-demand", *self.types])

    def __str__(self) -> str:
        counts = {"instances": self.instances, "volume": self.volume}
        settings = [f"{name}={value}" for name, value in counts.items() if value is not None]
        if self.max_wait is not None:
            settings.append(f"max_wait={int(self.max_wait.total_seconds())}s")
        return " ".join([self.market_and_types, *settings])

    @property
    def words(self) -> str:
        """As a part of a sentence: `on demand on ml.g5.4xlarge (2 instances)`."""
        found = "on spot" if self.spot else "on demand"
        if self.types:
            found += f" on {' or '.join(self.types)}"
        parts = [f"{self.instances} instances"] if self.instances is not None else []
        parts += [f"{self.volume} GB of storage"] if self.volume is not None else []
        parts += [f"at most {times.words(self.max_wait)} of waiting"] if self.max_wait else []
        return f"{found} ({', '.join(parts)})" if parts else found

    @property
    def keeps_resources(self) -> bool:
        """True if it changes neither type, nor count, nor volume."""
        return not self.types and self.instances is None and self.volume is None


SPOT, ON_DEMAND = CapacityOption(), CapacityOption(spot=False)


def is_instance_type(text: str) -> bool:
    """True of every text that is written as an instance type is, known or not."""
    return bool(_TYPE.fullmatch(text))


def _setting(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    if name not in (*_MAX_COUNTS, "max_wait"):
        raise ValueError(word)
    return name, value


def _count(name: str, digits: str) -> int:
    if not (digits.isascii() and digits.isdecimal()) or not 1 <= int(digits) <= _MAX_COUNTS[name]:
        raise ValueError(digits)
    return int(digits)
