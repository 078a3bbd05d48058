"""Random histories of the pure core: what Describe shows is folded into rows, decided about, and timed.

One history is one job and its lineage, from a seed. It is held against what the core promises whatever happens:

- fold: the order and the number of descriptions change nothing; a timeline is their union.
- record: what a recording puts is new, nothing is put twice, the newest description is in the head, and there
  is a row about an ending exactly if somebody must decide about it.
- decide: a case without obstacles is resubmitted, and one with any obstacle is not (tests/support/core_cases.py);
  of what is known from Describe alone, nothing is resubmitted.
- deadline: less time never returns a lineage to spot, and on demand stays on demand.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from spotter.core.deadline.hand_over import Durations, NextStep, Phase, Situation, next_step
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import RESUBMITTABLE, Ending
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.model.timeline import ORDER, Timeline, Transition
from spotter.core.policy.model import Mode, Policy, ResubmissionPolicy, Rule
from spotter.core.record.delta import delta
from spotter.core.resubmit.case import Case, Kind, Switch
from spotter.core.resubmit.decide import decide
from tests.support.core_cases import known_case
from tests.support.jobs import ENDS, NOON, ROLE, described

STATUSES = ("InProgress", "Stopping", "Stopped", "Failed", "Completed", "Quiesced")
FAILURES = (None, "CapacityError: x", "InternalServerError: x", "AlgorithmError: x", "Odd: x")
LIVES = ("Starting", "Downloading", "Training", "Interrupted", "Pending", "Teleporting", *ORDER)
MINUTE = timedelta(minutes=1)
JOB = described()
POLICY = Policy(
    scope="all",
    resubmission=ResubmissionPolicy(mode=Mode.ACT, roles=(ROLE,)),
    rules=(Rule(name="nightly-*", on=RESUBMITTABLE, max_attempts=4),),
)


@dataclass(frozen=True)
class CoreHistory:
    """What one history broke, and what came to pass in it.

    `cut_off` counts the recordings that ended before their head was put.
    """

    broken: tuple[str, ...]
    cut_off: int
    resubmitted: bool
    handed_over: bool


def core_history(seed: int) -> CoreHistory:
    """The history of a seed."""
    chance = random.Random(seed)
    line = _life(chance)
    final, shown = _descriptions(chance, line)
    broken = list(_fold(chance, line))
    cut_off = _recorded(chance, final, shown, broken)
    broken += _undecided(chance, final)
    resubmitted, wrong = known_case(chance).decided()
    broken += [wrong] if wrong else []
    handed_over = _timed(chance, broken)
    return CoreHistory(tuple(broken), cut_off, resubmitted, handed_over)


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
    return {name: value for name, value in (JOB | members).items() if value is not None}


def _recorded(
    chance: random.Random, final: dict[str, Any], shown: list[dict[str, Any]], broken: list[str]
) -> int:
    """The descriptions come in any order and repeatedly, and each recording is cut off by chance."""
    ended = Job.described(final)
    jobs = [*(Job.described(answer) for answer in shown[:-1]), ended]
    order = [*jobs, *chance.choices(jobs, k=2)]
    chance.shuffle(order)
    order.append(ended)
    held, head, due, cut_off = set[tuple[datetime, str]](), None, False, 0
    for job in order:
        found = delta(job, Attempt(job.id, 1), head, POLICY)
        new = [(row.transition.start, row.transition.status) for row in found.transitions]
        if len(set(new)) < len(new):
            broken.append(f"record: {new} holds a transition twice")
        if chance.random() < 0.2 and job is not ended:
            held |= set(new[: chance.randint(0, len(new))])  # it ended before it put the head
            cut_off += 1
            continue
        held |= set(new)
        due = due or found.ended is not None
        if found.head is not None and (head is None or found.head.supersedes(head)):
            head = found.head
    happened = {(t.start, t.status) for t in ended.timeline}
    if held != happened:
        broken.append(f"record: {sorted(held ^ happened)} differ, after {len(order)} descriptions")
    if due != (ended.ending not in (None, Ending.COMPLETED)):
        broken.append(f"record: {ended.ending}, and a row about the ending: {due}")
    if head is None or head.secondary != final["SecondaryStatus"]:
        broken.append(f"record: the head is {head}")
    elif JobRecord.read(head.row(notable=True)) != head:
        broken.append(f"record: {head} is not read back as it was put")
    return cut_off


def _undecided(chance: random.Random, answer: dict[str, Any]) -> Iterator[str]:
    """Of what is known from Describe alone, nothing is resubmitted, and the answer has its reason."""
    status = chance.choice(STATUSES) if chance.random() < 0.3 else answer["TrainingJobStatus"]
    job = Job.described(answer | {"TrainingJobStatus": status})
    attempt, now = Attempt(job.id, chance.randint(1, 6)), NOON + MINUTE * chance.randint(-60, 3000)
    decision = decide(
        Case(job=job, attempt=attempt, policy=POLICY, now=now, switch=Switch(on=True))
    )
    if decision.kind is Kind.RESUBMIT or not decision.reason:
        yield f"decide: {decision}, and nothing but Describe is known"


def _timed(chance: random.Random, broken: list[str]) -> bool:
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
    less = replace(now, slack=now.slack - MINUTE * chance.randint(0, 300))
    if step is NextStep.HAND_OVER and next_step(less, times, patience) is not NextStep.HAND_OVER:
        broken.append(f"deadline: less slack returned {now} to spot")
    if now.phase is Phase.ON_DEMAND and step is not NextStep.STAY:
        broken.append(f"deadline: {now} leaves on demand")
    if step is NextStep.TRY_NEXT and not (
        now.phase is Phase.WAITING and now.other_pools and now.may_try
    ):
        broken.append(f"deadline: {now} tries another pool")
    return step is NextStep.HAND_OVER
