# planted: a place for checkpoints ends in a slash, what the script saves is copied
# open: nothing
# jobs: 1
from sagemaker.modules.configs import (
    CheckpointConfig,
    Compute,
    InputData,
    OutputDataConfig,
    SourceCode,
    StoppingCondition,
)
from sagemaker.modules.distributed import Torchrun
from sagemaker.modules.train import ModelTrainer

PREFIX = "llama-sft"
BUCKET = "genai-experiments-eu"

pytorch_image = "763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-training:2.5.1-gpu-py311"

source_code = SourceCode(
    source_dir="./code",
    entry_script="sft.py",
    requirements="requirements.txt",
)

compute = Compute(
    instance_type="ml.g6e.12xlarge",
    instance_count=2,
    volume_size_in_gb=500,
    enable_managed_spot_training=True,
    keep_alive_period_in_seconds=0,
)

stopping_condition = StoppingCondition(
    max_runtime_in_seconds=5 * 3600,
    max_wait_time_in_seconds=10 * 3600,
)

hyperparameters = {
    "model_id": "meta-llama/Llama-3.2-3B",
    "learning_rate": 2e-5,
    "num_train_epochs": 2,
    "checkpoint_dir": "/opt/ml/output/checkpoints",
}

model_trainer = ModelTrainer(
    training_image=pytorch_image,
    source_code=source_code,
    base_job_name=f"{PREFIX}-job",
    compute=compute,
    distributed=Torchrun(),
    stopping_condition=stopping_condition,
    hyperparameters=hyperparameters,
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{BUCKET}/{PREFIX}/output"),
    checkpoint_config=CheckpointConfig(s3_uri=f"s3://{BUCKET}/{PREFIX}/checkpoints", local_path="/opt/ml/checkpoints"),
    environment={"NCCL_DEBUG": "WARN"},
)

model_trainer.train(
    input_data_config=[InputData(channel_name="train", data_source=f"s3://{BUCKET}/{PREFIX}/data")],
    wait=False,
)
