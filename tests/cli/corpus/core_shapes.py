# planted: a place for checkpoints ends in a slash, a spot job says how long it may wait
# open: RoleArn, TrainingJobName
# jobs: 1
from time import strftime

from sagemaker_core.helper.session_helper import Session, get_execution_role
from sagemaker_core.main.resources import TrainingJob
from sagemaker_core.main.shapes import (
    AlgorithmSpecification,
    Channel,
    CheckpointConfig,
    DataSource,
    OutputDataConfig,
    ResourceConfig,
    S3DataSource,
    StoppingCondition,
)

sagemaker_session = Session()
role = get_execution_role()
bucket = "core-examples"
image = "433757028032.dkr.ecr.us-west-2.amazonaws.com/xgboost:latest"
job_name = "xgboost-iris-" + strftime("%H-%M-%S")

stopping = StoppingCondition(max_runtime_in_seconds=1800)
resources = ResourceConfig(instance_type="ml.m4.xlarge", instance_count=1, volume_size_in_gb=30)

training_job = TrainingJob.create(
    training_job_name=job_name,
    hyper_parameters={"objective": "multi:softmax", "num_class": "3", "num_round": "10"},
    algorithm_specification=AlgorithmSpecification(training_image=image, training_input_mode="File"),
    role_arn=role,
    input_data_config=[
        Channel(
            channel_name="train",
            content_type="csv",
            data_source=DataSource(
                s3_data_source=S3DataSource(
                    s3_data_type="S3Prefix", s3_uri=f"s3://{bucket}/iris/train", s3_data_distribution_type="FullyReplicated"
                )
            ),
        )
    ],
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/iris/out"),
    checkpoint_config=CheckpointConfig(s3_uri=f"s3://{bucket}/iris/checkpoints"),
    enable_managed_spot_training=True,
    resource_config=resources,
    stopping_condition=stopping,
)
training_job.wait()
