"""How the SageMaker Python SDK's parameters become members of CreateTrainingJob.

Version 2: `sagemaker.estimator.EstimatorBase` and what derives from it, whose parameters before 2.0
began with `train_`. Version 3: `sagemaker.train.ModelTrainer`, also `sagemaker.modules.train` of
late versions 2, with the shapes of `sagemaker.core`.
https://sagemaker.readthedocs.io/en/stable/api/training/estimators.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.model import StructureShape

from spotter.aws import api_model
from spotter.core.check.request import Open, Unknown
from spotter_cli.check.python.values import ScriptDict, Value

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
    "CheckpointLocation": ("s3_uri", "local_path"),
    "AlgorithmEstimator": ("algorithm_arn", "role", "instance_count", "instance_type"),
}
"""The parameters that are given by position; those of frameworks are none that matter here."""

FROM_REMOTE = {
    "use_spot_instances": "EnableManagedSpotTraining",
    "max_runtime_in_seconds": "StoppingCondition.MaxRuntimeInSeconds",
    "max_wait_time_in_seconds": "StoppingCondition.MaxWaitTimeInSeconds",
    "instance_type": "ResourceConfig.InstanceType",
    "instance_count": "ResourceConfig.InstanceCount",
    "volume_size": "ResourceConfig.VolumeSizeInGB",
    "keep_alive_period_in_seconds": "ResourceConfig.KeepAlivePeriodInSeconds",
    "role": "RoleArn",
    "subnets": "VpcConfig.Subnets",
    "security_group_ids": "VpcConfig.SecurityGroupIds",
    "tags": "Tags",
    "max_retry_attempts": "RetryStrategy.MaximumRetryAttempts",
}
"""Of the decorator `@remote` and of RemoteExecutor; the SDK sets the rest.
https://sagemaker.readthedocs.io/en/stable/remote_function/sagemaker.remote_function.html"""

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
    "hyperparameters": "HyperParameters",
    "subnets": "VpcConfig.Subnets",
    "security_group_ids": "VpcConfig.SecurityGroupIds",
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
    "hyperparameters": "HyperParameters",
    "networking": "VpcConfig",
    "tags": "Tags",
}
LIKE = {
    "Compute": "ResourceConfig",
    "Networking": "VpcConfig",
    "CheckpointLocation": "CheckpointConfig",
}
"""Classes of the SDK that stand for a structure of another name; all others are called as the API's."""

OF_SHAPES = (
    "sagemaker.train",
    "sagemaker.modules",
    "sagemaker.core",
    "sagemaker_core",
    "sagemaker.remote_function",
)
SPOT = "EnableManagedSpotTraining"
RUN_OF_AN_ESTIMATOR = 24 * 60 * 60
DEFAULTS_OF_REMOTE = {"max_runtime_in_seconds": RUN_OF_AN_ESTIMATOR, "instance_count": 1}
DEFAULTS: dict[str, dict[str, Any]] = {
    "StoppingCondition": {"MaxRuntimeInSeconds": 60 * 60},
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
}
"""What a ModelTrainer takes where its script is silent."""

SEVERAL = {"InstanceGroups", "InstancePreferences"}


@dataclass(frozen=True, eq=False)
class LookedUp(Unknown):
    """An image that the SDK looks up by the name of a framework or an algorithm."""

    name: str = ""


def of_sdk(dotted: str) -> str:
    """The last part of a name that is the SDK's; empty for all others."""
    return dotted.rpartition(".")[2] if dotted.startswith(("sagemaker.", "sagemaker_core.")) else ""


def is_remote(dotted: str) -> bool:
    """True of the decorator that runs a function as a job, and of its executor."""
    return of_sdk(dotted) in ("remote", "RemoteExecutor") and "remote_function" in dotted


def positions(dotted: str) -> tuple[str, ...]:
    """The parameters that are given by position."""
    return LOOKING if dotted.endswith("image_uris.retrieve") else POSITIONS.get(of_sdk(dotted), ())


def shape(dotted: str) -> Callable[[ScriptDict], Value] | None:
    """How what the SDK makes of these arguments is written in a request; None for any other call."""
    if dotted.endswith("image_uris.retrieve") and of_sdk(dotted):
        return _image
    name = LIKE.get(of_sdk(dotted), of_sdk(dotted))
    if not dotted.startswith(OF_SHAPES) or name not in api_model.service().shape_names:
        return None
    return lambda arguments: _shaped(arguments, name)


@cache
def spelling(name: str) -> dict[str, str]:
    """How the API writes the members of a structure: `volumesizeingb` is VolumeSizeInGB."""
    found = api_model.service().shape_for(name)
    known = found.members if isinstance(found, StructureShape) else {}
    return {one.lower(): one for one in known} | {SPOT.lower(): SPOT}


def member_of(shape: str, attribute: str) -> str:
    """The member that an attribute of such an object stands for."""
    return spelling(shape).get(attribute.replace("_", ""), attribute)


def members_of(arguments: Mapping[str, Any], shape: str) -> dict[str, Any]:
    """A mapping with the names of the API."""
    found = {member_of(shape, key): one for key, one in arguments.items() if one is not None}
    return Open(found, arguments.why) if isinstance(arguments, Open) else found


def nested(arguments: Mapping[str, Any], paths: Mapping[str, str]) -> dict[str, Any]:
    """The members of a request; an unknown rest of the parameters leaves every place open."""
    why = arguments.why if isinstance(arguments, Open) else None
    found: dict[str, Any] = Open({}, why) if why else {}
    for parameter, path in paths.items():
        top, _, inner = path.partition(".")
        value = arguments.get(parameter)
        if inner and (value is not None or why):
            held = found.setdefault(top, Open({}, why) if why else {})
            if value is not None:
                held[inner] = value
        elif value is not None:
            found[top] = value
    return found


def _shaped(arguments: ScriptDict, name: str) -> ScriptDict:
    """`volume_size_in_gb` becomes VolumeSizeInGB; what the API has not stays as it is."""
    found = {member_of(name, key): value for key, value in arguments.items() if value is not None}
    return ScriptDict(found, arguments.why, name)


def _image(arguments: ScriptDict) -> Unknown:
    """`image_uris.retrieve("xgboost", version="1.7-1")`; before 0.90-1, XGBoost has another repository."""
    unknown = Unknown(arguments.why) if arguments.why else None
    name, version = arguments.get("framework", unknown), arguments.get("version", unknown)
    if name == "xgboost" and isinstance(version, Unknown):
        name = None
    elif name == "xgboost" and "-" in str(version):
        name = "sagemaker-xgboost"
    return LookedUp("the SDK looks it up", name if isinstance(name, str) else "")
