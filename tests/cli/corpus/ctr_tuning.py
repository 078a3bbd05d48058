# planted: a place for checkpoints ends in a slash
# open: AlgorithmSpecification.TrainingImage, RoleArn
# jobs: 1
import sagemaker
from sagemaker import image_uris
from sagemaker.estimator import Estimator
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, IntegerParameter

sess = sagemaker.Session()
role = sagemaker.get_execution_role()
bucket, prefix = "ads-ctr", "tuning/xgb"

est = Estimator(
    image_uri=image_uris.retrieve(framework="xgboost", region="us-east-1", version="1.5-1"),
    role=role,
    instance_count=1,
    instance_type="ml.m5.xlarge",
    output_path="s3://{}/{}/output".format(bucket, prefix),
    use_spot_instances=True,
    max_run=1200,
    max_wait=3600,
    checkpoint_s3_uri=f"s3://{bucket}/{prefix}/checkpoints",
    sagemaker_session=sess,
)
est.set_hyperparameters(objective="binary:logistic", num_round=200, eval_metric="auc")

tuner = HyperparameterTuner(
    est,
    "validation:auc",
    {"eta": ContinuousParameter(0.01, 0.3), "max_depth": IntegerParameter(3, 10)},
    max_jobs=500,
    max_parallel_jobs=10,
    strategy="Bayesian",
)
tuner.fit({"train": f"s3://{bucket}/train", "validation": f"s3://{bucket}/val"}, include_cls_metadata=False)
