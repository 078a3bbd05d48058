"""Fixtures for all: AWS is nowhere, DynamoDB is in memory, and a world is made of a policy."""

import os
from collections.abc import Callable, Iterator
from typing import Any

os.environ |= {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "POWERTOOLS_SERVICE_NAME": "tests",
    "POWERTOOLS_METRICS_NAMESPACE": "Spotter",
}

import boto3
import pytest
from aws_lambda_powertools import Metrics
from hypothesis import HealthCheck, Phase, settings
from moto import mock_aws

from laptop import parent_watch
from spotter.core.policy.model import Policy
from tests.support import proof_session
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.proof_table import ProofCount
from tests.support.spotter_in_one_process import SpotterInOneProcess

settings.register_profile("spotter", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "once",
    settings.get_profile("spotter"),
    phases=(Phase.explicit, Phase.generate),
    database=None,
    derandomize=True,
)
settings.load_profile("spotter")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(proof_session.OPTION, help="print the table of proof, and write it to a page")


def pytest_configure(config: pytest.Config) -> None:
    """A worker ends with the run that started it, and a run with the make that started it."""
    config.pluginmanager.register(proof_session.ProofSession(config))
    if hasattr(config, "workerinput") or os.environ.get(parent_watch.ENDS_WITH_PARENT):
        parent_watch.end_with_parent()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: some tests wait, and other programs want the cores, too."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def no_metrics_of_other_tests() -> None:
    """Powertools keeps metrics for the process, and prints them once there are a hundred."""
    Metrics().clear_metrics()


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> ProofCount:
    """What this test counts for its row of docs/proof.md: see tests/support/proof_table.py."""
    return proof_session.counts(request)


@pytest.fixture(scope="session")
def dynamodb() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("dynamodb")


@pytest.fixture
def new_world() -> Callable[..., SpotterInOneProcess]:
    def made(policy: Policy | None = None, **market: Any) -> SpotterInOneProcess:
        return SpotterInOneProcess(FakeDynamoDB(), policy or Policy(), **market)

    return made
