"""Where a laptop's files, processes and ports are: one folder, with one state file."""

import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
HOME = Path(os.environ.get("SPOTTER_LAPTOP", REPOSITORY / ".laptop"))
ACCOUNT = "111122223333"
REGION = "eu-central-2"
"""One for which the AWS CLI has no old endpoint of SQS: where it has, it goes there instead of here."""
KEPT, DEMO = HOME / "up", HOME / "demo"
"""The folders of the laptop that runs until it is taken down, and of the demo's."""

POLICY = Path(__file__).with_name("policy.toml")


class NotReady(RuntimeError):
    """The laptop is not in the state that a command needs; the message names what to do first."""


@dataclass(frozen=True)
class Laptop:
    """A laptop that is up, or is being brought up: the ports it listens on and what it holds.

    `pids` are the processes that were started for it, by name. On a `strict` one IAM decides about
    every call, and the embedded AWS speaks TLS.
    """

    home: Path
    aws_port: int
    sagemaker_port: int
    key: str
    pids: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    alerts_queue: str = ""
    strict: bool = False

    @property
    def aws(self) -> str:
        return f"http{'s' if self.strict else ''}://127.0.0.1:{self.aws_port}"

    @property
    def certificate(self) -> Path | None:
        """What to trust to reach the embedded AWS; None where it speaks plain HTTP."""
        return self.home / "tls/server.crt" if self.strict else None

    @property
    def sagemaker(self) -> str:
        return f"http://127.0.0.1:{self.sagemaker_port}"

    def environment(self) -> dict[str, str]:
        """With these variables the AWS CLI, boto3 and the CDK reach this laptop and nothing else."""
        trusted = {name: str(self.certificate) for name in TRUSTED if self.strict}
        return trusted | {
            "AWS_ENDPOINT_URL": self.aws,
            "AWS_ENDPOINT_URL_SAGEMAKER": self.sagemaker,
            "AWS_ENDPOINT_URL_PRICING": self.sagemaker,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": "laptop",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def names(self) -> dict[str, str]:
        """What Spotter is called here: the ledger's table, its queues and functions."""
        return {
            "SPOTTER_LEDGER": self.outputs["LedgerName"],
            "SPOTTER_ALERTS_TOPIC": self.outputs["AlertsTopicArn"],
            "SPOTTER_ALERTS_QUEUE": self.alerts_queue,
            "SPOTTER_SWEEP": self.outputs["SweepFunctionName"],
        }

    def write(self) -> None:
        """Beside and renamed, so that nobody reads half of it."""
        beside = state_file(self.home).with_suffix(".part")
        beside.write_text(json.dumps(asdict(self) | {"home": str(self.home)}, indent=2))
        beside.rename(state_file(self.home))

    @classmethod
    def read(cls, home: Path) -> "Laptop":
        """The laptop of this folder; NotReady if there is none."""
        try:
            state = json.loads(state_file(home).read_text())
        except FileNotFoundError:
            raise NotReady("The laptop is not up: `spotter laptop up` brings it up.") from None
        return cls(**state | {"home": Path(state["home"])})


TRUSTED = ("AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
UNSET = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE")


def state_file(home: Path) -> Path:
    return home / "laptop.json"


def clean_environment() -> dict[str, str]:
    """This process's environment without any AWS account in it, and with our own tools first."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CDK_"))}
    own = Path(sys.executable).parent
    return kept | {"PATH": f"{own}{os.pathsep}{kept.get('PATH', os.defpath)}"}


def ministack_python() -> Path:
    """The Python of the embedded AWS's own environment."""
    built = REPOSITORY / ".venvs/ministack/bin/python"
    found = Path(os.environ.get("SPOTTER_MINISTACK_PYTHON", built))
    if not found.exists():
        raise NotReady(f"The embedded AWS is not installed ({found}): `make demo` installs it.")
    return found


def free_ports(count: int) -> Iterator[int]:
    """Ports on loopback that nobody listens on now, all different."""
    with ExitStack() as held:
        for _ in range(count):
            listener = held.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            yield listener.getsockname()[1]
