"""The trial itself: deploy, run two jobs, look at what Spotter made of them, and take everything down again."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from laptop import child_processes
from smoke import jobs
from smoke.preparation import STACK, policy
from smoke.probes import ProbedAccount, answers
from smoke.resources import TrialResources
from spotter.aws.deployed_stack import StackError
from spotter.core.model.times import iso
from spotter_cli.doctor.diagnosis import diagnose
from spotter_cli.doctor.gather.everything import gather
from spotter_cli.stack import list_prices
from spotter_cli.stack.deployed import Deployed

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build/smoke"
UNVALIDATED = Config(parameter_validation=False)
"""For requests that SageMaker may refuse: botocore would refuse them first."""
EVERY = 3.0
"""Seconds between two looks."""


@dataclass(frozen=True)
class Observation:
    """Something that was to be seen, and whether it was within its time."""

    name: str
    seen: bool
    what: str = ""


@dataclass(frozen=True)
class Trial:
    """`patience` is how many seconds each observation may take; `cdk` are options of the CDK's command line."""

    resources: TrialResources
    instance_type: str
    image: str
    wait: int
    patience: float
    find: Callable[[], Deployed]
    show: Callable[[str], None]
    cdk: tuple[str, ...] = ()
    seen: list[Observation] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """What the probes saw, by the assumption's name."""

    def run(self) -> list[Observation]:
        """All observations. Whatever happens, what was created is taken down again."""
        began, ledger = time.monotonic(), None
        try:
            self.show("Creating a bucket and a role for the trial's jobs")
            self.resources.create()
            self.show(f"Deploying the stack {STACK}")
            self._deploy()
            spotter = self.find()
            ledger = spotter.outputs["LedgerName"]
            self.seen.append(Observation("deployed", True, f"{time.monotonic() - began:.0f} s"))
            self._observe(spotter)
        except (BotoCoreError, ClientError, RuntimeError, StackError) as reason:
            self.seen.append(
                Observation("went on to its end", False, " ".join(str(reason).split()))
            )
        finally:
            with uninterrupted(self.show):
                self._take_down(ledger or self.resources.made_ledger())
        return self.seen

    def _deploy(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        file = FOLDER / "policy.toml"
        file.write_text(policy(self.resources.role, self.instance_type), "utf-8")
        context = ("-c", f"name={STACK}", "-c", f"policy={file}")
        self._cdk("deploy", "--require-approval", "never", *context)

    def _cdk(self, verb: str, *options: str) -> None:
        """In a session of its own: Ctrl-C does not reach it, and whatever ends the body ends all of it.

        Each verb has its own assembly, since the CDK refuses one that another process still reads.
        """
        output = str(FOLDER / f"{verb}.out")
        command = ["cdk", verb, "--no-notices", "--output", output, *options, *self.cdk]
        region = self.resources.region
        environment = os.environ | {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
        with child_processes.run_alongside(verb, command, FOLDER, environment, ROOT):
            pass

    def _observe(self, spotter: Deployed) -> None:
        shared = {
            "role": self.resources.role, "bucket": self.resources.bucket, "image": self.image,
            "instance_type": self.instance_type,
        }  # fmt: skip
        ledger, here, sagemaker = spotter.ledger, spotter.here, spotter.client("sagemaker")
        queue = self.resources.listen(spotter.outputs["AlertsTopicArn"])
        completes, waits = jobs.both(wait=self.wait, **shared)
        self.show(
            "Creating a job that completes; then one that runs out of wait: a quota of one instance will do"
        )
        sagemaker.create_training_job(**completes)
        self._wait_for("recorded", lambda: ledger.newest_head(here, jobs.WELL))
        self._wait_for(
            "completed", lambda: _ending(ledger.newest_head(here, jobs.WELL), "Completed")
        )
        sagemaker.create_training_job(**waits)
        for name, look in (
            ("ran out of wait", lambda: _ending(ledger.newest_head(here, jobs.STARVED))),
            ("alert delivered", lambda: self.resources.heard(queue, jobs.STARVED)),
            ("resubmitted", lambda: _next(spotter)),
            ("dashboard drawn", lambda: _drawn(spotter)),
        ):
            self._wait_for(name, look)
        found = diagnose(gather(spotter, datetime.now(UTC)))
        wrong = [f"{cause.result.key}: {cause.result.state}" for cause in found.causes]
        self.seen.append(Observation("doctor", not wrong, "; ".join(wrong) or "no finding"))
        self._probe(spotter, waits)

    def _probe(self, spotter: Deployed, request: dict[str, Any]) -> None:
        """Last, since its jobs are the trial's only ones that the observations above do not expect."""
        self.show("Trying what could not be verified without an account")
        sagemaker = self.resources.client("sagemaker", config=UNVALIDATED)
        described = {
            name: sagemaker.describe_training_job(TrainingJobName=name)
            for name in (jobs.WELL, jobs.STARVED)
        }
        here = ProbedAccount(sagemaker, request, described, jobs.STARVED, self._prices)
        self.answers.update(answers(here))

    def _prices(self) -> int:
        """How many prices `spotter prices` would write."""
        profile = dict(zip(self.cdk[::2], self.cdk[1::2], strict=True)).get("--profile")
        return len(list_prices.fetch(self.resources.region, profile, datetime.now(UTC)).prices)

    def _wait_for(self, name: str, look: Callable[[], Any]) -> None:
        began, result = time.monotonic(), look()
        while not result and time.monotonic() - began < self.patience:
            time.sleep(EVERY)
            result = look()
        spent = f"{time.monotonic() - began:.0f} s"
        self.show(f"{name}: {'yes' if result else 'no'}, {spent}")
        self.seen.append(Observation(name, bool(result), spent))

    def _take_down(self, ledger: str | None) -> None:
        self.show("Taking everything down again")
        left = [*self._destroyed(), *self.resources.take_down(ledger)]
        self.seen.append(Observation("taken down", not left, "; ".join(left)))

    def _destroyed(self) -> Iterator[str]:
        """First the stack: while it stands, it would resubmit a job that is stopped for having waited too long."""
        try:
            context = ("-c", f"name={STACK}", "-c", f"policy={FOLDER / 'policy.toml'}")
            self._cdk("destroy", "--force", *context)
        except RuntimeError as reason:
            yield " ".join(str(reason).split())


@contextmanager
def uninterrupted(show: Callable[[str], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM do not end the body; who sends one is told that it goes on."""

    def go_on(*_: Any) -> None:
        show("Everything is being taken down; this goes on until it is done.")

    held = {number: signal.signal(number, go_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)


def _ending(head: Any, wanted: str = "") -> bool:
    ending = head and head.ending
    return bool(ending) and (not wanted or str(ending) == wanted)


def _next(spotter: Deployed) -> bool:
    found = spotter.client("sagemaker").list_training_jobs(NameContains=f"{jobs.STARVED}-a2-")
    return bool(found["TrainingJobSummaries"])


def _drawn(spotter: Deployed) -> bool:
    now = round(time.time() * 1000)
    context = {
        "timeRange": {"mode": "relative", "start": now - 3_600_000, "end": now},
        "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
        "theme": "light",
        "width": 600,
    }
    event = {"widgetContext": context, "view": "fleet"}
    answer = spotter.client("lambda").invoke(
        FunctionName=spotter.outputs["DashboardFunctionName"], Payload=json.dumps(event)
    )
    return "FunctionError" not in answer and "<" in str(json.load(answer["Payload"]))


def report(trial: Trial, now: datetime) -> str:
    """The report that can be attached to an issue: no account, no ARN, no text of others' jobs."""
    from smoke.unverified import ASSUMPTIONS
    from spotter.core.version import VERSION

    hidden = trial.resources.account
    rows = [f"| {one.name} | {'yes' if one.seen else 'NO'} | {one.what} |" for one in trial.seen]
    lines = [
        f"# Spotter {VERSION}: a trial in {trial.resources.region}, {iso(now)}",
        "",
        f"Instance type {trial.instance_type}; MaxWaitTimeInSeconds {trial.wait} of the second job.",
        "",
        "| observation | seen | what |",
        "|---|---|---|",
        *rows,
        "",
        "| assumption of docs/unverified.md | seen |",
        "|---|---|",
        *(f"| {name} | {answer} |" for name, answer in trial.answers.items()),
        "",
        "Not tried by this trial (docs/unverified.md says how to): "
        + ", ".join(one.name for one in ASSUMPTIONS if one.name not in trial.answers)
        + ".",
        "",
    ]
    return "\n".join(lines).replace(hidden, "<account>")
