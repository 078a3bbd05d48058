"""Accounts on availability made by chance, the same for each seed: their truth is known, their ledgers are recorded."""

import random
from dataclasses import dataclass
from datetime import timedelta

from bench.generated_accounts import BEGIN, GeneratedJob, recorded
from spotter.aws.ledger.table import Ledger
from spotter.core.ledger.deadline import DeadlineRecord
from spotter.core.ledger.transitions import TransitionRecord
from spotter.core.model.identity import JobId
from spotter.core.policy.model import Rule
from spotter.core.replay.availability import Availability
from spotter.core.replay.policies import SPOT_ONLY
from spotter.core.replay.policy_interface import AttemptLimits, ReplayPolicy, Workload
from spotter.core.replay.recorded_lineage import RecordedLineage
from tests.support.jobs import ACCOUNT, REGION

HOUR = 3600.0
JOB = Workload(work=6 * HOUR, deadline=9 * HOUR, launch=600, checkpoint=1200)
PROVISIONING = 240.0


def generated_pool(seed: int, days: int = 40, mean_hours: float = 5.0) -> Availability:
    """A pool in steps of ten minutes; free and taken by turns, for times of no memory."""
    dice, values = random.Random(seed), list[int]()
    while len(values) < days * 144:
        length = 1 + round(dice.expovariate(1 / (6 * mean_hours)))
        values += [len(values) % 2 if not values else 1 - values[-1]] * length
    return Availability.of("generated", values, 600.0)


@dataclass(frozen=True)
class GeneratedAccount:
    """Jobs of the truth, and what the ledger recorded of them."""

    jobs: tuple[GeneratedJob, ...]
    lineages: tuple[RecordedLineage, ...]


def generated_account(
    count: int,
    seed: int = 1,
    *,
    policy: ReplayPolicy = SPOT_ONLY,
    limits: AttemptLimits | None = None,
    days: int = 20,
    until: float = 1e9,
    enforced: Rule | None = None,
) -> GeneratedAccount:
    """So many jobs within so many days of one pool, recorded as they went under a policy.

    With `enforced` it was Spotter that stopped them, for the deadline of this rule.
    """
    pool, dice = generated_pool(seed), random.Random(seed)
    jobs = []
    for n in range(count):
        start = round(dice.uniform(0, days * 24 * HOUR), 3)
        root = JobId(ACCOUNT, REGION, f"nightly-{n}", BEGIN + timedelta(seconds=start))
        jobs.append(GeneratedJob(JOB, pool, start, dice.uniform(0, JOB.look), root))
    terms = [enforced.deadline(job.root.created) if enforced else None for job in jobs]
    lineages = [
        recorded(job, policy, limits, PROVISIONING, until, deadline=deadline)
        for job, deadline in zip(jobs, terms, strict=True)
    ]
    return GeneratedAccount(tuple(jobs), tuple(lineages))


def put(ledger: Ledger, account: GeneratedAccount) -> None:
    """The same rows that the recorder and the sweep put."""
    for lineage in account.lineages:
        for one in lineage.attempts:
            ledger.put_head(one.head, notable=False)
            for transition in one.timeline:
                ledger.put_new(TransitionRecord(one.head.id, transition))
            if one.sightings:
                ledger.put_new(one.sightings)
            if one.deadline:
                head = one.head
                ledger.put_new(DeadlineRecord(head.id, head.attempt, "", one.deadline, acts=True))
