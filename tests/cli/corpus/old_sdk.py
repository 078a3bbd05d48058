# planted: a wait is no shorter than the run
# open: RoleArn
# jobs: 1
import sagemaker
from sagemaker.mxnet import MXNet
m = MXNet("cifar10.py", role=sagemaker.get_execution_role(), train_instance_count=1, train_instance_type="ml.p2.xlarge", framework_version="1.6.0",
    train_use_spot_instances=True, train_max_run=86400, train_max_wait=3600, checkpoint_s3_uri="s3://old-sdk/ckpt/")
m.fit("s3://old-sdk/data")
