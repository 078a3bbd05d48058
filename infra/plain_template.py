"""One template and one zip that deploy without the CDK: `make template`, `ARGS="-c policy=FILE"`.

The template is the CDK's own, with what only the CDK can deploy taken out: the bootstrap's bucket becomes
two parameters, and its version is no longer looked up. It belongs to no account and no Region, and
reads its stack's name where the CDK would have written it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.bundle import REPOSITORY

OUTPUT = REPOSITORY / "build/template"
TEMPLATE = "spotter.template.json"
NAME = "SpotterStackNameHere"
"""The stack's name while it is synthesised; the template has AWS::StackName in its place.

In logical ids and in statement ids, which are letters and digits only, OF_ALL takes its place.
"""
OF_ALL = "Spotter"
BUCKET, PREFIX = "BundleBucket", "BundleKeyPrefix"
PARAMETERS = {
    BUCKET: {
        "Type": "String",
        "AllowedPattern": "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "Description": "The S3 bucket that holds the zip, in the stack's own Region.",
    },
    PREFIX: {
        "Type": "String",
        "Default": "",
        "AllowedPattern": "([!-~]*/)?",
        "Description": "What stands before the name of the zip in its key: empty, or ending in a slash.",
    },
}
OF_THE_CDK = ("aws:cdk:", "aws:asset:")


class NotPlain(Exception):
    """The CDK's template cannot be deployed without the CDK; the message names what is in the way."""


def plain_template(template: Mapping[str, Any], bundle: str) -> dict[str, Any]:
    """The template with parameters for where the zip of this name is; NotPlain if the CDK is still in it."""
    kept = {name: part for name, part in template.items() if name not in ("Rules", "Parameters")}
    resources = {name: _resource(one, bundle) for name, one in template["Resources"].items()}
    ids = {name for name in resources if NAME in name}
    made: dict[str, Any] = _named({**kept, "Parameters": PARAMETERS, "Resources": resources}, ids)
    text = json.dumps(made)
    if found := [word for word in (*OF_THE_CDK, "cdk-", "BootstrapVersion", NAME) if word in text]:
        raise NotPlain(
            f"The template still holds {', '.join(found)}, which only the CDK can deploy."
        )
    return made


def _resource(resource: Mapping[str, Any], bundle: str) -> dict[str, Any]:
    """Without the CDK's metadata, and a function with its code where the parameters say."""
    kept = dict(resource)
    metadata = kept.pop("Metadata", {})
    ours = {name: one for name, one in metadata.items() if not name.startswith(OF_THE_CDK)}
    if ours:
        kept["Metadata"] = ours
    if resource["Type"] == "AWS::Lambda::Function":
        code = {"S3Bucket": {"Ref": BUCKET}, "S3Key": {"Fn::Sub": f"${{{PREFIX}}}{bundle}"}}
        kept["Properties"] = {**resource["Properties"], "Code": code}
    return kept


def _named(value: Any, ids: Collection[str]) -> Any:
    """The stack's own name wherever the CDK was given another; `ids` are logical ids that hold it."""
    if isinstance(value, dict):
        return {
            key.replace(NAME, OF_ALL): item.replace(NAME, OF_ALL)
            if key == "Sid"
            else _named(item, ids)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_named(item, ids) for item in value]
    if not isinstance(value, str) or NAME not in value:
        return value
    if value in ids:
        return value.replace(NAME, OF_ALL)
    first, *others = value.split(NAME)
    parts: list[Any] = [first]
    for other in others:
        parts += [{"Ref": "AWS::StackName"}, other]
    parts = [part for part in parts if part]
    return parts[0] if len(parts) == 1 else {"Fn::Join": ["", parts]}


def write(context: Mapping[str, str], output: Path) -> tuple[Path, Path]:
    """The template and the zip in this folder, in place of what was there; NotPlain with the app's mistakes."""
    with tempfile.TemporaryDirectory() as folder:
        assembly = Path(folder)
        _synthesise(context, assembly)
        [bundle] = assembly.glob("asset.*.zip")
        made = json.loads((assembly / f"{NAME}.template.json").read_text())
        name = bundle.name.replace("asset.", "spotter-")
        template = plain_template(made, name)
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir(parents=True)
        shutil.copyfile(bundle, output / name)
    (output / TEMPLATE).write_text(json.dumps(template, separators=(",", ":")) + "\n")
    return output / TEMPLATE, output / name


def _synthesise(context: Mapping[str, str], folder: Path) -> None:
    """app.py as the CDK starts it, but without an account, a Region or credentials."""
    flags = json.loads((REPOSITORY / "cdk.json").read_text())["context"]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CDK_"))}
    environment = kept | {
        "CDK_CONTEXT_JSON": json.dumps(flags | context | {"name": NAME}),
        "CDK_OUTDIR": str(folder),
    }
    command = [sys.executable, "app.py"]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise NotPlain(done.stderr.strip())


def context_of(words: Sequence[str]) -> dict[str, str]:
    """`-c policy=team.toml`, as the CDK takes it; NotPlain for what it does not take here."""
    parser = argparse.ArgumentParser(prog="make template", exit_on_error=False, add_help=False)
    parser.add_argument("-c", "--context", action="append", default=[], metavar="KEY=VALUE")
    try:
        given, unknown = parser.parse_known_args(words)
    except argparse.ArgumentError as mistake:
        raise NotPlain(str(mistake)) from None
    pairs = [pair.partition("=") for pair in given.context]
    if unknown or not all(sign and key for key, sign, _ in pairs):
        raise NotPlain(
            'make template takes ARGS="-c KEY=VALUE" alone, such as -c policy=team.toml.'
        )
    context = {key: value for key, _, value in pairs}
    if "name" in context:
        raise NotPlain("The stack takes its name when it is deployed: leave -c name out.")
    for key in ("policy", "prices"):
        if key in context:
            context[key] = str(Path(context[key]).absolute())
    return context


if __name__ == "__main__":
    try:
        template, bundle = write(context_of(sys.argv[1:]), OUTPUT)
    except NotPlain as mistake:
        sys.exit(str(mistake))
    for file in (template, bundle):
        print(f"{file.relative_to(REPOSITORY)}: {file.stat().st_size / 1000:,.0f} kB")
