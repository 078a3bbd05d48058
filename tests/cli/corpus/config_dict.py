# planted: a spot job says how long it may wait
# open: RoleArn
# jobs: 1
import sagemaker
from sagemaker.tensorflow import TensorFlow

CONFIG = {
    "job": {"instance_type": "ml.g4dn.2xlarge", "instance_count": 1, "use_spot_instances": True, "max_run": 7200},
    "framework": {"framework_version": "2.13", "py_version": "py310"},
}

def build(config, **extra):
    return TensorFlow(entry_point="fit.py", role=sagemaker.get_execution_role(), **config["framework"], **config["job"], **extra)

build(CONFIG, checkpoint_s3_uri="s3://dictionaries/ckpt/").fit("s3://dictionaries/data/")
