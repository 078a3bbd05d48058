"""Lineages made by chance, the same for each seed: as SageMaker describes their attempts, and as the
ledger holds them after the real recorder has recorded them.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import strategies as st

from spotter.aws.ledger.table import Ledger
from spotter.aws.record.recorder import Recorder
from spotter.aws.reports import queries
from spotter.core.ledger import row_keys
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.hints import AccountRegion, Hint
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.job import Job
from spotter.core.model.timeline import ORDER, Timeline, Transition
from spotter.core.model.times import iso
from spotter.core.policy.model import Mode, Policy, ResubmissionPolicy
from spotter.core.reports.lineage import AttemptView, LineageView
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.jobs import ACCOUNT, ENDS, NOON, REGION, described
from tests.support.spotter_in_one_process import create_table

POLICY = Policy(
    scope="all", resubmission=ResubmissionPolicy(mode=Mode.ADVISE), recorded_tags=("team",)
)
ENDINGS = ("MaxWaitTimeExceeded", "Completed", "Failed", "Stopped", "MaxRuntimeExceeded")
TYPES = ("ml.g5.xlarge", "ml.p4d.24xlarge", "ml.trn1.32xlarge")


@dataclass(frozen=True)
class GeneratedLineage:
    """What SageMaker says of a lineage's attempts, oldest first, and when somebody looks.

    `checkpoints` are known by the attempt's name; of a `deleted` lineage SageMaker knows nothing any
    more once it was recorded.
    """

    answers: tuple[dict[str, Any], ...]
    now: datetime
    checkpoints: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    deleted: bool = False

    @property
    def root(self) -> JobId:
        return Job.described(self.answers[0]).id


def life(
    chance: random.Random, begin: datetime, interruptions: int, end: str, *, pace: float = 600
) -> list[Transition]:
    """A life cycle of that many interruptions, in stays of about `pace` seconds; "" still runs."""
    cycle = ["Starting", "Downloading", "Training"]
    again = (["Interrupted", "Starting", "Downloading", "Training"], ["Interrupted", "Training"])
    statuses = [*cycle, *(s for _ in range(interruptions) for s in chance.choice(again))]
    statuses += {"": [], "Completed": ["Uploading"], "Failed": []}.get(end, ["Stopping"])
    return _timed(chance, begin, [*statuses, *([end] if end else [])], pace)


def _timed(
    chance: random.Random, begin: datetime, statuses: list[str], pace: float
) -> list[Transition]:
    found, when = [], begin
    for status in statuses:
        found.append(Transition(when, status))
        most = pace * (4 if status == "Training" else 1)
        when += timedelta(milliseconds=chance.randint(0, int(most * 1000)))
    return found


def answer(line: list[Transition], **more: Any) -> dict[str, Any]:
    """DescribeTrainingJob about a job that went through exactly this."""
    last = line[-1]
    status, reason = ENDS.get(last.status, ("InProgress", None))
    shown = [{"Status": t.status, "StartTime": t.start, "StatusMessage": ""} for t in line]
    return described() | {
        "TrainingJobStatus": status,
        "SecondaryStatus": last.status,
        "FailureReason": reason,
        "CreationTime": line[0].start,
        "LastModifiedTime": last.start,
        "SecondaryStatusTransitions": shown,
        **more,
    }


def lineage(seed: int, *, name: str | None = None, most: int = 3) -> GeneratedLineage:
    """One by chance: up to `most` attempts, some on demand, with and without figures."""
    chance = random.Random(seed)
    root = name or f"seed-{seed}"
    answers: list[dict[str, Any]] = []
    begin = NOON - timedelta(hours=chance.randint(1, 200))
    count = chance.randint(1, most)
    for number in range(1, count + 1):
        end = chance.choice(ENDINGS if number == count else ENDINGS[:1])
        end = "" if number == count and chance.random() < 0.3 else end
        often = 0 if number == 3 else chance.randint(0, 6)
        line = life(chance, begin, often, end, pace=chance.choice([2, 60, 900]))
        answers.append(_attempt(chance, root, answers, line, on_demand=number == 3))
        begin = line[-1].start + timedelta(seconds=chance.randint(0, 600))
    saved = {
        a["TrainingJobName"]: _checkpoint_times(chance, a) for a in answers if chance.random() < 0.5
    }
    return GeneratedLineage(tuple(answers), max(begin, NOON), saved)


def _attempt(
    chance: random.Random,
    root: str,
    before: list[dict[str, Any]],
    line: list[Transition],
    *,
    on_demand: bool,
) -> dict[str, Any]:
    first: dict[str, Any] = (
        before[0] if before else {"TrainingJobName": root, "CreationTime": line[0].start}
    )
    origin = JobId(ACCOUNT, REGION, first["TrainingJobName"], first["CreationTime"])
    named = Attempt(origin, len(before) + 1).name
    trained = chance.randint(1, 10**6)
    figures = chance.choice(
        [{}, {"TrainingTimeInSeconds": trained, "BillableTimeInSeconds": trained * 3 // 10}]
    )
    kinds = {"InstanceType": chance.choice(TYPES), "InstanceCount": chance.randint(1, 16)}
    return answer(
        line,
        TrainingJobName=named,
        TrainingJobArn=f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{named}",
        ResourceConfig=kinds | {"VolumeSizeInGB": 30},
        EnableManagedSpotTraining=not on_demand,
        **figures,
    )


def _checkpoint_times(chance: random.Random, generated: Mapping[str, Any]) -> tuple[datetime, ...]:
    """Checkpoints within its stays in Training."""
    stays = Timeline.described(generated).stays
    within = [s for s in stays if s.status == "Training" and s.end]
    return tuple(s.start + s.length * chance.random() for s in within)


def several() -> list[GeneratedLineage]:
    """Those that a picture must be able to show, and as many again by chance."""
    chance = random.Random(4)
    begin = NOON - timedelta(days=27)
    worst = life(chance, NOON - timedelta(days=6), 500, "Completed", pace=200)
    longest = life(chance, begin, 9, "Completed", pace=100_000)
    longest = [t for t in longest if t.start < NOON]
    never = _timed(chance, NOON, ["Starting", "Stopping", "MaxWaitTimeExceeded"], 7200)
    generated = [
        _one("worst-500", answer(worst)),
        _one("longest-28-days", answer(longest, BillableTimeInSeconds=9, TrainingTimeInSeconds=90)),
        _one("never-launched", answer(never)),
        _one("living", answer(life(chance, NOON - timedelta(hours=5), 2, ""))),
        _one("only-just-created", answer([Transition(NOON, "Starting")])),
        _one("deleted", answer(life(chance, NOON - timedelta(hours=9), 1, "")), deleted=True),
        _one("on-demand", answer(life(chance, NOON, 0, "Completed"), EnableManagedSpotTraining=False)),
        _one("no-figures", answer(life(chance, NOON, 1, "Failed"))),
        _one("nothing-shown", answer(never[:1], SecondaryStatusTransitions=[])),
        _one("a-new-word", answer(_timed(chance, NOON, ["Starting", "Teleporting", "Training"], 900))),
        lineage(8, name="n" * 63, most=3),
        lineage(11, name="x-" * 31 + "x", most=3),
    ]  # fmt: skip
    return [*generated, *(lineage(seed) for seed in range(12))]


def _one(name: str, generated: dict[str, Any], *, deleted: bool = False) -> GeneratedLineage:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{name}"
    named = generated | {"TrainingJobName": name, "TrainingJobArn": arn}
    return GeneratedLineage((named,), NOON + timedelta(days=1), deleted=deleted)


@dataclass
class DescribingSageMaker:
    """As much of it as the recorder asks."""

    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

    def describe_training_job(self, TrainingJobName: str) -> dict[str, Any]:  # noqa: N803
        if TrainingJobName not in self.answers:
            raise ClientError({"Error": {"Code": "ResourceNotFound"}}, "DescribeTrainingJob")
        return self.answers[TrainingJobName]

    def list_tags(self, ResourceArn: str) -> dict[str, Any]:  # noqa: N803
        held = self.tags.get(ResourceArn, {})
        return {"Tags": [{"Key": key, "Value": value} for key, value in held.items()]}


class RecordedLineages:
    """A ledger that is kept by the real recorder, of whatever the simulated SageMaker shows."""

    def __init__(self) -> None:
        self.ledger = Ledger(FakeDynamoDB(), "ledger")
        create_table(self.ledger.client, "ledger")
        self.sagemaker = DescribingSageMaker()
        self.recorder = Recorder(
            self.ledger, self.sagemaker, POLICY, AccountRegion(ACCOUNT, REGION)
        )

    def record(
        self, generated: GeneratedLineage, tags: Mapping[str, str] | None = None
    ) -> LineageView:
        """Each attempt is recorded early and late; then the lineage is read back."""
        for number, one in enumerate(generated.answers, start=1):
            attempt = Attempt(generated.root, number)
            self.sagemaker.tags[one["TrainingJobArn"]] = {**attempt.tags, **(tags or {})}
            self._claim(attempt)
            early = one["SecondaryStatusTransitions"][:2]
            if len(early) == 2:
                self._look(_described_while_running(one, early))
            self._look(one)
            if generated.deleted:
                del self.sagemaker.answers[one["TrainingJobName"]]
                self.record_job(one["TrainingJobName"])
        return self.view(generated)

    def view(self, generated: GeneratedLineage) -> LineageView:
        root = self.ledger.heads([generated.root])[generated.root]
        known = generated.checkpoints
        return queries.lineage_view(
            self.ledger, root, generated.now, lambda head: known.get(head.id.name)
        )

    def transitions(self, job: JobId) -> list[tuple[str, int]]:
        """A job's rows, as they lie in the ledger: status and start in milliseconds."""
        prefix = f"AT#{row_keys.head_sk(job.created).removeprefix('HEAD#')}#"
        held = self.ledger.rows.partition(row_keys.job_pk(job), prefix)
        return [(row["status"], row["start"]) for row in held]

    def record_job(self, name: str) -> None:
        [look] = self.recorder.record([Hint((name,))])
        assert look.error is None, look.error

    def _look(self, one: dict[str, Any]) -> None:
        self.sagemaker.answers[one["TrainingJobName"]] = one
        self.record_job(one["TrainingJobName"])

    def _claim(self, attempt: Attempt) -> None:
        if attempt.number > 1:
            numbered = {"root": str(attempt.root), "attempt": attempt.number, "name": attempt.name}
            place = f"JOB#{ACCOUNT}/{REGION}/{attempt.name}"
            pk, sk = row_keys.lineage_pk(attempt.root), row_keys.attempt_sk(attempt.number)
            self.ledger.rows.put({row_keys.PK: place, row_keys.SK: row_keys.CLAIM, **numbered})
            decided = {"state": "started", "request": "", "rung": "spot", "claimed": iso(NOON)}
            self.ledger.rows.put({row_keys.PK: pk, row_keys.SK: sk, **numbered, **decided})


