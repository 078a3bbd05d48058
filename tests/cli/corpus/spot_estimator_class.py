# planted: a wait is no shorter than the run
# open: RoleArn
# jobs: 1
from datetime import timedelta
from enum import Enum

import sagemaker
import yaml
from sagemaker.huggingface import HuggingFace

CONFIG = yaml.safe_load("""
team: nlp
bucket: nlp-checkpoints
limits: {run_hours: 12, wait_hours: 10}
""")


class Machine(Enum):
    SMALL = "ml.g5.xlarge"
    LARGE = "ml.g5.12xlarge"


class SpotHuggingFace(HuggingFace):
    """Every training of the team runs on spot."""

    def __init__(self, name, machine=Machine.SMALL, **kwargs):
        limits = CONFIG["limits"]
        super().__init__(
            entry_point="finetune.py",
            instance_type=machine.value,
            instance_count=1,
            transformers_version="4.28",
            pytorch_version="2.0",
            py_version="py310",
            use_spot_instances=True,
            max_run=int(timedelta(hours=limits["run_hours"]).total_seconds()),
            max_wait=int(timedelta(hours=limits["wait_hours"]).total_seconds()),
            checkpoint_s3_uri=f"s3://{CONFIG['bucket']}/{name}/",
            **kwargs,
        )


SpotHuggingFace("summaries", Machine.LARGE, role=sagemaker.get_execution_role()).fit()
