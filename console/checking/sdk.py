"""How the SageMaker Python SDK's parameters become members of CreateTrainingJob.

Version 2: `sagemaker.estimator.EstimatorBase` and what derives from it, whose parameters before 2.0
began with `train_`. Version 3: `sagemaker.train.ModelTrainer`, also `sagemaker.modules.train` of
late versions 2, with the shapes of `sagemaker.core`.
https://sagemaker.readthedocs.io/en/stable/api/training/estimators.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from botocore.model import StructureShape

from console.checking.request import Open, Unknown, member
from sagemaker_api import model

ESTIMATORS = frozenset(
    {
        "Estimator", "EstimatorBase", "Framework", "AlgorithmEstimator", "JumpStartEstimator",
        "Chainer", "HuggingFace", "MXNet", "PyTorch", "RLEstimator", "SKLearn", "TensorFlow", "XGBoost",
    }
)  # fmt: skip
FIRST_PARTY = {
    "FactorizationMachines": "factorization-machines",
    "IPInsights": "ipinsights",
    "KMeans": "kmeans",
    "KNN": "knn",
    "LDA": "lda",
    "LinearLearner": "linear-learner",
    "NTM": "ntm",
    "Object2Vec": "object2vec",
    "PCA": "pca",
    "RandomCutForest": "randomcutforest",
}
POSITIONS = {
    "Estimator": ("image_uri", "role", "instance_count", "instance_type"),
    "EstimatorBase": ("role", "instance_count", "instance_type"),
    "AlgorithmEstimator": ("algorithm_arn", "role", "instance_count", "instance_type"),
}
"""The parameters that are given by position; those of frameworks are none that matter here."""

LOOKING = ("framework", "region", "version")

FROM_ESTIMATOR = {
    "use_spot_instances": "EnableManagedSpotTraining",
    "max_run": "StoppingCondition.MaxRuntimeInSeconds",
    "max_wait": "StoppingCondition.MaxWaitTimeInSeconds",
    "checkpoint_s3_uri": "CheckpointConfig.S3Uri",
    "checkpoint_local_path": "CheckpointConfig.LocalPath",
    "instance_type": "ResourceConfig.InstanceType",
    "instance_count": "ResourceConfig.InstanceCount",
    "instance_groups": "ResourceConfig.InstanceGroups",
    "volume_size": "ResourceConfig.VolumeSizeInGB",
    "keep_alive_period_in_seconds": "ResourceConfig.KeepAlivePeriodInSeconds",
    "image_uri": "AlgorithmSpecification.TrainingImage",
    "algorithm_arn": "AlgorithmSpecification.AlgorithmName",
    "input_mode": "AlgorithmSpecification.TrainingInputMode",
    "role": "RoleArn",
    "output_path": "OutputDataConfig.S3OutputPath",
    "environment": "Environment",
    "tags": "Tags",
    "max_retry_attempts": "RetryStrategy.MaximumRetryAttempts",
}
BEFORE_2 = {
    "train_use_spot_instances": "use_spot_instances",
    "train_max_run": "max_run",
    "train_max_wait": "max_wait",
    "train_instance_type": "instance_type",
    "train_instance_count": "instance_count",
    "train_volume_size": "volume_size",
    "image_name": "image_uri",
    "image": "image_uri",
}
FROM_TRAINER = {
    "compute": "ResourceConfig",
    "stopping_condition": "StoppingCondition",
    "checkpoint_config": "CheckpointConfig",
    "output_data_config": "OutputDataConfig",
    "training_image": "AlgorithmSpecification.TrainingImage",
    "algorithm_name": "AlgorithmSpecification.AlgorithmName",
    "training_input_mode": "AlgorithmSpecification.TrainingInputMode",
    "role": "RoleArn",
    "environment": "Environment",
    "tags": "Tags",
}
SHAPES = {
    "Compute": "ResourceConfig",
    "ResourceConfig": "ResourceConfig",
    "InstanceGroup": "InstanceGroup",
    "StoppingCondition": "StoppingCondition",
    "CheckpointConfig": "CheckpointConfig",
    "OutputDataConfig": "OutputDataConfig",
    "RetryStrategy": "RetryStrategy",
    "Tag": "Tag",
}
SPOT = "EnableManagedSpotTraining"
RUN_OF_AN_ESTIMATOR = 24 * 60 * 60
DEFAULTS: dict[str, dict[str, Any]] = {
    "StoppingCondition": {"MaxRuntimeInSeconds": 60 * 60},
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
}
"""What a ModelTrainer takes where its script is silent."""

SEVERAL = {"InstanceGroups", "InstancePreferences"}


@dataclass(frozen=True)
class LookedUp(Unknown):
    """An image that the SDK looks up by the name of a framework or an algorithm."""

    name: str = ""


def ours(dotted: str) -> str:
    """The last part of a name that is the SDK's; empty for all others."""
    return dotted.rpartition(".")[2] if dotted.startswith("sagemaker.") else ""


def positions(dotted: str) -> tuple[str, ...]:
    """The parameters that are given by position."""
    return LOOKING if dotted.endswith("image_uris.retrieve") else POSITIONS.get(ours(dotted), ())


def shape(dotted: str) -> Callable[[Mapping[str, Any]], Any] | None:
    """How what the SDK makes of these arguments is written in a request; None for any other call."""
    name = ours(dotted)
    if name == "retrieve" and dotted.endswith("image_uris.retrieve"):
        return _image
    return (lambda said: _members(said, SHAPES[name])) if name in SHAPES else None


def _members(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    """`volume_size_in_gb` becomes VolumeSizeInGB; what the API has not stays as it is."""
    known = cast(StructureShape, model.service().shape_for(name)).members
    spelled = {one.lower(): one for one in known} | {SPOT.lower(): SPOT}
    found = {spelled.get(key.replace("_", ""), key): value for key, value in said.items()}
    found = {key: value for key, value in found.items() if value is not None}
    return Open(found, said.why) if isinstance(said, Open) else found


def _image(said: Mapping[str, Any]) -> Unknown:
    """`image_uris.retrieve("xgboost", version="1.7-1")`; before 0.90-1, XGBoost has another repository."""
    name, version = member(said, "framework"), member(said, "version")
    if name == "xgboost" and isinstance(version, Unknown):
        name = None
    elif name == "xgboost" and "-" in str(version):
        name = "sagemaker-xgboost"
    return LookedUp("the SDK looks it up", name if isinstance(name, str) else "")
