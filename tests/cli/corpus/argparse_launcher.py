# planted: a place for checkpoints ends in a slash
# open: RoleArn, CheckpointConfig.S3Uri, ResourceConfig.InstanceType
# jobs: 1
import argparse
from sagemaker.pytorch import PyTorch

def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--bucket", required=True)
    p.add_argument("--role")
    p.add_argument("--instance-type", default="ml.g5.xlarge")
    return p.parse_args()

def main():
    args = parse()
    estimator = PyTorch(entry_point="train.py", role=args.role, instance_type=args.instance_type, instance_count=1,
        framework_version="2.1", py_version="py310", use_spot_instances=True, max_run=24 * 3600, max_wait=48 * 3600,
        checkpoint_s3_uri=f"s3://{args.bucket}/launch/checkpoints")
    estimator.fit({"train": f"s3://{args.bucket}/train"})

if __name__ == "__main__":
    main()
