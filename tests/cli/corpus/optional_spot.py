# planted: a wait is no shorter than the run, a spot job has a place for checkpoints
# open: RoleArn, EnableManagedSpotTraining, StoppingCondition.MaxWaitTimeInSeconds, ResourceConfig.InstanceType
# jobs: 1
import argparse
import os

from sagemaker.tensorflow import TensorFlow


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--spot", action="store_true")
    parser.add_argument("--role", required=True)
    return parser.parse_args()


args = arguments()
big = os.environ.get("STAGE", "test").lower() == "production"
estimator = TensorFlow(
    entry_point="train.py",
    role=args.role,
    instance_count=1,
    instance_type="ml.p3.8xlarge" if big else "ml.p3.2xlarge",
    framework_version="2.12",
    py_version="py310",
    max_run=4 * 3600,
    **({"use_spot_instances": True, "max_wait": 2 * 3600} if args.spot else {}),
)
estimator.fit("s3://images/train/")
