"""Starts and ends a laptop: the embedded AWS, the simulated SageMaker, and Spotter deployed to them."""

import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from laptop import account, child_processes, deployment
from laptop.location import (
    ACCOUNT,
    REGION,
    REPOSITORY,
    Laptop,
    NotReady,
    clean_environment,
    free_ports,
    ministack_python,
    state_file,
)
from laptop.tls import certificate
from spotter.core.policy.parse import PolicyMistakes, read_policy

ShowProgress = Callable[[str], None]


def up(
    home: Path, policy: Path, show: ShowProgress, *, strict: bool = False, stays: bool = False
) -> Laptop:
    """A laptop with Spotter under this policy; NotReady, with nothing left running, if it fails.

    It ends with this process, for whatever reason, unless it `stays`: then `down` ends it.
    """
    if is_up(home):
        raise NotReady("The laptop is up already: `spotter laptop down` takes it down.")
    try:
        read_policy(policy)
    except PolicyMistakes as mistakes:
        raise NotReady(str(mistakes)) from None
    _empty_folder(home)
    aws_port, sagemaker_port = free_ports(2)
    key = f"AKIALAPTOP{secrets.token_hex(5).upper()}"
    place = Laptop(home, aws_port, sagemaker_port, key, strict=strict)
    if place.certificate:
        certificate(place.certificate.parent)
    try:
        place = _start_and_deploy(place, policy, show)
    except BaseException:
        down(home)
        raise
    if stays:
        for pid in place.pids.values():
            child_processes.detach(pid)
    return place


def down(home: Path) -> bool:
    """End the laptop's processes; False if there were none."""
    try:
        place = Laptop.read(home)
    except NotReady:
        return False
    for name, pid in reversed(place.pids.items()):
        if child_processes.is_locked(home, name):
            child_processes.end(pid)
    state_file(home).unlink(missing_ok=True)
    return True


def is_up(home: Path) -> bool:
    """True if a process of the laptop runs; what was killed, or ended with the machine, left a file only."""
    try:
        names = Laptop.read(home).pids
    except NotReady:
        return False
    return any(child_processes.is_locked(home, name) for name in names)


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Lock this folder's laptop, and end an earlier one; NotReady if another process has locked it."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        try:
            held.enter_context(child_processes.locked(home.parent, home.name))
        except BlockingIOError:
            raise NotReady(
                f"Another process uses the laptop in {home}: wait until it ends."
            ) from None
        down(home)
        yield


def _empty_folder(home: Path) -> None:
    """Empty the laptop's own folder, and no other: it is known by a mark."""
    mark = home / ".spotter-laptop"
    if home.exists() and any(home.iterdir()) and not mark.exists():
        raise NotReady(f"{home} is not empty and not a laptop's folder: name another.")
    shutil.rmtree(home, ignore_errors=True)
    (home / "tmp").mkdir(parents=True)
    mark.touch()


PATIENCE = 300
"""Seconds for one answer: a function of the embedded AWS takes long to start where the machine is busy."""


def client(place: Laptop, service: str) -> Any:
    """A boto3 client that reaches this laptop, whatever this process's environment says."""
    env = place.environment()
    session: Any = boto3.Session(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"])
    endpoint = place.sagemaker if service == "sagemaker" else place.aws
    trusted = str(place.certificate) if place.certificate else None
    patient = Config(read_timeout=PATIENCE)
    return session.client(
        service, region_name=REGION, endpoint_url=endpoint, verify=trusted, config=patient
    )


def _start_and_deploy(place: Laptop, policy: Path, show: ShowProgress) -> Laptop:
    here = clean_environment() | place.environment()
    with deployment.synthesised(place, policy):
        show("Starting an embedded AWS and a simulated SageMaker, synthesising the stack")
        place = start_market(start_aws(place))
        show("Preparing the account (cdk bootstrap)")
        with deployment.cdk("bootstrap", place, here, f"aws://{ACCOUNT}/{REGION}", "--app", ""):
            pass
        show("Waiting for the synthesis")
    show("Deploying the stack (cdk deploy)")
    outputs = deployment.deployed(place)
    account.enable_recovery(client(place, "dynamodb"), outputs["LedgerName"])
    place = replace(
        place,
        outputs=outputs,
        alerts_queue=account.prepare(
            lambda service: client(place, service), outputs["AlertsTopicArn"]
        ),
    )
    place.write()
    return place


def start_aws(place: Laptop) -> Laptop:
    """Start the embedded AWS; functions inherit its environment, and so find the simulated SageMaker."""
    settings = {
        "GATEWAY_PORT": str(place.aws_port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "IOT_MTLS_ENABLED": "0",
        "TMPDIR": str(place.home / "tmp"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    settings |= _strictly(place) if place.strict else {}
    environment = clean_environment() | place.environment() | settings
    command = [ministack_python(), REPOSITORY / "laptop/simulated_sagemaker/ministack_events.py"]
    process = child_processes.start("aws", command, place.home, environment)
    place = _with(place, aws=process.pid)
    health = f"{place.aws}/_ministack/health"
    trusted = place.certificate
    child_processes.wait_until(
        lambda: child_processes.get_ok(health, trusted), "aws", process, place.home
    )
    return place


def _strictly(place: Laptop) -> dict[str, str]:
    """IAM decides about every call; policies that deny plain HTTP require TLS."""
    made = place.home / "tls/server"
    tls = {"MINISTACK_SSL_CERT": f"{made}.crt", "MINISTACK_SSL_KEY": f"{made}.key"}
    return {"AUTH": "true", "USE_SSL": "1", **tls}


def start_market(place: Laptop) -> Laptop:
    """Start the simulated SageMaker beside the embedded AWS."""
    ready = place.home / "market.json"
    options = {
        "--port": place.sagemaker_port,
        "--account": ACCOUNT,
        "--region": REGION,
        "--s3-endpoint": place.aws,
        "--events-endpoint": place.aws,
        "--ready-file": ready,
    } | ({"--iam-endpoint": place.aws} if place.strict else {})
    command = [
        sys.executable,
        "-m",
        "laptop.simulated_sagemaker",
        *(str(w) for pair in options.items() for w in pair),
    ]
    environment = clean_environment() | place.environment()
    process = child_processes.start("market", command, place.home, environment)
    place = _with(place, market=process.pid)
    child_processes.wait_until(ready.exists, "market", process, place.home)
    return place


def _with(place: Laptop, **pid: int) -> Laptop:
    """Write the state file at once: whatever happens next, `down` finds the process."""
    place = replace(place, pids=place.pids | pid)
    place.write()
    return place
