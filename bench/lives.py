"""What the lives of jobs cost both designs: calls, units, log bytes and invocations, the same at each run.

A request as the SageMaker SDK writes it, and three lives. What a ledger has once (the row that says since when it watches)
is written before anything is counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.both_designs import Design, SpotterDesign, Used, UsualDesign
from bench.functions import Deployment
from laptop.simulated_sagemaker.spot_market import LAUNCH, Script, Step
from tests.support.jobs import BUCKET
from tests.support.spotter_in_one_process import request

TRAINED = (*LAUNCH, Step("Training", 20))
PLAIN = Script(steps=TRAINED)
INTERRUPTED = Script(steps=(*LAUNCH, Step("Training", 12), Step("Interrupted", 2), *TRAINED))
OUT_OF_WAIT = Script(steps=(*LAUNCH, Step("Training", 12), Step("Interrupted")))
LIVES: dict[str, tuple[tuple[str, Script], ...]] = {
    "trains to its end": (("resubmit-*", PLAIN),),
    "interrupted once": (("resubmit-*", INTERRUPTED),),
    "out of wait time, resubmitted": (("resubmit-?-*", PLAIN), ("resubmit-*", OUT_OF_WAIT)),
}
MIX = {"trains to its end": 0.80, "interrupted once": 0.15, "out of wait time, resubmitted": 0.05}
"""The share of each life among a million jobs: an assumption, as good as any."""
DESIGNS: dict[str, type[Design]] = {"Spotter": SpotterDesign, "usual design": UsualDesign}
AT, CYCLE = (3, 5, 25, 115), ("Interrupted", "Starting", "Downloading", "Training")


@dataclass(frozen=True)
class Life:
    """What one job, and the attempts that followed it, took."""

    transitions: int
    calls: dict[str, int]
    writes: float
    reads: float
    used: Used
    published: int

    @property
    def logged(self) -> int:
        return sum(self.used.logged.values())

    @property
    def invocations(self) -> int:
        return sum(self.used.invocations.values())


def training_request(name: str) -> dict[str, Any]:
    """Script mode with the SDK's own hyperparameters, two channels, and one go at sixty seconds."""
    own = {
        "sagemaker_container_log_level": "20",
        "sagemaker_job_name": f'"{name}"',
        "sagemaker_program": '"train.py"',
        "sagemaker_region": '"us-east-1"',
        "sagemaker_submit_directory": f'"s3://ml-models/{name}/source/sourcedir.tar.gz"',
    }
    users = {
        "epochs": "90",
        "batch-size": "256",
        "lr": "0.1",
        "momentum": "0.9",
        "arch": '"resnet50"',
    }
    channels = [
        {
            "ChannelName": one,
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": "S3Prefix",
                    "S3Uri": f"s3://ml-data/imagenet/2026-11/{one}",
                    "S3DataDistributionType": "FullyReplicated",
                }
            },
        }
        for one in ("train", "validation")
    ]
    limits = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
    return request(
        name,
        HyperParameters=own | users | {"steps": "20", "step_seconds": "1", "checkpoint_every": "5"},
        InputDataConfig=channels,
        StoppingCondition=limits,
        CheckpointConfig={"S3Uri": f"{BUCKET}/{name}/"},
    )


def begin(design: Design, scripts: Iterable[tuple[str, Script]], **more: Any) -> None:
    """A first job, so that all functions are warm, and then nothing counted yet."""
    names = ("resubmit-first", OUT_OF_WAIT), ("resubmit-first-*", PLAIN)
    design.market.put([*names, *scripts])
    design.sagemaker.create_training_job(**training_request("resubmit-first"))
    design.pass_time(110)
    design.reset()
    design.sagemaker.create_training_job(**(training_request("resubmit-7") | more))


def life(kind: type[Design], name: str, made: Deployment, folder: Path, policy: Path) -> Life:
    folder.mkdir()
    with kind(made, folder, policy) as design:
        begin(design, LIVES[name])
        before = len(transitions(design)) - 1  # its creation is one
        design.pass_time(110)
        return counted(design, len(transitions(design)) - before)


def transitions(design: Design) -> list[Any]:
    return [one for truth in design.sagemaker.truths() for one in truth.transitions]


def counted(design: Design, count: int) -> Life:
    aws = design.aws
    meter = aws.dynamodb.meter
    calls = dict(sorted(aws.calls.items()))
    return Life(count, calls, meter.writes, meter.reads, design.used, len(aws.published))


def as_history_grows(
    kind: type[Design], made: Deployment, folder: Path, policy: Path, at: tuple[int, ...] = AT
) -> list[tuple[int, Life]]:
    """What one more interruption costs, by how many transitions the job has had; `at` are interruptions."""
    folder.mkdir()
    cycles = [Step(status, 1) for _ in range(max(at) + 3) for status in CYCLE]
    long = Script(steps=(*LAUNCH, Step("Training", 1), *cycles))
    patient = {"MaxRuntimeInSeconds": 86_400, "MaxWaitTimeInSeconds": 86_400}
    found = []
    with kind(made, folder, policy) as design:
        begin(design, [("resubmit-*", long)], StoppingCondition=patient, HyperParameters={})
        design.pass_time(8)
        for number in range(1, max(at) + 1):
            before = len(transitions(design))
            design.reset()
            design.pass_time(len(CYCLE))
            if number in at:
                now = len(transitions(design))
                found.append(
                    (len(design.sagemaker.truths()[-1].transitions), counted(design, now - before))
                )
    return found


def all_lives(made: Deployment, folder: Path, policy: Path) -> dict[str, dict[str, Life]]:
    return {
        name: {
            title: life(kind, name, made, folder / f"{title}-{n}".replace(" ", "-"), policy)
            for title, kind in DESIGNS.items()
        }
        for n, name in enumerate(LIVES)
    }
