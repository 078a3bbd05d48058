# planted: an algorithm that saves nothing waits an hour at most
# open: RoleArn
# jobs: 1
from sagemaker import KNN, get_execution_role
spot = dict(use_spot_instances=True, max_run=3600, max_wait=2 * 3600)
spot |= {"checkpoint_s3_uri": "s3://knn/ckpt/"}
knn = KNN(role=get_execution_role(), instance_count=1, instance_type="ml.m5.large", k=5, sample_size=1000, predictor_type="regressor", **spot)
knn.fit(records)
