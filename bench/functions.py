"""Functions of both designs in processes of their own, from the files that would be deployed.

Each process is what a new environment in Lambda is: an interpreter without site packages, the unpacked bundle, the
environment variables. The first event pays for imports and clients.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bench.pretend_aws import PretendAWS
from infra import uv
from infra.bundle import REPOSITORY, RUNTIME, build_bundle

DRIVER = Path(__file__).with_name("function_driver.py")
USUAL = Path(__file__).with_name("usual_design")
LOCK = REPOSITORY / "requirements/usual_design.txt"
BARE = "import json\n\n\ndef handler(event, context):\n    return [json.loads(one['body']) for one in event['Records']]\n"
"""A handler that reads its messages and does nothing."""
NAMES = {
    "SPOTTER_STACK": "Spotter",
    "SPOTTER_LEDGER": "ledger",
    "SPOTTER_TOPIC": "arn:aws:sns:us-east-1:111122223333:alerts",
    "SPOTTER_SWITCH": "switch",
    "SPOTTER_POLICY_IN_FORCE": "policy",
    "SPOTTER_TIME_LIMIT": "60",
    "SPOTTER_INTAKE": "https://sqs.us-east-1.amazonaws.com/111122223333/intake",
    "SPOTTER_SECRET": "slack",
    "SPOTTER_DEAD_LETTERS": "https://sqs.us-east-1.amazonaws.com/111122223333/dead",
    "POWERTOOLS_METRICS_NAMESPACE": "Spotter",
    "TABLE": "jobs",
    "IDEMPOTENCY_TABLE": "idempotency",
    "TOPIC": "arn:aws:sns:us-east-1:111122223333:alerts",
}
SPOTTERS = ("record", "alert", "resubmit", "sweep", "notify_slack", "dashboard")


@dataclass(frozen=True)
class Deployment:
    """Unpacked files, and the Python that runs them."""

    python: str
    spotter: Path
    usual: Path
    bare: Path

    def tree(self, name: str) -> tuple[Path, str]:
        """Where a function's files lie, and the module of its handler."""
        if name in SPOTTERS:
            return self.spotter, f"handlers.{name}"
        return (self.bare, "bare") if name == "bare" else (self.usual, "usual_design.handler")

    @property
    def certificates(self) -> Path:
        """What botocore trusts."""
        return self.spotter / "botocore/cacert.pem"


def runtime() -> str:
    """Lambda's Python where this machine has it, else the one that runs this."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    inside = sorted(pyenv.glob(f"versions/{RUNTIME}.*/bin/python{RUNTIME}"))
    return uv.find_python(RUNTIME) or (str(inside[-1]) if inside else sys.executable)


def deploy(folder: Path, policy: Path, python: str | None = None) -> Deployment:
    """Both designs and the bare handler."""
    made = deploy_spotter(folder, policy, python)
    install_usual_design(made.usual, made.python)
    made.bare.mkdir()
    (made.bare / "bare.py").write_text(BARE)
    compile_all(made.python, made.usual, made.bare)
    return made


def deploy_spotter(folder: Path, policy: Path, python: str | None = None) -> Deployment:
    """Spotter alone, with byte code for this Python, whatever the bundle brought."""
    made = Deployment(python or runtime(), folder / "spotter", folder / "usual", folder / "bare")
    with zipfile.ZipFile(build_bundle(policy)) as bundle:
        bundle.extractall(made.spotter)
    compile_all(made.python, made.spotter)
    return made


def compile_all(python: str, *trees: Path) -> None:
    how = ["-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    for tree in trees:
        subprocess.run([python, *how, str(tree)], check=True)


def install_usual_design(tree: Path, python: str) -> None:
    """Its dependencies in full, as `pip install --target` would give them, and its own two modules."""
    exactly = [
        "--quiet",
        "--require-hashes",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--link-mode",
        "copy",
    ]
    where = ["--python", python, "--target", str(tree), "-r", str(LOCK)]
    subprocess.run([uv.find_uv(), "pip", "install", *exactly, *where], check=True)
    shutil.copytree(USUAL, tree / "usual_design", ignore=shutil.ignore_patterns("__pycache__"))


@dataclass(frozen=True)
class Invocation:
    """What one event took: processor seconds (and of the process so far), seconds, bytes of log."""

    total: float
    seconds: float
    wall: float
    modules: int
    opened: int
    answer: Any
    logged: int = 0


@dataclass
class FunctionProcess:
    """One environment of a function; `log` is what it wrote so far."""

    running: subprocess.Popen[str]
    log: Path
    answers: Any
    read: int = 0

    @classmethod
    def start(
        cls, made: Deployment, name: str, aws: PretendAWS, folder: Path, *, count: bool = False
    ) -> Self:
        tree, module = made.tree(name)
        log = Path(tempfile.mkstemp(dir=folder, suffix=".log")[1])
        out, into = os.pipe()
        command = [made.python, "-I", "-S", str(DRIVER), str(tree), module, str(into)]
        command += ["count"] if count else []
        with log.open("w") as written:
            running = subprocess.Popen(
                command,
                env=environment(name, aws, tree),
                stdin=subprocess.PIPE,
                stdout=written,
                stderr=written,
                pass_fds=[into],
                text=True,
            )
        os.close(into)
        return cls(running, log, os.fdopen(out))

    def invoke(self, event: Any) -> Invocation:
        """RuntimeError, with the end of its log, if the function failed."""
        assert self.running.stdin
        self.running.stdin.write(json.dumps(event) + "\n")
        self.running.stdin.flush()
        line = self.answers.readline()
        if not line:
            self.running.wait()
            raise RuntimeError(self.log.read_text()[-2000:])
        before, self.read = self.read, self.log.stat().st_size
        return Invocation(**json.loads(line), logged=self.read - before)

    def end(self) -> None:
        """Its input ends, and so does the process."""
        assert self.running.stdin
        self.running.stdin.close()
        self.running.wait()
        self.answers.close()


@contextmanager
def running(
    made: Deployment, name: str, aws: PretendAWS, folder: Path, *, count: bool = False
) -> Iterator[FunctionProcess]:
    process = FunctionProcess.start(made, name, aws, folder, count=count)
    try:
        yield process
    finally:
        process.end()


def environment(name: str, aws: PretendAWS, tree: Path) -> Mapping[str, str]:
    """Lambda's variables, the function's own, and the way to the pretend AWS."""
    reserved = {
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{RUNTIME}",
        "LAMBDA_TASK_ROOT": str(tree),
        "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKIABENCH",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_SESSION_TOKEN": "bench",
        "LANG": "en_US.UTF-8",
        "PATH": os.defpath,
    }
    here = {"AWS_ENDPOINT_URL": aws.endpoint, "AWS_CA_BUNDLE": str(aws.trusted)}
    return NAMES | reserved | here | {"POWERTOOLS_SERVICE_NAME": name}
