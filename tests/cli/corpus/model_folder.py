# planted: checkpoints have a folder of their own
# open: RoleArn, CheckpointConfig.S3Uri
# jobs: 1
from os.path import join
import sagemaker
from sagemaker.xgboost.estimator import XGBoost
bucket = sagemaker.Session().default_bucket()
model_dir = "/opt/ml/model"
xgb = XGBoost(entry_point="x.py", framework_version="1.7-1", role=sagemaker.get_execution_role(), instance_type="ml.m5.xlarge", instance_count=1,
    use_spot_instances=True, max_run=600, max_wait=3600, checkpoint_local_path=join(model_dir, "ckpt"),
    checkpoint_s3_uri=join("s3://" + bucket, "xgb", ""))
xgb.fit({"train": "s3://xgb/train"})
