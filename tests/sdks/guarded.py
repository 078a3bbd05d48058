"""Ask for training jobs through a real SDK under `spotter.guard()`, from a simulated SageMaker.

Run by hand, from the project's root, in an environment of its own for each SDK (nothing of it stands in
the lock files); `make synth` has made the project's own, in which the simulated SageMaker runs:

    python3.11 -m venv ../sdk2 && ../sdk2/bin/pip install 'sagemaker<3'
    python3.11 -m venv ../sdk3 && ../sdk3/bin/pip install sagemaker-train
    PYTHONPATH=lambdas ../sdk2/bin/python tests/sdks/guarded.py boto3 sdk2
    PYTHONPATH=lambdas ../sdk3/bin/python tests/sdks/guarded.py boto3 sdk3

Held for each: a job on spot without checkpoints is warned about, and made; with `refuse=True` it is
refused, nothing is sent and SageMaker has no such job; a good one passes without a warning, and what is
sent is the same, byte for byte but for the job's name, as without the guard. The client exists before the
guard is switched on. Each line says what was seen, and the exit status is 1 if one of it does not hold.
Every other service of AWS refuses everything, as to somebody who may only train: SDK 3 asks IAM about the
role, and goes on without an answer.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

REGION, ACCOUNT = "us-east-1", "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/training"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/training:1"
TYPE, GIGABYTES, SECONDS = "ml.g5.xlarge", 50, 3600
SAVES, OUTPUT = "s3://ml-checkpoints/saves/", "s3://ml-checkpoints/output"
CREATES = "CreateTrainingJob"
SILENT = "{SchemaVersion: '1.0', SageMaker: {PythonSDK: {Modules: {TelemetryOptOut: true}}}}"
"""The SDKs' own configuration: no word about this to anybody."""
PACKAGES = ("boto3", "sagemaker", "sagemaker-core", "sagemaker-train")

Ask = Callable[[str, bool], None]
"""Asks for a job of this name; without checkpoints if it is a bad one."""


def by_boto3() -> Ask:
    import boto3

    client: Any = boto3.client("sagemaker")

    def ask(name: str, good: bool) -> None:
        more: dict[str, Any] = {"CheckpointConfig": {"S3Uri": SAVES}} if good else {}
        client.create_training_job(
            TrainingJobName=name,
            RoleArn=ROLE,
            AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            OutputDataConfig={"S3OutputPath": OUTPUT},
            ResourceConfig={"InstanceType": TYPE, "InstanceCount": 1, "VolumeSizeInGB": GIGABYTES},
            StoppingCondition={"MaxRuntimeInSeconds": SECONDS, "MaxWaitTimeInSeconds": 2 * SECONDS},
            EnableManagedSpotTraining=True,
            **more,
        )

    return ask


def by_sdk2() -> Ask:
    from sagemaker.estimator import Estimator  # type: ignore[import-not-found]
    from sagemaker.session import Session  # type: ignore[import-not-found]

    session = Session()

    def ask(name: str, good: bool) -> None:
        Estimator(
            image_uri=IMAGE,
            role=ROLE,
            instance_count=1,
            instance_type=TYPE,
            volume_size=GIGABYTES,
            output_path=OUTPUT,
            max_run=SECONDS,
            max_wait=2 * SECONDS,
            use_spot_instances=True,
            checkpoint_s3_uri=SAVES if good else None,
            disable_profiler=True,
            sagemaker_session=session,
        ).fit(wait=False, job_name=name)

    return ask


def by_sdk3() -> Ask:
    from sagemaker.core.helper.session_helper import Session  # type: ignore[import-not-found]
    from sagemaker.core.shapes import CheckpointConfig, OutputDataConfig, StoppingCondition  # type: ignore[import-not-found]
    from sagemaker.train import ModelTrainer  # type: ignore[import-not-found]
    from sagemaker.train.configs import Compute  # type: ignore[import-not-found]

    session = Session()

    def ask(name: str, good: bool) -> None:
        ModelTrainer(
            training_image=IMAGE,
            role=ROLE,
            base_job_name=name,
            sagemaker_session=session,
            compute=Compute(
                instance_type=TYPE,
                instance_count=1,
                volume_size_in_gb=GIGABYTES,
                enable_managed_spot_training=True,
            ),
            stopping_condition=StoppingCondition(
                max_runtime_in_seconds=SECONDS, max_wait_time_in_seconds=2 * SECONDS
            ),
            output_data_config=OutputDataConfig(s3_output_path=OUTPUT),
            checkpoint_config=CheckpointConfig(s3_uri=SAVES) if good else None,
        ).train(wait=False, logs=False)

    return ask


