# planted: checkpoints and output are apart
# open: RoleArn
# jobs: 1
import os
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import CheckpointConfig, Compute, OutputDataConfig, StoppingCondition
ROOT = "s3://trainer-ml/run-7"
trainer = ModelTrainer(
    training_image="111122223333.dkr.ecr.eu-west-1.amazonaws.com/llm:1", role=os.environ["SAGEMAKER_ROLE"],
    compute=Compute(instance_type="ml.p4d.24xlarge", instance_count=2, volume_size_in_gb=500, enable_managed_spot_training=True),
    stopping_condition=StoppingCondition(max_runtime_in_seconds=86400, max_wait_time_in_seconds=3 * 86400),
    checkpoint_config=CheckpointConfig(s3_uri=f"{ROOT}/"),
    output_data_config=OutputDataConfig(s3_output_path=f"{ROOT}/output/"),
    hyperparameters={"lr": 3e-4, "layers": 24},
)
trainer.train()
