# planted: a place for checkpoints ends in a slash
# open: AlgorithmSpecification
# jobs: 1
import os

import pandas as pd
from sagemaker.remote_function import CheckpointLocation, remote
from sklearn.ensemble import GradientBoostingClassifier

settings = dict(
    instance_type="ml.m5.large",
    instance_count=1,
    use_spot_instances=True,
    max_runtime_in_seconds=3600,
    max_wait_time_in_seconds=7200,
    keep_alive_period_in_seconds=None,
    dependencies="./requirements.txt",
)


@remote(**settings)
def fit(data: pd.DataFrame, checkpoints: os.PathLike, depth: int = 3):
    model = GradientBoostingClassifier(max_depth=depth, warm_start=True)
    model.fit(data.drop(columns="y"), data["y"])
    return model


if __name__ == "__main__":
    frame = pd.read_csv("train.csv")
    model = fit(frame, CheckpointLocation("s3://tabular-lab/gbm/checkpoints"), depth=4)
    print(model.score(frame.drop(columns="y"), frame["y"]))
