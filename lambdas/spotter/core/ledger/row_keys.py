"""The ledger's rows: their keys, and what each is for.

One table. Each write is a put under a condition; nothing is deleted, and no attribute is updated in place.
AT, CLAIM, NOTICED, SINCE and MALFORMED rows are put once. The others are replaced as a whole: a HEAD by
one that knows more of its job, and ENDED, ATTEMPT, STOP, SLOT, ALERT, EVALUATION, CHECKPOINTS, DEADLINE, TYPE,
RULE, PUBLISH, LEASE and CURSOR rows by turn (core/ledger/typed_row.py). The stack creates the table from the names in this module, and the
functions read and write by them; which changes wake which function stands in wake_filters.py.

| pk | sk | put by |
|---|---|---|
| `JOB#<account>/<region>/<name>` | `AT#<created>#<start>#<rank>#<status>` | record |
| | `HEAD#<created>` | record |
| | `CLAIM` | resubmit |
| | `NOTICED#<kind>#<key>` | sweep |
| | `ALERT#<kind>#<key>` | alert, when it is raised and when it was published |
| | `EVALUATION#<created>` | record and sweep, before what gives rise to an alert; then alert |
| | `CHECKPOINTS#<created>` | sweep |
| | `DEADLINE#<created>` | record, with the terms; then sweep, with how the lineage stands |
| `LINEAGE#<account>/<region>/<root>#<created>` | `ENDED#<n>` | record, then resubmit |
| | `ATTEMPT#<n>` | resubmit |
| | `STOP#<n>` | resubmit, before it stops a running attempt; `spotter continue` |
| `CREATIONS` | `SLOT#<k>` | resubmit |
| `PUBLISHES` | `PUBLISH#<k>` | alert |
| `DURATIONS` | `TYPE#<instance type>`, `RULE#<digest>` | sweep, once a day |
| `DIGESTS` | `ALERT#monthly_digest#<month>` | sweep, once a month; alert, when it was published |
| `SWEEP` | `LEASE`, `CURSOR` | sweep |
| `WATCHING` | `SINCE` | sweep or alert, once |
| `MALFORMED` | `<pk> <sk>` of a slot | resubmit, when it first met one that cannot be read |

The index `open` holds what is still to be done: endings that are not settled, claims that are neither
started nor abandoned and, in partitions of their own, the heads of running jobs; its keys are taken off a row
when it is done. The index `calendar` holds
every head in scope under the day on which its job was created, and every alert under the day on
which it was raised. Pending alerts have a partition of `open` to themselves, and so
have jobs whose alert rules are still to be evaluated. The
index `market` holds, by instance type and day, the transitions that show spot to be short:
interruptions, and the ends of jobs that starved. The index `location` holds the heads of running jobs
by where their checkpoints lie: one partition, which takes a thousand creations a second.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from spotter.core.model.identity import JobId
from spotter.core.model.timeline import Transition
from spotter.core.model.times import iso, ms

PK, SK = "pk", "sk"
OPEN, OPEN_PK, OPEN_SK = "open", "open_pk", "open_sk"
CALENDAR, CALENDAR_PK, CALENDAR_SK = "calendar", "calendar_pk", "calendar_sk"
MARKET, MARKET_PK, MARKET_SK = "market", "market_pk", "market_sk"
LOCATION, LOCATION_PK, LOCATION_SK = "location", "location_pk", "location_sk"
INDEXES = (
    (OPEN, OPEN_PK, OPEN_SK),
    (CALENDAR, CALENDAR_PK, CALENDAR_SK),
    (MARKET, MARKET_PK, MARKET_SK),
    (LOCATION, LOCATION_PK, LOCATION_SK),
)
OPEN_SHARDS = 8
VERSION = 1

Row = dict[str, Any]
"""A row as the table has it. Outside this room and aws/ledger rows are values of a kind's class."""
Key = tuple[str, str]


def key_of(row: Mapping[str, Any]) -> Key:
    return row[PK], row[SK]


def keyed(key: Key) -> Row:
    """How each row begins: its key, and the version that wrote it."""
    return {PK: key[0], SK: key[1], "v": VERSION}


JOBS, HEADS, ENDINGS, ATTEMPTS = "JOB#", "HEAD#", "ENDED#", "ATTEMPT#"
STOPS, DEADLINES = "STOP#", "DEADLINE#"
NOTICES, ALERTS, EVALUATIONS = "NOTICED#", "ALERT#", "EVALUATION#"
DEADLINES = "DEADLINE#"
"""How the partition keys of jobs begin, and the sort keys of these kinds of rows."""


def job_pk(job: JobId) -> str:
    return f"{JOBS}{job.place}"


def place_of(key: Key) -> str | None:
    """The place (`JobId.place`) of the job that a row is about; None of a row about no one job."""
    return key[0].removeprefix(JOBS) if key[0].startswith(JOBS) else None


def place_pk(place: str) -> str:
    """The partition of all jobs that ever had this account, Region and name."""
    return f"{JOBS}{place}"


def name_pk(account: str, region: str, name: str) -> str:
    """The partition of all jobs that ever had this name in an account and Region."""
    return f"{JOBS}{account}/{region}/{name}"


def job_of(pk: str, sk: str) -> JobId:
    """The job that a HEAD, an EVALUATION or a CHECKPOINTS row is about."""
    return JobId.parse(f"{pk.removeprefix('JOB#')}#{sk.partition('#')[2]}")


def head_sk(created: datetime) -> str:
    return f"HEAD#{ms(created):013d}"


