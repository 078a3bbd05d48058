# planted: a wait is no shorter than the run
# open: RoleArn
# jobs: 1
import os

import boto3

sm = boto3.client("sagemaker")
definition = {
    "StaticHyperParameters": {"objective": "reg:squarederror", "num_round": "400"},
    "AlgorithmSpecification": {
        "TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1",
        "TrainingInputMode": "File",
    },
    "RoleArn": os.environ["TRAINING_ROLE"],
    "OutputDataConfig": {"S3OutputPath": "s3://prices/models/"},
    "ResourceConfig": {"InstanceType": "ml.m5.2xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30},
    "StoppingCondition": {"MaxRuntimeInSeconds": 5400, "MaxWaitTimeInSeconds": 3600},
    "EnableManagedSpotTraining": True,
    "CheckpointConfig": {"S3Uri": "s3://prices/checkpoints/"},
}
sm.create_hyper_parameter_tuning_job(
    HyperParameterTuningJobName="prices",
    HyperParameterTuningJobConfig={
        "Strategy": "Bayesian",
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 4},
    },
    TrainingJobDefinition=definition,
)
