"""The jobs of a script in a test, and what is known of them."""

from textwrap import dedent

import pytest

from spotter.core.check.request import NotKnown, Request
from spotter_cli.check.scripts import in_script

WAIT, RUN = "StoppingCondition.MaxWaitTimeInSeconds", "StoppingCondition.MaxRuntimeInSeconds"
SPOT, PLACE = "EnableManagedSpotTraining", "CheckpointConfig.S3Uri"
V2 = """
    import boto3, sagemaker, os
    from sagemaker import image_uris
    from sagemaker.estimator import Estimator, Framework
    from sagemaker.pytorch import PyTorch as P
    import sagemaker.huggingface as hf
    from sagemaker.amazon.kmeans import KMeans
    """
V3 = """
    from sagemaker.train import ModelTrainer
    from sagemaker.train.configs import CheckpointConfig, Compute, OutputDataConfig, StoppingCondition
    from sagemaker.core.shapes import RetryStrategy, Tag
    """


def jobs(script: str, head: str = V2) -> list[Request]:
    return in_script((dedent(head) + dedent(script)).encode(), "train.py").requests


def job(script: str, head: str = V2) -> Request:
    [one] = jobs(script, head)
    return one


def values_of(one: Request, *paths: str) -> tuple:
    return tuple(one.get(path) for path in paths)


def why(one: Request, path: str) -> str:
    """Why it is unknown; the test fails if it is known."""
    with pytest.raises(NotKnown) as reason:
        one.get(path)
    return str(reason.value)
