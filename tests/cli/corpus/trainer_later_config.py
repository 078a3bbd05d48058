# planted: nothing
# open: RoleArn
# jobs: 1
from sagemaker.modules.train import ModelTrainer
from sagemaker.modules.configs import CheckpointConfig, Compute, StoppingCondition, SourceCode, Tag
from sagemaker.modules import Session
limits = StoppingCondition()
limits.max_runtime_in_seconds = 7200
limits.max_wait_time_in_seconds = 14400
trainer = ModelTrainer(
    training_image="111122223333.dkr.ecr.eu-west-1.amazonaws.com/llm:1", role="training",
    source_code=SourceCode(command="python t.py"), stopping_condition=limits,
    compute=Compute(instance_type="ml.g5.xlarge", instance_count=1, enable_managed_spot_training=True),
    tags=[Tag(key="team", value="search")],
).with_checkpoint_config(CheckpointConfig(s3_uri="s3://later/ckpt/", local_path="/opt/ml/checkpoints"))
trainer.train(wait=True)
