# planted: a wait is no shorter than the run
# open: RoleArn
# jobs: 2
import sagemaker
from sagemaker.pytorch import PyTorch
ROLE = sagemaker.get_execution_role()
HOUR = 60 * 60

def estimator(name, hours, wait=6 * HOUR, spot=True):
    kwargs = {}
    if spot:
        kwargs["use_spot_instances"] = True
        kwargs["max_wait"] = wait
        kwargs["checkpoint_s3_uri"] = "s3://helpers/" + name + "/"
    return PyTorch(entry_point=f"{name}.py", role=ROLE, instance_type="ml.g5.xlarge", instance_count=1, framework_version="2.0",
                   py_version="py310", max_run=hours * HOUR, **kwargs)

small = estimator("small", 2)
large = estimator("large", hours=12)
for one in (small, large):
    one.fit("s3://helpers/data/", wait=False)
