"""Reads the ledger's table, the last sweep, alerts that wait, the policy in force, and the switch."""

from collections.abc import Callable
from itertools import islice
from typing import Any

from spotter.aws.ledger.table import Ledger
from spotter.aws.resubmit import parameters
from spotter.core.ledger import cursor
from spotter.core.ledger.cursor import Cursor
from spotter.core.policy.model import Policy
from spotter_cli.doctor.evidence import (
    LedgerState,
    PendingState,
    PolicyState,
    SweepState,
    Unread,
)
from spotter_cli.doctor.gather.reading import tried, tried_if_it_exists

Client = Callable[[str], Any]
MOST_PENDING = 1_000


def ledger(client: Client, table: str) -> LedgerState | Unread | None:
    return tried_if_it_exists(lambda: _table(client("dynamodb"), table))


def _table(dynamodb: Any, table: str) -> LedgerState:
    held = dynamodb.describe_table(TableName=table)["Table"]
    recovery = tried(lambda: dynamodb.describe_continuous_backups(TableName=table))
    return LedgerState(
        name=table,
        status=held["TableStatus"],
        stream=bool(held.get("StreamSpecification", {}).get("StreamEnabled")),
        protected=bool(held.get("DeletionProtectionEnabled")),
        recovery=recovery if isinstance(recovery, Unread) else _recovers(recovery),
    )


def _recovers(answer: Any) -> bool:
    found = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return bool(found.get("PointInTimeRecoveryStatus") == "ENABLED")


def sweep(table: Ledger) -> SweepState | Unread:
    return tried(lambda: _sweep(table))


def _sweep(table: Ledger) -> SweepState:
    found = table.get(Cursor, cursor.KEY)
    return SweepState(found.finished if found else None)


def pending(table: Ledger) -> PendingState | Unread:
    return tried(lambda: _pending(table))


def _pending(table: Ledger) -> PendingState:
    raised = [one.raised_at for one in islice(table.pending_alerts(), MOST_PENDING)]
    return PendingState(len(raised), min(filter(None, raised), default=None))


def policy(client: Client, known: Policy | None, parameter: str | None) -> PolicyState:
    """`parameter` is the name of the one that resubmit takes for the policy's date; None in mode off."""
    if known is None:
        return PolicyState(None, None)
    mode, fingerprint = known.resubmission.mode.value, known.fingerprint
    if parameter is None:
        return PolicyState(mode, fingerprint)
    ssm = client("ssm")
    in_force = tried_if_it_exists(
        lambda: str(ssm.get_parameter(Name=parameter)["Parameter"]["Value"])
    )
    since = parameters.in_force(ssm, parameter, fingerprint)
    return PolicyState(mode, fingerprint, in_force, since)


def switch(client: Client, parameter: str | None) -> str | Unread | None:
    """The value of the switch; None where the policy resubmits nothing."""
    if parameter is None:
        return None
    return tried(lambda: parameters.value_of(client("ssm"), parameter))