SDKS = {"boto3": by_boto3, "sdk2": by_sdk2, "sdk3": by_sdk3}


class Sent:
    """The bodies of all requests for a job that left this process, as they went over the wire."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def __call__(self, request: Any, **_: Any) -> None:
        body = request.body
        self.bodies.append(body if isinstance(body, bytes) else str(body).encode())

    def watch(self, session: Any) -> None:
        session.register(f"before-send.sagemaker.{CREATES}", self)

    def last(self) -> bytes:
        """The last body, without the name that SageMaker wants to be another each time."""
        name = json.loads(self.bodies[-1])["TrainingJobName"]
        return self.bodies[-1].replace(name.encode(), b"NAME")


def tried(sdk: str, sent: Sent) -> Iterator[tuple[str, bool]]:
    """What is held of one SDK, and whether it holds."""
    import spotter
    from spotter.request_guard import RequestRefused, RequestWarning

    ask = SDKS[sdk]()
    ask(f"{sdk}-good-0", True)
    without = sent.last()
    guard = spotter.guard()
    try:
        found = _warned(lambda: ask(f"{sdk}-good-1", True), RequestWarning)
        yield f"a good request passes; its warnings: {found}", not found
        yield "what is sent is the same as without the guard", sent.last() == without
        found = _warned(lambda: ask(f"{sdk}-bad-1", False), RequestWarning)
        yield f"a bad request is warned about: {found}", bool(found)
        yield "and is made", any(name.startswith(f"{sdk}-bad-1") for name in jobs())
        spotter.guard(refuse=True)
        count, refused = len(sent.bodies), ""
        try:
            ask(f"{sdk}-bad-2", False)
        except RequestRefused as error:
            refused = str(error).replace("\n", " ")
        yield f"with refuse=True it is refused: {refused}", bool(refused)
        yield "and nothing is sent", len(sent.bodies) == count
        yield "and SageMaker has no such job", not any(f"{sdk}-bad-2" in name for name in jobs())
        ask(f"{sdk}-good-2", True)
        yield "a good request passes with refuse=True, too", sent.last() == without
    finally:
        guard.stop()


def _warned(does: Callable[[], None], kind: type[Warning]) -> list[str]:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        does()
    return [str(one.message) for one in found if issubclass(one.category, kind)]


def jobs() -> list[str]:
    """The names of all jobs that the simulated SageMaker has."""
    import boto3

    pages = boto3.client("sagemaker").get_paginator("list_training_jobs").paginate()
    return [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]]


@contextmanager
def simulated(folder: Path) -> Iterator[str]:
    """The address of a simulated SageMaker, in a process of the project's own environment."""
    ready = folder / "ready"
    words = ["-m", "laptop.simulated_sagemaker", "--account", ACCOUNT, "--region", REGION]
    command = [".venvs/spotter/bin/python", *words, "--ready-file", str(ready)]
    here = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with subprocess.Popen(command, env=here) as process:
        try:
            while not ready.exists():
                if process.poll() is not None:
                    raise SystemExit("The simulated SageMaker did not start.")
                time.sleep(0.1)
            yield json.loads(ready.read_text())["endpoint"]
        finally:
            process.terminate()


class Refusing(BaseHTTPRequestHandler):
    """All of AWS but SageMaker."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        error = b"<Error><Code>AccessDenied</Code><Message>It may only train.</Message></Error>"
        body = b"<ErrorResponse>" + error + b"</ErrorResponse>"
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST  # noqa: N815 (names that the library looks for)

    def log_message(self, *_: Any) -> None:
        """Nothing: what is held is all that is written."""


@contextmanager
def refusing() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def main(sdks: list[str]) -> int:
    """The exit status: 1 if something does not hold."""
    import botocore

    sent, failed = Sent(), 0
    botocore.register_initializer(sent.watch)
    with (
        tempfile.TemporaryDirectory() as made,
        refusing() as others,
        simulated(folder := Path(made)) as endpoint,
    ):
        (folder / "config.yaml").write_text(SILENT)
        os.environ |= {
            "AWS_ENDPOINT_URL_SAGEMAKER": endpoint,
            "AWS_ENDPOINT_URL": others,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": ACCOUNT,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": str(folder / "config.yaml"),
        }
        print("Python", sys.version.split()[0], *_versions())
        for sdk in sdks:
            for held, holds in tried(sdk, sent):
                failed += not holds
                print(f"{sdk}: {'holds' if holds else 'FAILS'}: {held}", flush=True)
    return 1 if failed else 0


def _versions() -> Iterator[str]:
    for name in PACKAGES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["boto3"]))
