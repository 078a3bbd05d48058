"""Start the simulated SageMaker on loopback, write its address to a file, and serve until it is ended."""

import argparse
import json
import os
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path

import boto3

from laptop.simulated_sagemaker.api import SimulatedSageMaker
from laptop.simulated_sagemaker.event_sender import Broadcast
from laptop.simulated_sagemaker.iam import Permission
from laptop.simulated_sagemaker.server import Server
from laptop.simulated_sagemaker.spot_market import UNINTERRUPTED, Chance, SpotMarket
from laptop.simulated_sagemaker.training import Trainer


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m laptop.simulated_sagemaker", description=__doc__
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--account", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument(
        "--s3-endpoint",
        help="where checkpoints and logs go; without it, training writes nothing",
    )
    parser.add_argument(
        "--events-endpoint", help="where events are sent to; without it, none are sent"
    )
    parser.add_argument(
        "--iam-endpoint",
        help="the AWS whose IAM authorizes each call; without it, every call is allowed",
    )
    parser.add_argument(
        "--seed", type=int, help="a random market instead of one without interruptions"
    )
    parser.add_argument("--ready-file", type=Path, required=True, help="gets the port, as JSON")
    return parser.parse_args()


def trainer(endpoint: str, account: str, region: str) -> Trainer:
    """The account's id is an access key to the embedded AWS, where no other is set."""
    session = boto3.Session(
        os.environ.get("AWS_ACCESS_KEY_ID", account),
        os.environ.get("AWS_SECRET_ACCESS_KEY", account),
        os.environ.get("AWS_SESSION_TOKEN"),
        region_name=region,
    )
    s3, logs = (session.client(name, endpoint_url=endpoint) for name in ("s3", "logs"))
    return Trainer(s3, logs)


def say_ready(path: Path, server: Server) -> None:
    """Write to a temporary file and rename it, so that no reader sees half of it."""
    beside = path.with_name(f"{path.name}.part")
    beside.write_text(
        json.dumps(
            {"port": server.server_address[1], "endpoint": server.endpoint, "pid": os.getpid()}
        )
    )
    beside.rename(path)


def main() -> None:
    options = arguments()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    broadcast = options.events_endpoint and Broadcast(
        options.events_endpoint, account=options.account, region=options.region
    )
    sagemaker = SimulatedSageMaker(
        account=options.account,
        region=options.region,
        clock=lambda: datetime.now(UTC),
        market=SpotMarket(
            otherwise=UNINTERRUPTED if options.seed is None else Chance(options.seed)
        ),
        emit=broadcast or (lambda entry: None),
        train=trainer(options.s3_endpoint, options.account, options.region)
        if options.s3_endpoint
        else None,
    )
    iam = options.iam_endpoint and Permission(
        options.iam_endpoint, os.environ.get("AWS_CA_BUNDLE"), options.account, options.region
    )
    with Server(sagemaker, options.port, iam or None) as server:
        say_ready(options.ready_file, server)
        ended.wait()
    if broadcast:
        broadcast.close()


if __name__ == "__main__":
    main()
