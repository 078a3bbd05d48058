# planted: nothing
# open: RoleArn
# jobs: 1
from sagemaker import AlgorithmEstimator, get_execution_role
algo = AlgorithmEstimator(algorithm_arn="arn:aws:sagemaker:eu-west-1:111122223333:algorithm/forecast", role=get_execution_role(),
    instance_count=1, instance_type="ml.c5.xlarge", use_spot_instances=True, max_run=1800, max_wait=3600, checkpoint_s3_uri="s3://algos/ckpt/")
algo.set_hyperparameters(horizon=14)
algo.fit({"training": "s3://algos/data"})
