"""The ledger: one table from which nothing is deleted, and the stream of its changes.

Rows are put under a condition: some only once, others replace their earlier version. These are all
grants: none of them includes UpdateItem, DeleteItem or Scan.
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
from spotter.core.ledger.wake_filters import Filter
from spotter.core.record.metrics import MALFORMED


class LedgerTable(Construct):
    """The table, and the grants to read it and to put rows into it."""

    def __init__(
        self, scope: Construct, name: str, *, operations: Operations, stream: str | None = None
    ):
        """`stream` is that of a restored table, which then replaces the stack's own."""
        super().__init__(scope, name)
        self._operations = operations
        self.table = self._restored(stream) if stream else self._made()
        operations.alarm_at(
            1,
            MALFORMED.name,
            metric=figure(self, MALFORMED),
            meaning=(
                "Rows of the ledger cannot be read and are skipped: nothing is done about the job, lineage, "
                "creation or alert of such a row. Search the logs for the keys of these rows."
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
        """The restored table of this stream; its settings are its owner's responsibility."""
        return dynamodb.Table.from_table_attributes(
            self,
            "Restored",
            table_arn=stream.partition("/stream/")[0],
            table_stream_arn=stream,
            global_indexes=[index for index, _, _ in row_keys.INDEXES],
        )

    def grant_read(self, reader: SpotterFunction) -> None:
        """Read rows by key, and whole partitions."""
        reader.allow("dynamodb:BatchGetItem", "dynamodb:Query", on=[self.table.table_arn])

    def grant_read_open(self, reader: SpotterFunction) -> None:
        """List and read the rows that are still open: running jobs and pending alerts."""
        reader.allow("dynamodb:BatchGetItem", on=[self.table.table_arn])
        reader.allow("dynamodb:Query", on=[f"{self.table.table_arn}/index/{row_keys.OPEN}"])

    def grant_list(self, reader: SpotterFunction) -> None:
        """List every job: the running ones, and those of a day."""
        indexes = [
            f"{self.table.table_arn}/index/{name}" for name in (row_keys.OPEN, row_keys.CALENDAR)
        ]
        reader.allow("dynamodb:Query", on=indexes)

    def grant_find_by_location(self, reader: SpotterFunction) -> None:
        """List the running jobs by the location of their checkpoints."""
        reader.allow("dynamodb:Query", on=[f"{self.table.table_arn}/index/{row_keys.LOCATION}"])

    def grant_read_market(self, reader: SpotterFunction) -> None:
        """List recent interruptions and capacity errors by instance type."""
        reader.allow("dynamodb:Query", on=[f"{self.table.table_arn}/index/{row_keys.MARKET}"])

    def grant_age(self, reader: SpotterFunction) -> None:
        """Read when the table was created."""
        reader.allow("dynamodb:DescribeTable", on=[self.table.table_arn])

    def grant_append(self, writer: SpotterFunction) -> None:
        """Put rows."""
        writer.allow("dynamodb:PutItem", on=[self.table.table_arn])

    def wake(
        self,
        function: SpotterFunction,
        *,
        by: tuple[Filter, ...],
        batch_size: int,
        failures: DeadLetterQueue,
    ) -> None:
        """Start a function for the rows that match a filter; a row that fails at every try is skipped.

        There are ten tries, each on half of the batch if possible: about as long as a throttled call
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
        self._operations.alarm_when_behind(function)


def text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
