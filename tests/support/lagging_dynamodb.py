"""The DynamoDB in memory, whose indexes lag and miss keys, and whose rows can be put back to an earlier time."""

import random
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from tests.support.fake_dynamodb import FakeDynamoDB, FakeTable, Item

MOST = timedelta(minutes=2)
"""An index of DynamoDB follows within a second, as a rule; nothing promises it."""


class LaggingDynamoDB(FakeDynamoDB):
    """As FakeDynamoDB; of the puts, a share `late` reaches the indexes up to two minutes later."""

    def __init__(
        self, made: datetime, clock: Callable[[], datetime], chance: random.Random, late: float
    ) -> None:
        super().__init__()
        self.made, self.clock, self.chance, self.late = made, clock, chance, late

    def create_table(self, **arguments: Any) -> None:
        super().create_table(**arguments)
        name = arguments["TableName"]
        plain = self.tables[name]
        self.tables[name] = LaggingTable(
            plain.indexes, plain.key, self.clock, self.chance, self.late
        )

    def describe_table(self, **_: Any) -> dict[str, Any]:
        return {"Table": {"CreationDateTime": self.made}}


class LaggingTable(FakeTable):
    """A table whose indexes follow late. What an index holds of a row is replaced when it follows."""

    def __init__(
        self,
        indexes: dict[str, tuple[str, str]],
        key: tuple[str, str],
        clock: Callable[[], datetime],
        chance: random.Random,
        late: float,
    ) -> None:
        FakeTable.__init__(self, indexes, key)
        self.clock, self.chance, self.late = clock, chance, late
        self.behind: dict[tuple[str, str], datetime] = {}
        self.indexed: dict[tuple[str, str], Item] = {}

    def put(self, item: Item) -> None:
        key = self.key_of(item)
        self.items[key] = item
        self.partitions[key[0]][key[1]] = item
        if self.late and self.chance.random() < self.late:
            self.behind.setdefault(key, self.clock() + MOST * self.chance.random())
        if key not in self.behind:
            self._index(key)

    def rows(self, index: str | None, partition: str) -> list[Item]:
        if index is not None and self.behind:
            now = self.clock()
            for key in [key for key, due in self.behind.items() if due <= now]:
                del self.behind[key]
                self._index(key)
        return super().rows(index, partition)

    def restored(self, items: dict[tuple[str, str], Item]) -> None:
        """The table as it was: what came since is gone."""
        self.items, self.behind, self.indexed = {}, {}, {}
        self.partitions.clear()
        self.listed.clear()
        for item in deepcopy(items).values():
            self.put(item)

    def _index(self, key: tuple[str, str]) -> None:
        before, now = self.indexed.pop(key, None), self.items[key]
        for name, (pk, sk) in self.indexes.items():
            index = self.listed.setdefault(name, {})
            if before and pk in before and sk in before:
                index.get(before[pk]["S"], {}).pop(key, None)
            if pk in now and sk in now:
                kept = {k: now[k] for k in dict.fromkeys((*self.key, pk, sk))}
                index.setdefault(now[pk]["S"], {})[key] = kept
        self.indexed[key] = now
