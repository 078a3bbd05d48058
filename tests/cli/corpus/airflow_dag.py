# planted: a run takes at most 28 days
# open: TrainingJobName, RoleArn
# jobs: 1
from airflow import DAG
from airflow.providers.amazon.aws.operators.sagemaker import SageMakerTrainingOperator
DAY = 24 * 3600
config = {
    "TrainingJobName": "nightly-{{ ds_nodash }}", "RoleArn": "{{ var.value.role }}",
    "AlgorithmSpecification": {"TrainingImage": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/n:2", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://nightly/out/"},
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 30 * DAY, "MaxWaitTimeInSeconds": 40 * DAY},
    "EnableManagedSpotTraining": True, "CheckpointConfig": {"S3Uri": "s3://nightly/ckpt/"},
}
with DAG("nightly", schedule="@daily") as dag:
    train = SageMakerTrainingOperator(task_id="train", config=config, wait_for_completion=True)
