# planted: a spot job has a place for checkpoints
# open: AlgorithmSpecification.TrainingImage, RoleArn, TrainingJobName
# jobs: 1
import json
import os
import uuid

import boto3

REGION = os.environ.get("AWS_REGION", "us-east-1")
ROLE_ARN = os.environ["TRAINING_ROLE_ARN"]
IMAGE = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/recsys:latest"

sm = boto3.client("sagemaker", region_name=REGION)


def channel(name, uri, content_type="text/csv"):
    return {
        "ChannelName": name,
        "DataSource": {
            "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
        },
        "ContentType": content_type,
        "CompressionType": "None",
    }


def create_training_params(job_name, spot=True):
    params = {
        "TrainingJobName": job_name,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "RoleArn": ROLE_ARN,
        "OutputDataConfig": {"S3OutputPath": "s3://recsys-artifacts/models"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.c5.9xlarge", "VolumeSizeInGB": 50},
        "HyperParameters": {"epochs": "40", "factors": "128"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 6 * 60 * 60},
        "InputDataConfig": [
            channel("train", "s3://recsys-artifacts/data/train"),
            channel("test", "s3://recsys-artifacts/data/test"),
        ],
    }
    if spot:
        params["EnableManagedSpotTraining"] = True
        params["StoppingCondition"]["MaxWaitTimeInSeconds"] = 8 * 60 * 60
    return params


def lambda_handler(event, context):
    job_name = "recsys-" + str(uuid.uuid4())[:8]
    params = create_training_params(job_name)
    params["Tags"] = [{"Key": "team", "Value": "recsys"}]
    response = sm.create_training_job(**params)
    return {"statusCode": 200, "body": json.dumps(response["TrainingJobArn"])}
