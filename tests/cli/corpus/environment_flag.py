# planted: nothing
# open: EnableManagedSpotTraining, StoppingCondition.MaxWaitTimeInSeconds, RoleArn, CheckpointConfig.S3Uri
# jobs: 1
import os
import sagemaker
from sagemaker.huggingface import HuggingFace
use_spot = os.environ.get("USE_SPOT", "1") == "1"
estimator = HuggingFace(
    entry_point="t.py", role=sagemaker.get_execution_role(), instance_type="ml.g5.xlarge", instance_count=1,
    transformers_version="4.28", pytorch_version="2.0", py_version="py310",
    use_spot_instances=use_spot, max_run=3600, max_wait=7200 if use_spot else None,
    checkpoint_s3_uri="s3://flags/ckpt/" if use_spot else None,
)
estimator.fit()
