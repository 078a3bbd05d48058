"""A month of jobs in four teams, as plain facts, and a ledger that holds them.

The facts are what SageMaker and S3 would show; nothing here is computed by Spotter. Whoever checks a figure
computes it from the facts.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from spotter.aws.ledger.table import Ledger
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.checkpoint_sightings import CheckpointSightings, SeenInterruption
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.job import Job
from spotter.core.prices.table import PriceTable
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.jobs import ACCOUNT, REGION
from tests.support.spotter_in_one_process import create_table

TEAMS = ("vision", "speech", "forecasting", "search & ads")
MONTH = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 12, 2, 9, tzinfo=UTC)
PRICES = PriceTable(
    REGION, "USD", NOW, datetime(2026, 11, 20, tzinfo=UTC),
    {
        "ml.g5.xlarge": Decimal("1.408"), "ml.g5.12xlarge": Decimal("7.09"), "ml.m5.large": Decimal("0.115"),
        "ml.p4d.24xlarge": Decimal("37.688"), "ml.trn1.32xlarge": Decimal("24.78125"),
    },
)  # fmt: skip
UNPRICED = "ml.p6.48xlarge"
ENDS = ("Completed", "Completed", "Completed", "Completed", "Failed", "Stopped", "MaxWaitTimeExceeded", "MaxRuntimeExceeded")  # fmt: skip


@dataclass(frozen=True)
class AttemptFacts:
    """What is true of one attempt. `seen` is by interruption what the first sweep after it saw: the newest
    checkpoint, or None for none; an interruption that is not in it no sweep has looked at.
    """

    root: str
    number: int
    created: datetime
    root_created: datetime
    statuses: tuple[tuple[str, datetime], ...]
    instances: tuple[tuple[str, int], ...]
    team: str | None
    spot: bool = True
    billable: int | None = None
    training: int | None = None
    seen: Mapping[datetime, datetime | None] = field(default_factory=dict)

    @property
    def last(self) -> str:
        return self.statuses[-1][0]

    @property
    def running(self) -> bool:
        return self.last not in {*ENDS}

    @property
    def ended(self) -> datetime | None:
        return None if self.running else self.statuses[-1][1]

    @property
    def attempt(self) -> Attempt:
        return Attempt(JobId(ACCOUNT, REGION, self.root, self.root_created), self.number)

    def described(self) -> dict[str, Any]:
        """As DescribeTrainingJob shows it."""
        status = {"Completed": "Completed", "Failed": "Failed"}.get(self.last, "Stopped")
        name = self.attempt.name
        groups = [
            {"InstanceGroupName": f"g{n}", "InstanceType": kind, "InstanceCount": count}
            for n, (kind, count) in enumerate(self.instances)
        ]
        answer = {
            "TrainingJobName": name,
            "TrainingJobArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{name}",
            "TrainingJobStatus": "InProgress" if self.running else status,
            "SecondaryStatus": self.last,
            "FailureReason": "AlgorithmError: exit code 1" if self.last == "Failed" else None,
            "ResourceConfig": {"InstanceGroups": groups, "VolumeSizeInGB": 30},
            "EnableManagedSpotTraining": self.spot,
            "CheckpointConfig": {"S3Uri": f"s3://ml-checkpoints/{self.root}/"},
            "CreationTime": self.created,
            "LastModifiedTime": self.statuses[-1][1],
            "TrainingEndTime": self.ended,
            "BillableTimeInSeconds": self.billable,
            "TrainingTimeInSeconds": self.training,
            "SecondaryStatusTransitions": [
                {"Status": status, "StartTime": start} for status, start in self.statuses
            ],
        }
        return {name: value for name, value in answer.items() if value is not None}

    @property
    def head(self) -> JobRecord:
        tags = () if self.team is None else (("team", self.team),)
        job = Job.described(self.described())
        return replace(JobRecord.of(job, self.attempt, in_scope=True), tags=tags)

    def sightings(self) -> CheckpointSightings | None:
        """The row that the sweeps wrote; None where none looked."""
        if not self.seen:
            return None
        before = dict(zip((s[1] for s in self.statuses[1:]), self.statuses, strict=False))
        found = []
        for at, newest in sorted(self.seen.items()):
            status, start = before[at]
            trained = at - start if status == "Training" else timedelta()
            found.append(SeenInterruption(at, trained, at + timedelta(minutes=3), newest))
        return CheckpointSightings(self.head.id, self.statuses[-1][1], None, tuple(found), 0)


def month(seed: int = 1, jobs: int = 2000) -> list[AttemptFacts]:
    """So many attempts, whose ends lie around November 2026, in lineages of one to four."""
    dice = random.Random(seed)
    found: list[AttemptFacts] = []
    number = 0
    while len(found) < jobs:
        number += 1
        found += _lineage(dice, f"job-{number:05d}")
    return found[:jobs] if found[jobs - 1].last == "Completed" else _cut(found, jobs)


def _cut(found: list[AttemptFacts], jobs: int) -> list[AttemptFacts]:
    """Whole lineages only: what is cut off is taken off with its lineage."""
    last = found[jobs:][0].root if len(found) > jobs else ""
    return [one for one in found[:jobs] if one.root != last]


def _lineage(dice: random.Random, name: str) -> Iterator[AttemptFacts]:
    created = MONTH + timedelta(days=dice.uniform(-12, 31))
    created = _ms(created)
    team = dice.choice([*TEAMS, *TEAMS, None])
    kinds = [*PRICES.prices, *PRICES.prices, UNPRICED]
    instances = tuple(
        (dice.choice(kinds), dice.randint(1, 8)) for _ in range(dice.choice([1, 1, 1, 2]))
    )
    begun, root = created, created
    for attempt in range(1, dice.choice([2, 2, 2, 3, 5])):
        spot = attempt < 3 or dice.random() < 0.5
        one = _attempt(dice, name, attempt, begun, root, instances, team, spot=spot)
        yield one
        if one.ended is None or one.last in ("Completed", "Stopped"):
            return
        begun = _ms(one.ended + timedelta(minutes=dice.uniform(1, 300)))


def _attempt(
    dice: random.Random, name: str, number: int, created: datetime, root: datetime,
    instances: tuple[tuple[str, int], ...], team: str | None, *, spot: bool,
) -> AttemptFacts:  # fmt: skip
    now, trained = created, timedelta()
    statuses: list[tuple[str, datetime]] = []
    seen: dict[datetime, datetime | None] = {}
    for cycle in range(dice.choice([1, 1, 2, 3, 6]) if spot else 1):
        if cycle:
            statuses.append(("Interrupted", now))
            seen |= _look(dice, now, statuses)
            now = _ms(now + timedelta(minutes=dice.uniform(1, 200)))
        statuses.append(("Starting", now))
        now = _ms(now + timedelta(minutes=dice.uniform(1, 120)))
        if dice.random() < 0.04:
            break
        statuses.append(("Downloading", now))
        now = _ms(now + timedelta(minutes=dice.uniform(1, 6)))
        statuses.append(("Training", now))
        stay = timedelta(minutes=dice.expovariate(1 / 300))
        trained += stay
        now = _ms(now + stay)
    facts = AttemptFacts(name, number, created, root, (), instances, team, spot, seen=seen)
    if now > NOW or dice.random() < 0.02:
        until = [s for s in statuses if s[1] <= NOW] or [("Starting", created)]
        known = {at: saw for at, saw in seen.items() if at <= NOW}
        return replace(facts, statuses=tuple(until), seen=known)
    last = dice.choice(ENDS)
    reached = any(status == "Training" for status, _ in statuses)
    if not reached:
        last = "MaxWaitTimeExceeded"
    statuses.append((last, now))
    training = int(trained.total_seconds()) + dice.randint(60, 400) if reached else None
    share = (
        dice.choice([dice.uniform(0.2, 0.5), dice.uniform(0.25, 0.4), dice.uniform(0.3, 1.0)])
        if spot
        else 1.0
    )
    billable = None if training is None or dice.random() < 0.02 else int(training * share)
    return replace(facts, statuses=tuple(statuses), billable=billable, training=training)


def _look(
    dice: random.Random, at: datetime, statuses: list[Any]
) -> dict[datetime, datetime | None]:
    """A checkpoint within the stay, one from before it, none, or no look."""
    start = next((start for status, start in reversed(statuses[:-1]) if status == "Training"), at)
    kind = dice.random()
    if kind < 0.6:
        return {at: _s(at - (at - start) * dice.random() ** 3, start)}
    if kind < 0.7:
        return {at: _s(start - timedelta(hours=dice.uniform(0, 40)), start - timedelta(days=9))}
    return {at: None} if kind < 0.85 else {}


def _s(instant: datetime, least: datetime) -> datetime:
    """S3's LastModified has whole seconds."""
    return max(instant.replace(microsecond=0), least.replace(microsecond=0))


def _ms(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def ledger_of(facts: list[AttemptFacts]) -> Ledger:
    """A ledger that holds these attempts, the claims of next ones, and what sweeps saw."""
    dynamodb = FakeDynamoDB()
    ledger = Ledger(dynamodb, "ledger")
    create_table(dynamodb, "ledger")
    for one in facts:
        head = one.head
        ledger.put_head(head, notable=False)
        if (row := one.sightings()) is not None:
            ledger.put_new(row)
        if head.ending and one.last != "Completed":
            ledger.put_new(
                EndingRecord(
                    one.attempt, head.id, head.ending.value, ended=one.ended, settled="refuse"
                )
            )
        if one.number > 1:
            claim = AttemptRecord(one.attempt, head.id.name, one.created, "started", "hash", "spot")
            ledger.put_new(claim)
    return ledger
