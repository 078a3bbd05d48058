"""A DynamoDB whose calls are counted."""

from collections import Counter
from typing import Any


class CountingDynamoDB:
    """A DynamoDB that counts its calls, and which of them read consistently."""

    def __init__(self, engine: Any) -> None:
        self.engine, self.calls = engine, Counter[str]()
        self.consistent: list[bool] = []

    def __getattr__(self, name: str) -> Any:
        def counted(**more: Any) -> Any:
            self.calls[name] += 1
            how = [one["ConsistentRead"] for one in more.get("RequestItems", {}).values()]
            self.consistent += how
            return getattr(self.engine, name)(**more)

        return counted
