# planted: a spot job has a place for checkpoints
# open: RoleArn
# jobs: 1
"""Train the Keras model on spot instances."""
import functools

import sagemaker
from sagemaker.tensorflow import TensorFlow

SPOT = True
MINUTE = 60


def spot_options(enabled: bool, max_run: int, factor: float = 1.5) -> dict:
    if not enabled:
        return {"max_run": max_run}
    return {"use_spot_instances": True, "max_run": max_run, "max_wait": int(max_run * factor)}


make = functools.partial(
    TensorFlow,
    role=sagemaker.get_execution_role(),
    framework_version="2.13",
    py_version="py310",
    source_dir="code",
    script_mode=True,
)

estimator = make(
    entry_point="mnist_keras.py",
    instance_type="ml.p3.2xlarge",
    instance_count=1,
    model_dir="/opt/ml/model",
    distribution={"parameter_server": {"enabled": False}},
    **spot_options(SPOT, 240 * MINUTE),
)
estimator.fit("s3://keras-mnist/data")
