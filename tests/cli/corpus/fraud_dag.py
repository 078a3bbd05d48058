# planted: nothing
# open: CheckpointConfig.S3Uri, InputDataConfig.DataSource.S3DataSource.S3Uri, RoleArn, TrainingJobName
# jobs: 1
from datetime import datetime, timedelta

from airflow import DAG
from airflow.models import Variable
from airflow.providers.amazon.aws.operators.sagemaker import SageMakerTrainingOperator, SageMakerTransformOperator

BUCKET = "fraud-detection-prod"
ROLE = Variable.get("sagemaker_role")

TRAINING_CONFIG = {
    "TrainingJobName": "fraud-{{ ds_nodash }}",
    "AlgorithmSpecification": {
        "TrainingImage": "246618743249.dkr.ecr.us-west-2.amazonaws.com/sagemaker-xgboost:1.7-1",
        "TrainingInputMode": "File",
    },
    "HyperParameters": {"num_round": "300", "objective": "binary:logistic"},
    "InputDataConfig": [
        {
            "ChannelName": "train",
            "ContentType": "text/csv",
            "DataSource": {
                "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://" + BUCKET + "/features/{{ ds }}/train"}
            },
        }
    ],
    "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models/"},
    "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.4xlarge", "VolumeSizeInGB": 40},
    "RoleArn": ROLE,
    "EnableManagedSpotTraining": True,
    "CheckpointConfig": {"S3Uri": "s3://%s/checkpoints/{{ ds_nodash }}" % BUCKET},
    "StoppingCondition": {"MaxRuntimeInSeconds": 2 * 60 * 60, "MaxWaitTimeInSeconds": 4 * 60 * 60},
}

with DAG(
    "fraud_training",
    start_date=datetime(2024, 1, 1),
    schedule="@weekly",
    default_args={"retries": 1, "retry_delay": timedelta(minutes=10)},
    catchup=False,
) as dag:
    train = SageMakerTrainingOperator(
        task_id="train",
        config=TRAINING_CONFIG,
        aws_conn_id="aws_default",
        wait_for_completion=True,
        check_interval=60,
    )