def transition_sk(created: datetime, transition: Transition) -> str:
    return f"AT#{ms(created):013d}#{transition.mark}"


def transitions_prefix(created: datetime) -> str:
    """How the sort keys of all transitions of a job begin."""
    return f"AT#{ms(created):013d}#"


def noticed_sk(kind: str, key: str) -> str:
    return f"NOTICED#{kind}#{key}"


def alert_sk(kind: str, key: str) -> str:
    return f"ALERT#{kind}#{key}"


def evaluation_sk(created: datetime) -> str:
    return f"EVALUATION#{ms(created):013d}"


def sightings_sk(created: datetime) -> str:
    return f"CHECKPOINTS#{ms(created):013d}"


def deadline_sk(created: datetime) -> str:
    return f"{DEADLINES}{ms(created):013d}"


def type_durations_sk(kind: str) -> str:
    return f"TYPE#{kind}"


def rule_lineages_sk(rule: str) -> str:
    """A rule as text can be longer than a sort key; its digest is not."""
    return f"RULE#{hashlib.sha256(rule.encode()).hexdigest()[:32]}"


def lineage_pk(root: JobId) -> str:
    return f"LINEAGE#{root}"


def ended_sk(attempt: int) -> str:
    return f"ENDED#{attempt:03d}"


def attempt_sk(attempt: int) -> str:
    return f"ATTEMPT#{attempt:03d}"


def stop_sk(attempt: int) -> str:
    return f"{STOPS}{attempt:03d}"


def slot_sk(number: int) -> str:
    return f"SLOT#{number:010d}"


def publish_sk(number: int) -> str:
    return f"PUBLISH#{number:010d}"


def number_of(sk: str) -> int:
    """The number at the end of the sort key of a slot, an ending or an attempt."""
    return int(sk.rpartition("#")[2])


CLAIM, CREATIONS, SWEEP, LEASE, CURSOR = "CLAIM", "CREATIONS", "SWEEP", "LEASE", "CURSOR"
WATCHING, SINCE = "WATCHING", "SINCE"
PUBLISHES = "PUBLISHES"
DIGESTS = "DIGESTS"
DURATIONS = "DURATIONS"
MALFORMED = "MALFORMED"
RUNNING = "RUNNING"
OPEN_ALERTS = "OPEN#ALERTS"
OPEN_EVALUATIONS = "OPEN#EVALUATIONS"


def open_keys(pk: str, due: datetime) -> Row:
    """The keys that put a row into the index `open`: it is due from this instant on."""
    return {OPEN_PK: open_shard(_shard(pk)), OPEN_SK: iso(due)}


def _shard(pk: str) -> int:
    return int(hashlib.sha256(pk.encode()).hexdigest(), 16) % OPEN_SHARDS


def open_shard(shard: int) -> str:
    return f"OPEN#{shard}"


def running_keys(pk: str, created: datetime) -> Row:
    """The keys that list the head of a running job, in the order of their creation."""
    return {OPEN_PK: running_shard(_shard(pk)), OPEN_SK: iso(created)}


def location_keys(location: str) -> Row:
    """The keys that list a running job by where its checkpoints lie."""
    return {LOCATION_PK: RUNNING, LOCATION_SK: location_sk(location)}


def location_sk(location: str) -> str:
    """A location, as much of it as a sort key can hold: 1,024 bytes."""
    return location.encode(errors="replace")[:1024].decode(errors="ignore")


def running_shard(shard: int) -> str:
    return f"RUNNING#{shard}"


def pending_keys(rank: int, raised: datetime) -> Row:
    """The keys that list an alert among those that are pending: the worst first, then the oldest."""
    return {OPEN_PK: OPEN_ALERTS, OPEN_SK: f"{rank}#{iso(raised)}"}


def evaluation_keys(since: datetime) -> Row:
    """The keys that list a job among those whose alert rules are to be evaluated, oldest first."""
    return {OPEN_PK: OPEN_EVALUATIONS, OPEN_SK: iso(since)}


def alerted_keys(raised: datetime, severity: str, job: JobId) -> Row:
    """The keys that list an alert under the day on which it was raised; they never change."""
    listed = f"{iso(raised)}#{severity}#{job}"
    return {CALENDAR_PK: alerted_pk(raised), CALENDAR_SK: listed}


def alerted_pk(day: date) -> str:
    """`ALERTED#2026-11-23`, in UTC."""
    return f"ALERTED#{day:%Y-%m-%d}"


def calendar_keys(job: JobId) -> Row:
    """The keys that list a head under the day of its job's creation; they never change."""
    return {CALENDAR_PK: calendar_pk(job.created), CALENDAR_SK: f"{iso(job.created)}#{job}"}


def calendar_pk(day: date) -> str:
    """`DAY#2026-11-23`, in UTC."""
    return f"DAY#{day:%Y-%m-%d}"


def spot_history_keys(kind: str, start: datetime, job: JobId) -> Row:
    """The keys that list a transition among those that show spot of a type to be short."""
    return {MARKET_PK: spot_history_pk(kind, start), MARKET_SK: f"{iso(start)}#{job}"}


def spot_history_pk(kind: str, day: date) -> str:
    """`MARKET#ml.g5.xlarge#2026-11-23`, in UTC."""
    return f"MARKET#{kind}#{day:%Y-%m-%d}"


def instance_type_of(market_pk: str) -> str:
    """The instance type in a partition key of the index `market`."""
    return market_pk.removeprefix("MARKET#").rpartition("#")[0]
