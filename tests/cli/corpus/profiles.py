# planted: nothing
# open: RoleArn
# jobs: 1
import sys, os, json, logging
import sagemaker
from sagemaker.pytorch import PyTorch
PROFILES = {
    "small": {"instance_type": "ml.g5.xlarge", "instance_count": 1},
    "large": {"instance_type": "ml.p4d.24xlarge", "instance_count": 2, "distribution": {"torch_distributed": {"enabled": True}}},
}
STAGE = "large"
profile = PROFILES.get(STAGE, PROFILES["small"])
minutes = lambda n: n * 60
estimator = PyTorch("t.py", role=sagemaker.get_execution_role(), framework_version="2.0", py_version="py310", **profile,
    use_spot_instances=STAGE in ("large",), max_run=minutes(600), max_wait=max(minutes(1200), 3600),
    checkpoint_s3_uri="/".join(["s3:/", "profiles", STAGE, ""]))
estimator.fit()
