"""Random histories of the pure core: what Describe shows is folded into rows, decided about, and timed.

One history is one job and its lineage, from a seed. It is held against what the core promises whatever happens:

- fold: the order and the number of descriptions change nothing; a timeline is their union.
- record: what a recording puts is new, nothing is put twice, and the newest description is in the head.
- decide: there is always one answer with a reason; a resubmission needs all that is known to be known.
- deadline: less time never returns a lineage to spot, and on demand stays on demand.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from spotter.core.checkpoints import Checkpoint, Findings
from spotter.core.deadline.hand_over import Durations, NextStep, Phase, Situation, next_step
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import RESUBMITTABLE
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.model.timeline import ORDER, Timeline, Transition
from spotter.core.policy.model import Mode, Policy, ResubmissionPolicy, Rule
from spotter.core.record.delta import delta
from spotter.core.resubmit.case import Case, Kind, Switch
from spotter.core.resubmit.decide import decide
from tests.support.jobs import BUCKET, ENDS, NOON, ROLE, described

STATUSES = ("InProgress", "Stopping", "Stopped", "Failed", "Completed", "Quiesced")
FAILURES = (None, "CapacityError: x", "InternalServerError: x", "AlgorithmError: x", "Odd: x")
LIVES = ("Starting", "Downloading", "Training", "Interrupted", "Pending", "Teleporting", *ORDER)
MINUTE = timedelta(minutes=1)


def broken_by(seed: int) -> list[str]:
    """A sentence for each promise that this history breaks."""
    chance = random.Random(seed)
    line = _life(chance)
    job, shown = _descriptions(chance, line)
    return [
        *_fold(chance, line),
        *_recorded(chance, job, shown),
        *_decided(chance, job),
        *_timed(chance),
    ]


def _life(chance: random.Random) -> list[Transition]:
    when, found = NOON, []
    for _ in range(chance.randint(1, 7)):
        one = Transition(when, chance.choice(LIVES))
        found += [one] if one not in found else []
        when += timedelta(milliseconds=chance.choice([0, 1, 999, 60_000, 3_600_000]))
    return found


def _fold(chance: random.Random, line: Sequence[Transition]) -> Iterator[str]:
    one, other = Timeline(line[: chance.randint(0, len(line))]), Timeline(line)
    mixed = [*line, *chance.choices(line, k=2)]
    chance.shuffle(mixed)
    if Timeline(mixed) != other:
        yield f"fold: {mixed} is another timeline than {line}"
    if Timeline([*one, *other]) != Timeline([*other, *one]):
        yield f"fold: merging {one} and {other} depends on the order"
    starts = [transition.start for transition in other]
    if starts != sorted(starts):
        yield f"fold: {other} is out of order"


def _descriptions(
    chance: random.Random, line: Sequence[Transition]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What Describe answers in the end, and on the way there, one answer a transition."""
    last = line[-1].status
    status, reason = ENDS.get(last, ("InProgress", None))
    if status == "Failed":
        reason = chance.choice(FAILURES)
    shown = [_answer(line[:n], "InProgress", None) for n in range(1, len(line))]
    final = _answer(line, status, reason)
    return final, [*shown, final]


def _answer(line: Sequence[Transition], status: str, reason: str | None) -> dict[str, Any]:
    members = {
        "TrainingJobStatus": status,
        "SecondaryStatus": line[-1].status,
        "FailureReason": reason,
        "LastModifiedTime": max(t.start for t in line),
        "CreationTime": NOON - MINUTE,
        "SecondaryStatusTransitions": [{"Status": t.status, "StartTime": t.start} for t in line],
    }
    return {name: value for name, value in (described() | members).items() if value is not None}


