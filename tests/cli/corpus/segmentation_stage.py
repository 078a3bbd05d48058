# planted: a wait is no shorter than the run
# open: ResourceConfig.InstanceType, RoleArn
# jobs: 1
"""Launch the segmentation training on SageMaker."""
import os

import sagemaker
from sagemaker.pytorch import PyTorch

ENV = os.getenv("STAGE", "dev")

TRAINING_CONFIG = {
    "instance_type": "ml.g4dn.xlarge",
    "instance_count": 1,
    "use_spot_instances": True,
    "max_run": 60 * 60 * 24,
    "max_wait": 60 * 60 * 12,
    "volume_size": 100,
    "framework_version": "1.13.1",
    "py_version": "py39",
}

if ENV == "prod":
    TRAINING_CONFIG["instance_type"] = "ml.p3.8xlarge"


def get_checkpoint_uri(project: str, version: int = 3) -> str:
    return f"s3://acme-ml-{project}/segmentation/v{version}/checkpoints/"


def main():
    session = sagemaker.Session()
    estimator = PyTorch(
        entry_point="train.py",
        source_dir="src",
        role=os.environ["SAGEMAKER_ROLE"],
        sagemaker_session=session,
        checkpoint_s3_uri=get_checkpoint_uri("vision"),
        checkpoint_local_path="/opt/ml/checkpoints",
        hyperparameters={"epochs": 90, "batch-size": 16},
        **TRAINING_CONFIG,
    )
    estimator.fit({"training": "s3://acme-ml-vision/segmentation/data"})


if __name__ == "__main__":
    main()
