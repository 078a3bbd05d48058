"""`make smoke ARGS="--profile …"`: try Spotter in an AWS account, end to end, and take everything down again.

It was tried on the laptop's embedded AWS only; in an AWS account it is untried.
"""

import argparse
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import boto3

from smoke.preparation import HOURLY, STACK, obstacles, of_quota, spot_quota, worst_cost
from smoke.resources import TrialResources
from smoke.trial import Trial, report
from spotter.core.model.partitions import partition_of
from spotter_cli.stack.deployed import Deployed

IMAGE = "763104351884.dkr.ecr.{region}.amazonaws.com/pytorch-training:2.3.0-cpu-py311-ubuntu20.04-sagemaker"
"""AWS's own image with a shell; in some Regions it belongs to another account: then name it with --image."""


def options(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make smoke", description=__doc__)
    parser.add_argument("--profile")
    parser.add_argument("--region")
    parser.add_argument("--instance-type", default="ml.m5.large", choices=sorted(HOURLY))
    parser.add_argument("--image", help="an image with /bin/sh in it")
    parser.add_argument(
        "--wait", type=int, default=120, help="seconds that the second job may take"
    )
    parser.add_argument("--patience", type=float, default=1200, help="seconds for each observation")
    parser.add_argument("--yes", action="store_true", help="do not ask before it starts")
    parser.add_argument("--report", type=Path, default=Path("smoke-report.md"))
    return parser.parse_args(words)


def main() -> int:
    """0 if everything was seen, 1 if something was not, or the trial may not run here."""
    wanted = options()
    session = boto3.Session(profile_name=wanted.profile, region_name=wanted.region)
    client, region = session.client, session.region_name
    partition = partition_of(region) if region else None
    if partition is None:
        return _refuse("No Region is configured, or none that Spotter knows: use --region.")
    quota = spot_quota(client, wanted.instance_type)
    if reasons := [*obstacles(client, wanted.instance_type, quota)]:
        return _refuse("\n".join(reasons))
    account = client("sts").get_caller_identity()["Account"]
    print(of_quota(wanted.instance_type, quota))
    print(
        f"The trial deploys the stack {STACK} to {region}, account {account}, and trains a few small jobs. It costs "
        f"at most {worst_cost(wanted.instance_type):.2f} USD (computed from list prices). In an AWS account it is "
        "untried."
    )
    if not wanted.yes and input("Start it? [y/N] ").strip().lower() != "y":
        return _refuse("Nothing was created.")
    trial = Trial(
        TrialResources(client, account, region, partition.name),
        wanted.instance_type,
        wanted.image or IMAGE.format(region=region),
        wanted.wait,
        wanted.patience,
        lambda: Deployed.find(STACK, wanted.region, wanted.profile),
        lambda line: print(line, flush=True),
        ("--profile", wanted.profile) if wanted.profile else (),
    )
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        trial.run()
    finally:
        wanted.report.write_text(report(trial, datetime.now(UTC)), "utf-8")
        print(f"The report is in {wanted.report}")
    return 0 if trial.seen and all(one.seen for one in trial.seen) else 1


def _interrupt(*_: object) -> None:
    """SIGTERM ends the trial as Ctrl-C does, so that everything is taken down."""
    raise KeyboardInterrupt


def _refuse(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
