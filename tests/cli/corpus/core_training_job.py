# planted: a spot job has a place for checkpoints
# open: nothing
# jobs: 1
from sagemaker.core.resources import TrainingJob
from sagemaker.core.shapes import AlgorithmSpecification, OutputDataConfig, ResourceConfig, StoppingCondition
job = TrainingJob.create(
    training_job_name="core-1", role_arn="arn:aws:iam::111122223333:role/training",
    algorithm_specification=AlgorithmSpecification(training_image="111122223333.dkr.ecr.eu-west-1.amazonaws.com/n:2", training_input_mode="File"),
    output_data_config=OutputDataConfig(s3_output_path="s3://core/out/"),
    resource_config=ResourceConfig(instance_type="ml.m5.xlarge", instance_count=1, volume_size_in_gb=30),
    stopping_condition=StoppingCondition(max_runtime_in_seconds=3600, max_wait_time_in_seconds=7200),
    enable_managed_spot_training=True,
)
