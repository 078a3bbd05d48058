# planted: nothing
# open: RoleArn
# jobs: 1
from dataclasses import asdict, dataclass, field
import sagemaker
from sagemaker.pytorch import PyTorch

@dataclass
class Spot:
    use_spot_instances: bool = True
    max_run: int = 2 * 3600
    max_wait: int = 6 * 3600

@dataclass
class Job:
    name: str
    spot: Spot = field(default_factory=Spot)
    retries: int = field(default=2)

    def uri(self, *parts):
        return "s3://nested-ml/" + "/".join([self.name, *parts]) + "/"

job = Job("vision")
PyTorch("t.py", role=sagemaker.get_execution_role(), instance_type="ml.g5.xlarge", instance_count=1, framework_version="2.0", py_version="py310",
    max_retry_attempts=job.retries, checkpoint_s3_uri=job.uri("runs", "7"), **asdict(job.spot)).fit()