def _described_while_running(one: dict[str, Any], shown: list[dict[str, Any]]) -> dict[str, Any]:
    """What Describe answered when the job had only come so far."""
    without = ("BillableTimeInSeconds", "TrainingTimeInSeconds", "FailureReason", "TrainingEndTime")
    early = {name: value for name, value in one.items() if name not in without}
    return early | {
        "TrainingJobStatus": "InProgress",
        "SecondaryStatus": shown[-1]["Status"],
        "SecondaryStatusTransitions": shown,
        "LastModifiedTime": shown[-1]["StartTime"] - timedelta(milliseconds=1),
    }


# For hypothesis: whatever SageMaker could show, in any order and at any pace.

gaps = st.one_of(st.just(0), st.integers(0, 10**4), st.integers(0, 10**8))
pieces = st.one_of(
    st.sampled_from([*ORDER, "Teleporting"]).map(lambda status: [status]),
    st.sampled_from([["Starting", "Downloading", "Training"], ["Training", "Interrupted"]]),
)
statuses = st.lists(pieces, max_size=6).map(
    lambda generated: [status for one in generated for status in one]
)
lines = statuses.flatmap(
    lambda generated: st.tuples(*(st.tuples(gaps, st.just(one)) for one in generated))
)
figures = st.one_of(st.none(), st.integers(0, 10**6))


