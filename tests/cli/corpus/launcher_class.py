# planted: a place for checkpoints ends in a slash, a place for checkpoints ends in a slash
# open: ResourceConfig.InstanceType, RoleArn
# jobs: 2
from __future__ import annotations

import os
from dataclasses import dataclass, field

import sagemaker
from sagemaker.pytorch import PyTorch


@dataclass
class JobSettings:
    instance_type: str = os.environ.get("INSTANCE_TYPE", "ml.p3.2xlarge")
    instance_count: int = 1
    spot: bool = True
    max_hours: int = 10
    wait_hours: int = 24
    hyperparameters: dict = field(default_factory=lambda: {"epochs": 50})


class TrainingLauncher:
    BUCKET = "speech-models"

    def __init__(self, name: str, settings: JobSettings | None = None):
        self.name = name
        self.settings = settings or JobSettings()
        self.session = sagemaker.Session(default_bucket=self.BUCKET)

    @property
    def checkpoint_uri(self) -> str:
        return f"s3://{self.BUCKET}/{self.name}/checkpoints"

    def estimator(self) -> PyTorch:
        s = self.settings
        return PyTorch(
            entry_point="train.py",
            source_dir="src",
            role=os.environ["ROLE_ARN"],
            framework_version="2.2",
            py_version="py310",
            instance_type=s.instance_type,
            instance_count=s.instance_count,
            hyperparameters=s.hyperparameters,
            use_spot_instances=s.spot,
            max_run=s.max_hours * 3600,
            max_wait=s.wait_hours * 3600,
            checkpoint_s3_uri=self.checkpoint_uri,
            sagemaker_session=self.session,
        )

    def run(self, data: str):
        self.estimator().fit({"train": data}, wait=False)


if __name__ == "__main__":
    TrainingLauncher("conformer").run("s3://speech-models/librispeech")
    TrainingLauncher("whisper-small", JobSettings(max_hours=20, wait_hours=40)).run("s3://speech-models/cv")
