# planted: nothing
# open: CheckpointConfig.S3Uri, EnableManagedSpotTraining, OutputDataConfig.S3OutputPath, ResourceConfig.InstanceCount, ResourceConfig.InstanceType, RoleArn, StoppingCondition.MaxRuntimeInSeconds, StoppingCondition.MaxWaitTimeInSeconds
# jobs: 1
import argparse
import logging
from datetime import datetime

import boto3
import sagemaker
from sagemaker.inputs import TrainingInput
from sagemaker.xgboost.estimator import XGBoost

logger = logging.getLogger(__name__)


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--role", type=str, required=True)
    parser.add_argument("--instance-type", type=str, default="ml.m5.4xlarge")
    parser.add_argument("--instance-count", type=int, default=2)
    parser.add_argument("--spot", action="store_true")
    parser.add_argument("--max-run", type=int, default=7200)
    parser.add_argument("--max-wait", type=int, default=14400)
    parser.add_argument("--bucket", type=str, default="churn-models")
    return parser.parse_args()


def build_estimator(args, session):
    stamp = datetime.now().strftime("%Y%m%d%H%M%S")
    kwargs = {}
    if args.spot:
        kwargs["use_spot_instances"] = True
        kwargs["max_wait"] = args.max_wait
        kwargs["checkpoint_s3_uri"] = f"s3://{args.bucket}/churn/checkpoints/{stamp}"
    return XGBoost(
        entry_point="churn.py",
        framework_version="1.7-1",
        hyperparameters={"num_round": 500, "max_depth": 7},
        role=args.role,
        instance_count=args.instance_count,
        instance_type=args.instance_type,
        output_path=f"s3://{args.bucket}/churn/output",
        max_run=args.max_run,
        sagemaker_session=session,
        **kwargs,
    )


def main():
    args = parse_args()
    session = sagemaker.Session(boto3.Session(region_name="eu-west-1"))
    est = build_estimator(args, session)
    est.fit(
        {
            "train": TrainingInput(f"s3://{args.bucket}/churn/train", content_type="csv"),
            "validation": TrainingInput(f"s3://{args.bucket}/churn/val", content_type="csv"),
        },
        wait=False,
    )
    logger.info("started %s", est.latest_training_job.name)


if __name__ == "__main__":
    main()
