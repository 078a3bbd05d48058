# planted: a place for checkpoints is not a whole bucket
# open: nothing
# jobs: 1
from dataclasses import dataclass
from sagemaker.estimator import Estimator

@dataclass
class Config:
    image: str = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/vision:4"
    role: str = "arn:aws:iam::111122223333:role/training"
    instance_type: str = "ml.p3.2xlarge"
    spot: bool = True
    max_run: int = 3600 * 6
    max_wait: int = 3600 * 12
    checkpoints: str = "s3://vision-checkpoints"

def launch(cfg: Config):
    est = Estimator(image_uri=cfg.image, role=cfg.role, instance_count=1, instance_type=cfg.instance_type,
        use_spot_instances=cfg.spot, max_run=cfg.max_run, max_wait=cfg.max_wait, checkpoint_s3_uri=cfg.checkpoints)
    est.fit("s3://vision-data/train/")

if __name__ == "__main__":
    launch(Config())
