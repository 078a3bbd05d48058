"""Deploying Spotter to a laptop, by the template and the command line that deploy it to AWS."""

import json
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from laptop import child_processes
from laptop.location import REGION, REPOSITORY, Laptop, clean_environment


def deploy(place: Laptop, *options: str, policy: Path | None = None) -> Laptop:
    """The laptop with Spotter deployed once more, under another policy where one is given.

    `options` are for `cdk deploy`.
    """
    if policy:
        with synthesised(place, policy):
            pass
    place = replace(place, outputs=deployed(place, *options))
    place.write()
    return place


def destroy(place: Laptop) -> None:
    """Take the stack down, as `make destroy` does; what it retains stays."""
    here = clean_environment() | place.environment()
    with cdk("destroy", place, here, "--force", "--app", str(place.home / "cdk.out")):
        pass


def deployed(place: Laptop, *options: str) -> dict[str, str]:
    """The outputs of the stack that was synthesised last, once it is deployed."""
    here, outputs = clean_environment() | place.environment(), place.home / "outputs.json"
    flags = ("--require-approval", "never", "--outputs-file", str(outputs), *options)
    with cdk("deploy", place, here, "--app", str(place.home / "cdk.out"), *flags):
        pass
    (of_stack,) = json.loads(outputs.read_text()).values()
    return dict(of_stack)


def synthesised(place: Laptop, policy: Path) -> AbstractContextManager[None]:
    """Without an account in the environment, as on a machine that never saw one; the Region is needed."""
    options = ("--context", f"policy={policy.absolute()}", "--output", str(place.home / "cdk.out"))
    environment = clean_environment() | {"AWS_REGION": REGION}
    return cdk("synth", place, environment, "--quiet", *options)


def cdk(
    verb: str, place: Laptop, environment: dict[str, str], *options: str
) -> AbstractContextManager[None]:
    """The CDK's command line, with a cache of its own: it remembers accounts by their key."""
    env = environment | {"CDK_HOME": str(place.home / "cdk"), "CI": "true"}
    command = ["cdk", verb, "--no-notices", *options]
    return child_processes.run_alongside(verb, command, place.home, env, REPOSITORY)
