# planted: its instances are named, what SageMaker selects is left out, its members are as the API describes them, its members are as the API describes them
# open: TrainingJobName
# jobs: 1
import boto3, time
sm = boto3.client("sagemaker", region_name="us-west-2")
common = {"RoleArn": "arn:aws:iam::111122223333:role/training", "OutputDataConfig": {"S3OutputPath": "s3://again/out/"}}
resources = {"InstanceCount": 1, "VolumeSizeInGB": "30", "SelectedInstanceType": "ml.g5.xlarge"}
sm.create_training_job(
    TrainingJobName="again-%d" % int(time.time()),
    AlgorithmSpecification={"TrainingImage": "111122223333.dkr.ecr.us-west-2.amazonaws.com/n:2", "TrainingInputMode": "File"},
    ResourceConfig=resources, StoppingCondition={"MaxRuntimeInSeconds": 3600}, UseSpot=True, **common,
)
