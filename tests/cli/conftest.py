"""A Spotter that is deployed in one process: the command line's view of a pretend world."""

from collections.abc import Callable
from pathlib import Path

import pytest

from spotter_cli.stack.deployed import Deployed
from tests.support.jobs import ACCOUNT, REGION
from tests.support.spotter_in_one_process import SpotterInOneProcess


@pytest.fixture
def deployed() -> Callable[[SpotterInOneProcess], Deployed]:
    def made(world: SpotterInOneProcess) -> Deployed:
        clients = {
            "dynamodb": world.stream,
            "logs": world.logs,
            "s3": world.s3,
            "sagemaker": world.sagemaker,
            "ssm": world,
        }
        topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
        outputs = {"LedgerName": world.ledger.table, "AlertsTopicArn": topic}
        spotter = Deployed(clients.__getitem__, "Spotter", outputs)
        vars(spotter)["policy"] = world.policy
        vars(spotter)["prices"] = None
        return spotter

    return made


@pytest.fixture(autouse=True)
def no_rehearsals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """This machine's own rehearsals are nothing to a test: the folder in which one may put some."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data/spotter/rehearsals.json"
