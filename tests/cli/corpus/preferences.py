# planted: instance preferences stand alone, it names one algorithm
# open: nothing
# jobs: 1
import boto3
client = boto3.Session(region_name="eu-west-1").client("sagemaker")
client.create_training_job(
    TrainingJobName="preferences-1", RoleArn="arn:aws:iam::111122223333:role/training",
    AlgorithmSpecification={"TrainingInputMode": "File"},
    OutputDataConfig={"S3OutputPath": "s3://prefs/out/"},
    ResourceConfig={"InstancePreferences": [{"InstanceType": "ml.g5.xlarge", "InstanceCount": 1}], "VolumeSizeInGB": 30},
    StoppingCondition={"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
    EnableManagedSpotTraining=True, CheckpointConfig={"S3Uri": "s3://prefs/ckpt/"},
)
