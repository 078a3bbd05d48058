"""A small real training that writes real checkpoints, and resumes from the newest one."""

import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from laptop.simulated_sagemaker import trainer_checkpoint
from laptop.simulated_sagemaker.training_log import TrainingLog

CHECKPOINT = re.compile(r"((?:.*/)?checkpoint-(\d+)/).*")
RATE = 0.05
LOG_EVERY = 5  # steps
NEVER = datetime.fromtimestamp(0, UTC)


def duration(seconds: float) -> timedelta:
    """SageMaker's clock has a resolution of a millisecond, and so has everything here."""
    return timedelta(milliseconds=round(seconds * 1000))


class CheckpointPrefix(NamedTuple):
    """Somewhere in S3; the prefix is kept as the request gives it, with or without a trailing slash."""

    bucket: str
    prefix: str

    @classmethod
    def of(cls, uri: str) -> "CheckpointPrefix":
        parts = urlsplit(uri)
        return cls(parts.netloc, parts.path.lstrip("/"))

    def key(self, name: str) -> str:
        return f"{self.prefix.rstrip('/')}/{name}".lstrip("/")


@dataclass
class Model:
    """A line fitted by stochastic gradient descent; the seed and the number of steps determine every bit of it."""

    seed: int
    step: int = 0
    slope: float = 0.0
    offset: float = 0.0

    def train(self) -> None:
        """One step uses one point, drawn from the seed and the step's number alone."""
        self.step += 1
        draw = self.chance()
        x = draw.uniform(-1, 1)
        error = self.slope * x + self.offset - (3 * x + 2 + draw.gauss(0, 0.1))
        self.slope -= RATE * error * x
        self.offset -= RATE * error

    def chance(self) -> random.Random:
        """The random numbers of this step."""
        return random.Random(self.seed * 1_000_003 + self.step)

    def checkpoint(self, steps: int) -> dict[str, bytes]:
        """The files of a checkpoint of a training that goes on to so many steps."""
        numbers = {"slope": self.slope, "offset": self.offset}
        chance = self.chance().getstate()
        return trainer_checkpoint.folder(
            numbers, seed=self.seed, step=self.step, steps=steps, rate=RATE, rng=chance
        )

    @classmethod
    def restored(cls, model: bytes, state: bytes) -> "Model":
        """From two files of a checkpoint; ValueError or LookupError if they hold none."""
        numbers, metadata = trainer_checkpoint.read_safetensors(model)
        step = json.loads(state)["global_step"]
        return cls(int(metadata["seed"]), step, numbers["slope"], numbers["offset"])

    def body(self) -> bytes:
        return json.dumps(vars(self), sort_keys=True).encode()


@dataclass
class Run:
    """One job's training, as its request asks for it: steps of a fixed length, a checkpoint every so many."""

    s3: Any
    request: Mapping[str, Any]
    model: Model = field(default_factory=lambda: Model(0))
    base: int = 0  # the steps that the checkpoint already held
    logs: Any = None
    log: TrainingLog = field(default_factory=lambda: TrainingLog(None, "", NEVER))

    def begin(self, at: datetime) -> timedelta:
        """Resume from the newest checkpoint, as a container does when it starts; return how long the rest takes."""
        self.model = self._newest() or Model(int(self._hyperparameter("seed", "0")))
        self.base = self.model.step
        self.log = TrainingLog(self.logs, str(self.request["TrainingJobName"]), at)
        resumed = f"resumed from checkpoint-{self.base}" if self.base else "no checkpoint"
        self.log.write(at, f"Training begins: {resumed}, {self._steps} steps in all")
        self.log.flush()
        return max(0, self._steps - self.base) * self._step_length

    def reach(self, trained: timedelta) -> None:
        """Do the steps that fit into this much training since it began, and write the checkpoints on the way."""
        goal = min(self.base + trained // self._step_length, self._steps)
        every = int(self._hyperparameter("checkpoint_every", "0"))
        while self.model.step < goal:
            self.model.train()
            self._log_step()
            if every and self.model.step % every == 0:
                self._write_checkpoint()
        self.log.flush()

    def finish(self, at: datetime) -> None:
        """The result is written once, at the end."""
        self.log.write(at, "Training is complete: the model is uploaded")
        self.log.flush()
        output = CheckpointPrefix.of(self.request["OutputDataConfig"]["S3OutputPath"])
        name = f"{self.request['TrainingJobName']}/output/model.json"
        self._put(output, name, self.model.body())

    def _hyperparameter(self, name: str, default: str) -> str:
        return str(self.request["HyperParameters"].get(name, default))

    @property
    def _steps(self) -> int:
        return int(self._hyperparameter("steps", "0"))

    @property
    def _step_length(self) -> timedelta:
        return max(
            duration(float(self._hyperparameter("step_seconds", "1"))), timedelta(milliseconds=1)
        )

    @property
    def _checkpoints(self) -> CheckpointPrefix | None:
        kept = self.request.get("CheckpointConfig")
        return CheckpointPrefix.of(kept["S3Uri"]) if kept else None

    @property
    def _instant(self) -> datetime:
        """When the last step was done."""
        return self.log.began + (self.model.step - self.base) * self._step_length

    def _log_step(self) -> None:
        if self.model.step % LOG_EVERY == 0:
            numbers = f"slope {self.model.slope:.4f}, offset {self.model.offset:.4f}"
            self.log.write(self._instant, f"step {self.model.step}: {numbers}")

    def _write_checkpoint(self) -> None:
        if place := self._checkpoints:
            self.log.write(self._instant, f"Saving checkpoint-{self.model.step}")
            for name, body in self.model.checkpoint(self._steps).items():
                self._put(place, f"checkpoint-{self.model.step}/{name}", body)

    def _put(self, place: CheckpointPrefix, name: str, body: bytes) -> None:
        self.s3.put_object(Bucket=place.bucket, Key=place.key(name), Body=body)

    def _get(self, place: CheckpointPrefix, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=place.bucket, Key=key)["Body"].read())

    def _newest(self) -> Model | None:
        """The checkpoint with the most steps under the prefix, whole or not, as Trainer takes it.

        S3 matches prefixes by letters: without a trailing slash the neighbours' checkpoints are found too,
        as they are by SageMaker.
        """
        if (place := self._checkpoints) is None:
            return None
        keys = (CHECKPOINT.fullmatch(key) for key in self._keys(place))
        found = [(int(match[2]), match[1]) for match in keys if match]
        if not found:
            return None
        _, folder = max(found)
        files = (
            self._get(place, folder + name)
            for name in (trainer_checkpoint.MODEL, trainer_checkpoint.STATE)
        )
        return Model.restored(*files)

    def _keys(self, place: CheckpointPrefix) -> Iterator[str]:
        more: dict[str, str] = {}
        while True:
            page = self.s3.list_objects_v2(Bucket=place.bucket, Prefix=place.prefix, **more)
            yield from (item["Key"] for item in page.get("Contents", ()))
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}


@dataclass(frozen=True)
class Trainer:
    """Trains with an S3 client; a job without the hyperparameter `steps` only follows its script.

    What it does is logged with a client of CloudWatch Logs, where there is one.
    """

    s3: Any
    logs: Any = None

    def run_for(self, request: Mapping[str, Any]) -> Run | None:
        trains = "steps" in request.get("HyperParameters", {})
        return Run(self.s3, request, logs=self.logs) if trains else None
