"""The ledger: one table from which nothing is deleted, and the stream of what was put into it.

Its rows are put or replaced as a whole, under a condition, and never updated in place or deleted. So the grants below are all there
are: none of them names UpdateItem, DeleteItem or Scan.
"""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_lambda_event_sources import DynamoEventSource, SqsDlq
from constructs import Construct

from infra.dead_letters import DeadLetterQueue
from infra.function import SpotterFunction
from infra.operations import Operations, figure
from spotter.core.ledger import row_keys
from spotter.core.record.metrics import MALFORMED


class LedgerTable(Construct):
    """What Spotter knows, and the grants by which others may read it and add to it."""

    def __init__(
        self, scope: Construct, name: str, *, operations: Operations, stream: str | None = None
    ):
        """`stream` is that of a table which was restored and takes the place of our own."""
        super().__init__(scope, name)
        self._operations = operations
        self.table = self._restored(stream) if stream else self._made()
        operations.alarm_at(
            1,
            MALFORMED.name,
            metric=figure(self, MALFORMED),
            meaning=(
                "Rows of the ledger cannot be read and are passed over: the job, lineage, creation or "
                "alert that each is about is not processed. Search the logs for their keys."
            ),
        )

    def _made(self) -> dynamodb.ITable:
        table = dynamodb.Table(
            self,
            "Table",
            partition_key=text(row_keys.PK),
            sort_key=text(row_keys.SK),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
            stream=dynamodb.StreamViewType.NEW_IMAGE,
        )
        for index, pk, sk in row_keys.INDEXES:
            table.add_global_secondary_index(
                index_name=index,
                partition_key=text(pk),
                sort_key=text(sk),
                projection_type=dynamodb.ProjectionType.KEYS_ONLY,
            )
        return table

    def _restored(self, stream: str) -> dynamodb.ITable:
        """A table of the account's, found by its stream; what it is like is its owner's to see to."""
        return dynamodb.Table.from_table_attributes(
            self,
            "Restored",
            table_arn=stream.partition("/stream/")[0],
            table_stream_arn=stream,
            global_indexes=[index for index, _, _ in row_keys.INDEXES],
        )

    def grant_read(self, reader: SpotterFunction) -> None:
        """Read rows whose key is known, and whole partitions."""
        reader.allow("dynamodb:BatchGetItem", "dynamodb:Query", on=[self.table.table_arn])

    def grant_read_open(self, reader: SpotterFunction) -> None:
        """List what still wants a look, and read it."""
        reader.allow("dynamodb:BatchGetItem", on=[self.table.table_arn])
        reader.allow("dynamodb:Query", on=[f"{self.table.table_arn}/index/{row_keys.OPEN}"])

    def grant_list(self, reader: SpotterFunction) -> None:
        """List every job: those that want a look, and those of a day."""
        indexes = [
            f"{self.table.table_arn}/index/{name}" for name in (row_keys.OPEN, row_keys.CALENDAR)
        ]
        reader.allow("dynamodb:Query", on=indexes)

    def grant_find_by_location(self, reader: SpotterFunction) -> None:
        """List the running jobs by where their checkpoints lie."""
        reader.allow("dynamodb:Query", on=[f"{self.table.table_arn}/index/{row_keys.LOCATION}"])

    def grant_read_market(self, reader: SpotterFunction) -> None:
        """List where spot was short lately."""
        reader.allow("dynamodb:Query", on=[f"{self.table.table_arn}/index/{row_keys.MARKET}"])

    def grant_age(self, reader: SpotterFunction) -> None:
        """Know when the table was made."""
        reader.allow("dynamodb:DescribeTable", on=[self.table.table_arn])

    def grant_append(self, writer: SpotterFunction) -> None:
        """Put rows."""
        writer.allow("dynamodb:PutItem", on=[self.table.table_arn])

    def wake(
        self,
        function: SpotterFunction,
        *,
        by: tuple[row_keys.Row, ...],
        batch_size: int,
        failures: DeadLetterQueue,
    ) -> None:
        """Let rows that fit a filter wake a function; one that always fails steps aside in time.

        Ten tries, each on half of the batch where that can be: about as long as a throttled call
        needs to recover. Six hours is for a stream that cannot be read at all.
        """
        function.add_event_source(
            DynamoEventSource(
                self.table,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=batch_size,
                filters=[lambda_.FilterCriteria.filter(row) for row in by],
                retry_attempts=10,
                bisect_batch_on_error=True,
                max_record_age=Duration.hours(6),
                on_failure=SqsDlq(failures),
            )
        )
        self._operations.alarm_at(
            Duration.minutes(15).to_milliseconds(),
            f"{function.node.id}Behind",
            metric=function.metric("IteratorAge", statistic="Maximum"),
            meaning=(
                f"{function.node.id} is a quarter of an hour behind the ledger: look into its log "
                "for what it tries again and again."
            ),
        )


def text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
