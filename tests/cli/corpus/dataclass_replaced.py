# planted: nothing
# open: nothing
# jobs: 1
from dataclasses import dataclass, field
from sagemaker.estimator import Estimator

@dataclass(frozen=True)
class Spot:
    enabled: bool = True
    run_hours: int = 4
    wait_hours: int = 12

    @property
    def max_wait(self):
        return self.wait_hours * 3600

@dataclass
class Settings:
    name: str
    spot: Spot = field(default_factory=Spot)
    bucket: str = "settings-ml"

settings = Settings(name="nightly", spot=Spot(run_hours=5))
Estimator(
    image_uri="111122223333.dkr.ecr.eu-west-1.amazonaws.com/nightly:4", role="arn:aws:iam::111122223333:role/training",
    instance_count=1, instance_type="ml.m5.4xlarge", base_job_name=settings.name,
    use_spot_instances=settings.spot.enabled, max_run=settings.spot.run_hours * 3600, max_wait=settings.spot.max_wait,
    checkpoint_s3_uri=f"s3://{settings.bucket}/{settings.name}/",
).fit()