@st.composite
def attempts(draw: st.DrawFn, number: int = 1) -> AttemptView:
    """An attempt of any life, seen at any time, with and without figures and checkpoints."""
    when, found = NOON, []
    for gap, status in draw(lines):
        when += timedelta(milliseconds=gap)
        found.append(Transition(when, status))
    end = draw(st.sampled_from(["", "Completed", "Failed", "Stopped", "MaxWaitTimeExceeded"]))
    if end:
        when += timedelta(milliseconds=draw(gaps))
        found.append(Transition(when, end))
    line = Timeline(found)
    status = ENDS[end][0] if end else "InProgress"
    answered = answer(
        list(line) or [Transition(NOON, "Starting")],
        TrainingJobStatus=status,
        SecondaryStatusTransitions=[{"Status": t.status, "StartTime": t.start} for t in line],
        EnableManagedSpotTraining=draw(st.booleans()),
        BillableTimeInSeconds=draw(figures),
        TrainingTimeInSeconds=draw(figures),
        ResourceConfig={
            "InstanceType": draw(st.sampled_from(TYPES)),
            "InstanceCount": draw(st.integers(0, 4)),
        },
    )
    job = Job.described(answered)
    root = Attempt(job.id, 1) if number == 1 else Attempt(JobId(ACCOUNT, REGION, "root", NOON), 2)
    head = JobRecord.of(job, root, in_scope=True)
    head = head.deleted() if draw(st.booleans()) and draw(st.booleans()) else head
    saved = st.lists(st.integers(0, 10**9).map(lambda ms: NOON + timedelta(milliseconds=ms)))
    now = NOON + timedelta(milliseconds=draw(st.integers(-(10**6), 10**9)))
    return AttemptView(head, line, now, draw(st.one_of(st.none(), saved.map(tuple))))
