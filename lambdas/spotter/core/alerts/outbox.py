"""An alert is a row before it is a message: what is not said yet waits in the ledger.

Theory. Raising an alert puts its row, once, with all that is needed to say it; the row stands in the
index `open` until the alert was published, and then only in the index `calendar`, where everything
that was ever raised can be listed by day. So an alert is said at least once, also if SNS fails for
days, and the facts in it are those of the moment at which it was raised.

A row of an older Spotter was put when it had been published; it has no `said`, and is never open.
"""

import json
from datetime import datetime

from spotter.core.alerts import payload
from spotter.core.alerts.evidence import Alert, Severity
from spotter.core.ledger import row_keys
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.model import instances
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.times import iso, ms

SEVERITIES = tuple(Severity)
_AS_IS = ("arn", "status", "secondary", "spot", "interruptions", "headline", "course")
_IF_ANY = ("ending", "outcome")
_LISTS = ("said", "next_steps")


def pending(alert: Alert, now: datetime) -> Row:
    """The row that raises an alert, to be put once."""
    row = {
        PK: row_keys.job_pk(alert.job),
        SK: row_keys.alert_sk(alert.kind, alert.key),
        "v": row_keys.VERSION,
        "kind": alert.kind,
        "key": alert.key,
        "created": ms(alert.job.created),
        "severity": alert.severity.value,
        "raised": iso(now),
        "root": str(alert.attempt.root),
        "attempt": alert.attempt.number,
        "instances": instances.stored(alert.instances),
        "checkpoint": alert.checkpoint,
        **{name: getattr(alert, name) for name in (*_AS_IS, *_IF_ANY)},
        "follows": list(alert.follows) if alert.follows else None,
        **{name: list(getattr(alert, name)) for name in _LISTS},
        "turn": 0,
    }
    row |= row_keys.pending_keys(SEVERITIES.index(alert.severity), now)
    row |= row_keys.alerted_keys(now, alert.severity, alert.job)
    return {name: value for name, value in row.items() if value is not None}


def published(row: Row, now: datetime) -> Row:
    """The same row once the alert was published."""
    gone = (row_keys.OPEN_PK, row_keys.OPEN_SK, "nudged")
    return {k: v for k, v in row.items() if k not in gone} | {"published": iso(now)}


def passed_over(row: Row, now: datetime) -> Row:
    """A row that cannot be handled, out of the index: it was reported, and stays as evidence."""
    gone = (row_keys.OPEN_PK, row_keys.OPEN_SK, "nudged")
    return {k: v for k, v in row.items() if k not in gone} | {"passed_over": iso(now)}


def mistake(row: Row) -> str | None:
    """Why a row cannot be published as an alert; None if it can."""
    try:
        alert = alert_in(row).bounded()
        json.dumps(payload.alert_payload(alert, ""))
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        return f"it cannot be read as an alert ({type(error).__name__})"
    return None


def is_pending(row: Row) -> bool:
    """True until the alert was published."""
    return row_keys.OPEN_PK in row


def alert_in(row: Row) -> Alert:
    """The alert in a row, also in one that an older or a newer Spotter wrote."""
    job = JobId.parse(f"{row[PK].removeprefix('JOB#')}#{row['created']}")
    raised = row.get("raised") or row.get("published")
    known = set(SEVERITIES)
    return Alert(
        kind=row["kind"],
        key=row["key"],
        severity=Severity(row["severity"]) if row["severity"] in known else Severity.CRITICAL,
        job=job,
        attempt=Attempt(JobId.parse(row["root"]) if "root" in row else job, row.get("attempt", 1)),
        instances=instances.read(row),
        checkpoint=row.get("checkpoint"),
        raised=datetime.fromisoformat(raised) if raised else None,
        arn=row.get("arn", ""),
        status=row.get("status", ""),
        secondary=row.get("secondary", ""),
        spot=row.get("spot", True),
        interruptions=row.get("interruptions", 0),
        headline=row.get("headline", ""),
        said=tuple(row.get("said", ())),
        next_steps=tuple(row.get("next_steps", ())),
        course=row.get("course", ""),
        ending=row.get("ending"),
        outcome=row.get("outcome"),
        follows=(*row["follows"],) if row.get("follows") else None,
    )
