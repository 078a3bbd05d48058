# planted: nothing
# open: RoleArn, TrainingJobName, CheckpointConfig.S3Uri
# jobs: 2
import datetime as dt
import boto3

def start(sm, name, bucket, spot=False, run=3600):
    stamp = dt.datetime.utcnow().strftime("%H%M%S")
    request = {
        "TrainingJobName": f"{name}-{stamp}", "RoleArn": boto3.client("sts").get_caller_identity()["Arn"],
        "AlgorithmSpecification": {"TrainingImage": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/f:2", "TrainingInputMode": "FastFile"},
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/out/"},
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": run},
    }
    if spot:
        request["EnableManagedSpotTraining"] = True
        request["StoppingCondition"]["MaxWaitTimeInSeconds"] = run * 3
        request["CheckpointConfig"] = {"S3Uri": f"s3://{bucket}/{name}/{stamp}/"}
    return sm.create_training_job(**request)

client = boto3.client("sagemaker")
start(client, "plain", "functions-ml")
start(client, "spotted", "functions-ml", spot=True)
