"""Random cases of ended attempts, for which it is known whether they may be resubmitted.

Each begins sound: the attempt ended in one of the rule's endings, a checkpoint is there, nobody else uses it, and
all figures are within their bounds, anywhere in them. Then obstacles are put in its way, none in half of the
cases, each of which alone forbids a resubmission. So the one answer is known without the rules.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from spotter.core.checkpoints import Checkpoint, Findings
from spotter.core.deadline.stop_order import StoppedBy
from spotter.core.model.api_shapes import MISSING, ModelViolation
from spotter.core.model.endings import RESUBMITTABLE, Ending
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.policy.capacity_options import SPOT
from spotter.core.policy.model import Mode, Policy, ResubmissionPolicy, Rule
from spotter.core.resubmit.case import Case, Kind, Switch
from spotter.core.resubmit.decide import decide
from spotter.core.resubmit.past_attempts import PastAttempt, Spend
from tests.support.jobs import BUCKET, NEVER_LAUNCHED, OUT_OF_TIME, ROLE, job, minutes

FAILED = ("Starting", "Downloading", "Training", "Failed")
STORIES: tuple[tuple[tuple[str, ...], str | None], ...] = (
    (OUT_OF_TIME, None),
    (NEVER_LAUNCHED, None),
    (("Starting", "Training", "MaxRuntimeExceeded"), None),
    (FAILED, "CapacityError: x"),
    (FAILED, "InternalServerError: x"),
    (FAILED, "AlgorithmError: x"),
)
DAY = timedelta(days=1)
MAX_AGE, CREATIONS, INTERRUPTIONS = ResubmissionPolicy().max_age, 20, 12


@dataclass
class Parts:
    """What a case is made of, to be changed before it is made."""

    job: Job
    members: dict[str, Any] = field(default_factory=dict)
    rule: dict[str, Any] = field(default_factory=dict)
    bounds: dict[str, Any] = field(default_factory=dict)
    case: dict[str, Any] = field(default_factory=dict)


@cache
def _job(
    statuses: tuple[str, ...], failure: str | None, member: str = "", value: Any = None
) -> Job:
    return job(statuses, **({"FailureReason": failure} | ({member: value} if member else {})))


def _sound(chance: random.Random, ended: Job) -> Parts:
    """Figures anywhere within their bounds."""
    most = chance.randint(2, 6)
    number = chance.randint(1, most - 1)
    at = ended.ended
    assert at
    written = ended.id.created + minutes(chance.randint(1, 90))
    return Parts(
        ended,
        rule={"on": RESUBMITTABLE, "max_attempts": most, "max_interruptions": INTERRUPTIONS},
        bounds={"mode": Mode.ACT, "roles": (ROLE,), "max_creations_per_hour": CREATIONS},
        case={
            "attempt": Attempt(ended.id, number),
            "past": tuple(_past(chance, n) for n in range(1, number)),
            "now": at + timedelta(seconds=chance.randint(0, int(MAX_AGE.total_seconds()))),
            "policy_since": at - minutes(chance.randint(0, 100_000)),
            "switch": Switch(on=True),
            "found": Findings((Checkpoint("step-9.pt", written),)),
            "recent_creations": chance.randint(0, CREATIONS - 1),
        },
    )


def _past(chance: random.Random, number: int) -> PastAttempt:
    """An earlier attempt, which left a checkpoint or never trained; all of them together are within bounds."""
    spend = Spend(chance.randint(0, 20), None)
    trained = minutes(chance.randint(0, 300))
    progressed = chance.choice([True, None])
    return PastAttempt(number, Ending.CAPACITY, chance.randint(0, 2), progressed, trained, spend)


def _with(part: str, **changes: Any) -> Callable[[random.Random, Parts], None]:
    return lambda _, parts: getattr(parts, part).update(changes)


def _late(chance: random.Random, parts: Parts) -> None:
    assert parts.job.ended
    parts.case["now"] = parts.job.ended + MAX_AGE + timedelta(seconds=chance.randint(1, 10**6))


def _early(chance: random.Random, parts: Parts) -> None:
    assert parts.job.ended
    early = timedelta(hours=2, seconds=chance.randint(1, 10**6))
    parts.case["now"] = parts.job.ended - early


def _before_the_policy(chance: random.Random, parts: Parts) -> None:
    assert parts.job.ended
    later = timedelta(milliseconds=chance.randint(1, 10**6))
    parts.case["policy_since"] = parts.job.ended + later


def _last_attempt(chance: random.Random, parts: Parts) -> None:
    number = parts.rule["max_attempts"] + chance.choice([0, 0, 1, 5])
    parts.case["attempt"] = Attempt(parts.job.id, number)


def _capped(chance: random.Random, parts: Parts) -> None:
    parts.case["recent_creations"] = CREATIONS + chance.choice([0, 0, 1, 100])


def _rule_capped(chance: random.Random, parts: Parts) -> None:
    most = chance.randint(1, 5)
    parts.rule["max_creations_per_hour"] = most
    parts.case["recent_creations_of_the_rule"] = most + chance.choice([0, 0, 3])


def _interrupted(chance: random.Random, parts: Parts) -> None:
    count = INTERRUPTIONS + chance.randint(1, 9)
    one = PastAttempt(1, Ending.CAPACITY, count, True, timedelta(), Spend())
    parts.case["past"] = (one, *parts.case["past"])


def _spent(_: random.Random, parts: Parts) -> None:
    one = PastAttempt(1, Ending.CAPACITY, 0, True, timedelta(), Spend(1000.0, None))
    parts.case["past"] = (one, *parts.case["past"])


def _short_of_spot(_: random.Random, parts: Parts) -> None:
    parts.rule["capacity"] = (SPOT,)
    until = parts.case["now"] + minutes(1)
    parts.case["circuit_open_until"] = {kind: until for kind, _ in parts.job.instances}


def _without_spot(_: random.Random, parts: Parts) -> None:
    parts.members["EnableManagedSpotTraining"] = False
    parts.case["attempt"] = Attempt(parts.job.id, 1)


def _not_on_the_list(_: random.Random, parts: Parts) -> None:
    parts.rule["on"] = tuple(one for one in RESUBMITTABLE if one is not parts.job.ending)


OBSTACLES: dict[str, Callable[[random.Random, Parts], None]] = {
    "the job still runs": _with("members", TrainingJobStatus="InProgress"),
    "the status is a new one": _with("members", TrainingJobStatus="Quiesced"),
    "another service owns the job": _with("members", TuningJobArn="arn"),
    "another role": _with("members", RoleArn=f"{ROLE}-admin"),
    "no spot": _without_spot,
    "the mode is off": _with("bounds", mode=Mode.OFF),
    "the mode is advise": _with("bounds", mode=Mode.ADVISE),
    "no role is named": _with("bounds", roles=()),
    "another instance type": _with("bounds", instance_types=("ml.p4*",)),
    "the runtime is too long": _with("bounds", max_runtime=minutes(59)),
    "the worst case is too much": _spent,
    "the cost is not known": _with("bounds", max_spend=10.0**6),
    "no rule for the name": _with("rule", name="weekly-*"),
    "the ending is not listed": _not_on_the_list,
    "the image is behind a tag": _with("rule", require_image_digest=True),
    "no attempt is left": _last_attempt,
    "too many interruptions": _interrupted,
    "the cap of an hour": _capped,
    "the rule's cap of an hour": _rule_capped,
    "it ended long ago": _late,
    "it ended in the future": _early,
    "it ended before the policy": _before_the_policy,
    "since when is not known": _with("case", policy_since=None),
    "the switch is off": _with("case", switch=Switch(on=False, reason="x")),
    "the owner opts out": _with("case", tags={"spotter:resubmit": "off"}),
    "fifty tags": _with("case", tags={f"k{n}": "v" for n in range(49)}),
    "a stop is under way": _with("case", stopped_by=StoppedBy.NOT_YET_KNOWN),
    "the claim is open": _with("case", own_claim="creating"),
    "the claim was abandoned": _with("case", own_claim="abandoned"),
    "it has a successor": _with("case", successor="nightly-7-a9"),
    "another attempt runs": _with("case", running_attempts=("nightly-7",)),
    "the checkpoints are in use": _with("case", sharing=("other",)),
    "the checkpoints will be in use": _with("case", pending=("other",)),
    "the request breaks the model": _with(
        "case", faults=(ModelViolation(("RoleArn",), None, MISSING),)
    ),
    "no spot for now": _short_of_spot,
}
OF_TRAINED: dict[str, Callable[[random.Random, Parts], None]] = {
    "no checkpoint": _with("case", found=Findings()),
    "the checkpoint is not seen": _with("case", found=Findings(refused="AccessDenied")),
    "an old checkpoint": lambda chance, parts: parts.case.update(
        found=Findings((Checkpoint("x.pt", parts.job.id.created - DAY * chance.randint(0, 3)),))
    ),
    "no prefix": _with("members", CheckpointConfig=None),
}
"""Obstacles to an attempt that had trained; one that never did has nothing to lose."""


@dataclass(frozen=True)
class KnownCase:
    """A case and what stands in its way."""

    case: Case
    obstacles: tuple[str, ...]

    def decided(self) -> tuple[bool, str | None]:
        """Whether it is resubmitted, and a sentence if that, or the want of it, is wrong."""
        decision = decide(self.case)
        resubmitted = decision.kind is Kind.RESUBMIT
        wrong = not decision.reason or resubmitted == bool(self.obstacles)
        why = f"decide: {decision.kind} ({decision.rule}: {decision.reason}) with {self.obstacles}"
        return resubmitted, why if wrong else None


def known_case(chance: random.Random) -> KnownCase:
    """Half of them without an obstacle, the others with one to three."""
    statuses, failure = chance.choice(STORIES)
    parts = _sound(chance, _job(statuses, failure))
    every = OBSTACLES | (OF_TRAINED if "Training" in statuses else {})
    chosen = chance.sample(list(every), chance.choice([0, 0, 0, 1, 2, 3]))
    for name in chosen:
        every[name](chance, parts)
    for name, value in parts.members.items():
        parts.job = _job(statuses, failure, name, value)  # one at a time is enough
    rule = Rule(**({"name": "nightly-*"} | parts.rule))
    policy = Policy(
        checkpoint_locations=(f"{BUCKET}/*",),
        resubmission=ResubmissionPolicy(**parts.bounds),
        rules=(rule,),
    )
    return KnownCase(Case(job=parts.job, policy=policy, **parts.case), tuple(chosen))
