# planted: a place for checkpoints ends in a slash
# open: RoleArn
# jobs: 1
import sagemaker
from sagemaker.estimator import Estimator
project, run_id = "percent", 7
image = "%s.dkr.ecr.%s.amazonaws.com/%s:%d" % ("111122223333", "eu-west-1", project, 3)
assert image
base = "s3://models-{project}/run-{run:03d}".format(project=project, run=run_id)
e = Estimator(image, sagemaker.get_execution_role(), 1, "ml.m5.xlarge", use_spot_instances=True, max_run=int(1.5 * 3600), max_wait=5 * 3600,
    checkpoint_s3_uri=base.rstrip("/"), output_path=f"s3://models-{project}/output/{run_id}")
e.fit(logs="All")