def _recorded(
    chance: random.Random, final: dict[str, Any], shown: list[dict[str, Any]]
) -> Iterator[str]:
    """The descriptions come in any order and repeatedly, and each recording is cut off by chance."""
    order = [*shown, *chance.choices(shown, k=2)]
    chance.shuffle(order)
    order.append(final)
    policy, held, head = Policy(scope="all"), set[tuple[datetime, str]](), None
    for answer in order:
        job = Job.described(answer)
        found = delta(job, Attempt(job.id, 1), head, policy)
        new = [(row.transition.start, row.transition.status) for row in found.transitions]
        if len(set(new)) < len(new):
            yield f"record: {new} holds a transition twice"
        if chance.random() < 0.2 and answer is not final:
            held |= set(new[: chance.randint(0, len(new))])  # it died before it put the head
            continue
        held |= set(new)
        if found.head is not None and (head is None or found.head.supersedes(head)):
            head = found.head
    happened = {(t.start, t.status) for t in Job.described(final).timeline}
    if held != happened:
        yield f"record: {sorted(held ^ happened)} differ, after {len(order)} descriptions"
    if head is None or head.secondary != final["SecondaryStatus"]:
        yield f"record: the head is {head}"
    elif JobRecord.read(head.row(notable=True)) != head:
        yield f"record: {head} is not read back as it was put"


def _decided(chance: random.Random, answer: dict[str, Any]) -> Iterator[str]:
    status = chance.choice(STATUSES) if chance.random() < 0.3 else answer["TrainingJobStatus"]
    job = Job.described(answer | {"TrainingJobStatus": status})
    rule = Rule(
        name="nightly-*",
        on=tuple(chance.sample(RESUBMITTABLE, 3)),
        max_attempts=chance.randint(2, 6),
    )
    bounds = ResubmissionPolicy(
        mode=chance.choice(list(Mode)), roles=chance.choice([(), (ROLE,), (ROLE,)])
    )
    policy = Policy(checkpoint_locations=(f"{BUCKET}/*",), resubmission=bounds, rules=(rule,))
    case = Case(
        job=job,
        attempt=Attempt(job.id, chance.randint(1, 6)),
        policy=policy,
        now=NOON + MINUTE * chance.randint(-60, 3000),
        policy_since=chance.choice([None, NOON - 60 * MINUTE, NOON + 600 * MINUTE]),
        switch=Switch(on=chance.random() < 0.7),
        found=_found(chance),
        sharing=chance.choice([(), (), ("other",)]),
    )
    decision = decide(case)
    if not decision.reason:
        yield f"decide: no reason for {decision}"
    if decision.kind is Kind.RESUBMIT:
        known = {
            "the attempt has ended": job.ending is not None,
            "its ending is the owner's to resubmit": job.ending in rule.on,
            "the mode is act": bounds.mode is Mode.ACT,
            "the role is named": ROLE in bounds.roles,
            "the switch is on": case.switch.on,
            "since when the policy holds is known": case.policy_since is not None,
            "attempts are left": case.attempt.number < rule.max_attempts,
            "nobody else uses the checkpoints": not case.sharing,
        }
        yield from (
            f"decide: resubmitted, and not so: {what}" for what, so in known.items() if not so
        )


def _found(chance: random.Random) -> Findings:
    when = NOON + MINUTE * chance.randint(-120, 240)
    return chance.choice([Findings(), Findings((Checkpoint("step-9.pt", when),))])


def _timed(chance: random.Random) -> Iterator[str]:
    start, launch, gap, stop, look, margin, upload = (
        MINUTE * chance.randint(0, 240) for _ in range(7)
    )
    times = Durations(start, launch, gap, stop, look, margin, upload)
    now = Situation(
        chance.choice(list(Phase)),
        MINUTE * chance.randint(-600, 1200),
        waited=MINUTE * chance.randint(0, 600),
        saved=chance.random() < 0.5,
        other_pools=chance.random() < 0.5,
        may_try=chance.random() < 0.5,
    )
    patience = chance.choice([None, MINUTE * chance.randint(0, 300)])
    step = next_step(now, times, patience)
    later = next_step(
        replace(now, slack=now.slack - MINUTE * chance.randint(0, 300)), times, patience
    )
    if step is NextStep.HAND_OVER and later is not NextStep.HAND_OVER:
        yield f"deadline: less slack returned {now} to spot"
    if now.phase is Phase.ON_DEMAND and step is not NextStep.STAY:
        yield f"deadline: {now} leaves on demand"
    if step is NextStep.TRY_NEXT and not (
        now.phase is Phase.WAITING and now.other_pools and now.may_try
    ):
        yield f"deadline: {now} tries another pool"
