"""Reading and putting rows as the DynamoDB table has them; only this room does, the rest reads kinds of rows.

A put whose condition fails is an answer (False), not an error:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from spotter.aws.ledger import codec
from spotter.core.ledger.row_keys import PK, SK, Key, Row, key_of

ABSENT = f"attribute_not_exists({PK})"
BATCH, MOST_A_PAGE = 100, 1000
Condition = tuple[str, Row | None]
"""DynamoDB's expression, and the values of its placeholders."""


@dataclass(frozen=True)
class RowStore:
    """The table, through a low-level DynamoDB client."""

    client: Any
    table: str

    def put(self, row: Row, condition: str = ABSENT, values: Row | None = None) -> bool:
        """False if the condition does not hold. Without one, the row must not be there yet."""
        try:
            self.client.put_item(**self._item(row, condition, values))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def put_together(self, rows: Iterable[tuple[Row, Condition]]) -> bool:
        """All rows, each under its condition, or none; False if a condition does not hold."""
        actions = [{"Put": self._item(row, *condition)} for row, condition in rows]
        try:
            self.client.transact_write_items(TransactItems=actions)
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            return False
        return True

    def get(self, key: Key) -> Row | None:
        """One row, consistently."""
        return self.get_all([key]).get(key)

    def get_all(
        self, keys: Iterable[Key], only: Sequence[str] = (), *, consistent: bool = True
    ) -> dict[Key, Row]:
        """Those of the rows that exist, by key; `only` these attributes of them, if any are named."""
        wanted, found = list(dict.fromkeys(keys)), {}
        how = {"ConsistentRead": consistent} | (_only(only) if only else {})
        for start in range(0, len(wanted), BATCH):
            left = [codec.key(*key) for key in wanted[start : start + BATCH]]
            while left:
                request = {self.table: {"Keys": left, **how}}
                answer = self.client.batch_get_item(RequestItems=request)
                for item in answer["Responses"].get(self.table, ()):
                    row = codec.read(item)
                    found[key_of(row)] = row
                left = answer.get("UnprocessedKeys", {}).get(self.table, {}).get("Keys", [])
        return found

    def each(self, keys: Iterable[Key]) -> Iterator[Row]:
        """Those of the rows that exist, in the order of the keys, a batch at a time, as far as wanted."""
        rest = iter(keys)
        while batch := list(islice(rest, BATCH)):
            found = self.get_all(batch)
            yield from (found[key] for key in batch if key in found)

    def partition(self, pk: str, prefix: str = "") -> list[Row]:
        """All rows of a partition whose sort key begins so, in order, consistently."""
        condition = f"{PK} = :pk" + (f" AND begins_with({SK}, :prefix)" if prefix else "")
        values = {":pk": pk} | ({":prefix": prefix} if prefix else {})
        return list(self.query(condition, values, ConsistentRead=True))

    def newest_first(self, pk: str, page: int) -> Iterator[Row]:
        """The rows of a partition from the last one backwards, consistently, as far as wanted.

        A `page` is what is read, and paid for, at a time.
        """
        how = {"ConsistentRead": True, "ScanIndexForward": False, "Limit": page}
        return self.query(f"{PK} = :pk", {":pk": pk}, **how)

    def query(self, condition: str, values: Mapping[str, Any], **how: Any) -> Iterator[Row]:
        """What a Query finds, to its last page or as far as wanted."""
        query = {
            "TableName": self.table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": codec.written(dict(values)),
            **how,
        }
        while True:
            answer = self.client.query(**query)
            yield from (codec.read(item) for item in answer["Items"])
            if not answer.get("LastEvaluatedKey"):
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
            if "Limit" in query:  # whoever wants more than a few may want many
                query["Limit"] = min(2 * query["Limit"], MOST_A_PAGE)

    def _item(self, row: Row, condition: str, values: Row | None = None) -> dict[str, Any]:
        item = {"TableName": self.table, "Item": codec.written(row)}
        item["ConditionExpression"] = condition
        return item | ({"ExpressionAttributeValues": codec.written(values)} if values else {})


def _only(attributes: Sequence[str]) -> Row:
    """A projection; every name by a placeholder, since DynamoDB reserves words such as `status`.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
    """
    names = {f"#{number}": name for number, name in enumerate(attributes)}
    return {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
