# planted: nothing
# open: RoleArn, CheckpointConfig.S3Uri
# jobs: 4
import itertools
import sagemaker
from sagemaker.pytorch import PyTorch
bucket = sagemaker.Session().default_bucket()
grid = {"lr": [0.1, 0.01], "depth": [2, 3]}
for lr, depth in itertools.product(grid["lr"], grid["depth"]):
    name = f"lr{lr}-depth{depth}".replace(".", "-")
    PyTorch("t.py", role=sagemaker.get_execution_role(), instance_type="ml.g5.xlarge", instance_count=1, framework_version="2.0", py_version="py310",
        hyperparameters={"lr": lr, "depth": depth}, base_job_name=name, use_spot_instances=True, max_run=3600, max_wait=7200,
        checkpoint_s3_uri=f"s3://{bucket}/grid/{name}/").fit("s3://grid/data", wait=False)
