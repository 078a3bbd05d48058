# planted: its name is one that SageMaker takes, its tags are ones that SageMaker takes
# open: nothing
# jobs: 1
import boto3
sm = boto3.client(service_name="sagemaker")
NAME = "churn_model_v2"
tags = [{"Key": k, "Value": v} for k, v in {"team": "growth", "aws:owner": "me"}.items()]
request = dict(
    TrainingJobName=NAME, RoleArn="arn:aws:iam::111122223333:role/training",
    AlgorithmSpecification=dict(TrainingImage="111122223333.dkr.ecr.eu-west-1.amazonaws.com/churn:2", TrainingInputMode="File"),
    OutputDataConfig=dict(S3OutputPath="s3://churn/out/"),
    ResourceConfig=dict(InstanceType="ml.m5.xlarge", InstanceCount=1, VolumeSizeInGB=10),
    StoppingCondition=dict(MaxRuntimeInSeconds=3600),
    Tags=tags,
)
response = sm.create_training_job(**request)
print(response["TrainingJobArn"])
