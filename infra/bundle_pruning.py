"""Removes from the bundle what packages contain and no function uses.

Most of it is data. Botocore describes some four hundred services, and reads the whole description of
one whenever a client of it is made. So each is cut down to the
operations that we call and the shapes that these reach; what is kept is complete, except for its documentation texts.
The list of all services' endpoints, 1.25 MB of JSON that the first client reads, is cut down to the same services.
"""

import gzip
import json
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

CALLED = {
    "dynamodb": (
        "BatchGetItem",
        "DescribeTable",
        "GetItem",
        "PutItem",
        "Query",
        "TransactWriteItems",
    ),  # the ledger
    "s3": ("GetObject", "ListObjectsV2"),  # checkpoints
    "sagemaker": (
        "CreateTrainingJob",
        "DescribeTrainingJob",
        "ListTags",
        "ListTrainingJobs",
        "StopTrainingJob",
    ),
    "secretsmanager": ("GetSecretValue",),  # the address of a Slack channel
    "sns": ("Publish",),  # alerts
    "sqs": ("SendMessage", "SendMessageBatch"),  # what Slack refused; hints
    "ssm": ("GetParameter", "GetParameterHistory"),  # the switch, and the policy in force
}
"""The operations that functions call, by service; in the bundle a client has no others."""

WITHOUT_HELP = '''"""In the bundle in place of botocore's own: no function reads the help of a client's methods."""


class _Empty(str):
    def __new__(cls, *_, **__):
        return super().__new__(cls)


ClientMethodDocstring = PaginatorDocstring = WaiterDocstring = _Empty
'''
"""Botocore's clients name these three classes, which load sixteen modules of documentation."""

WITHOUT_HTTP2 = '"""In the bundle in place of urllib3\'s own: no function switches HTTP/2 on."""\n'
"""The rest only switches it on, and loads `importlib.metadata` and `zipfile` to look for the package h2."""

UNUSED = (
    ".lock",
    "bin",
    # METADATA stays: Amazon Inspector reads there what is installed; and so do licences and notices.
    "*.dist-info/[!MLlN]*",
    "**/tests",
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/metrics/provider/datadog",
    "aws_lambda_powertools/utilities/[!_jt]*",  # all but jmespath_utils and typing: Logger needs them
    "botocore/data/*/*/examples-1.json",
    "botocore/data/*/*/waiters-2.json",
    "dateutil/rrule.py",
    "dateutil/zoneinfo",  # AWS answers in UTC
    "tzdata/zones",
    "tzdata/zoneinfo/*.*[!y]",  # lists of zones as text; each zone is a file of its own
    "urllib3/contrib/emscripten",
)


def keep_only_what_is_used(tree: Path) -> None:
    """Take the rest out of `tree`, where the dependencies are laid out."""
    for pattern in UNUSED:
        for path in list(tree.glob(pattern)):
            remove(path)
    leave_help_out(tree / "botocore/docs")
    (tree / "urllib3/http2/__init__.py").write_text(WITHOUT_HTTP2)
    for service in (path for path in (tree / "botocore/data").iterdir() if path.is_dir()):
        *older, newest = sorted(service.iterdir())
        if service.name not in CALLED:
            remove(service)
            continue
        for version in older:
            remove(version)
        reduce(newest / "service-2.json.gz", CALLED[service.name])
    endpoints = tree / "botocore/data/endpoints.json"
    endpoints.write_text(json.dumps(endpoints_of(json.loads(endpoints.read_text()), CALLED)))


def leave_help_out(docs: Path) -> None:
    """Of botocore's documentation only `utils` is used by more than documentation."""
    for path in list(docs.iterdir()):
        if path.name != "utils.py":
            remove(path)
    (docs / "__init__.py").write_text("")
    (docs / "docstring.py").write_text(WITHOUT_HELP)


def reduce(description: Path, operations: tuple[str, ...]) -> None:
    """Write the file again with less in it; gzip gets no time stamp, so that the bytes are always the same."""
    text = gzip.decompress(description.read_bytes())
    model = reduced(json.loads(text, object_hook=without_prose), operations)
    description.write_bytes(gzip.compress(json.dumps(model).encode(), mtime=0))


def endpoints_of(listed: dict[str, Any], services: Collection[str]) -> dict[str, Any]:
    """Botocore's list of endpoints with these services alone, in all partitions and Regions."""
    partitions = [
        one | {"services": {name: at for name, at in one["services"].items() if name in services}}
        for one in listed["partitions"]
    ]
    return listed | {"partitions": partitions}


def without_prose(node: dict[str, Any]) -> dict[str, Any]:
    """A part of a description with empty documentation: botocore reads the member in some places."""
    return {k: "" if k == "documentation" and isinstance(v, str) else v for k, v in node.items()}


def reduced(model: dict[str, Any], operations: tuple[str, ...]) -> dict[str, Any]:
    """A service's description with these operations and every shape that they can reach."""
    kept = {name: model["operations"][name] for name in operations}
    reached: set[str] = set()
    ahead = shapes_named_in(kept)
    while ahead:
        reached |= ahead
        ahead = shapes_named_in([model["shapes"][name] for name in ahead]) - reached
    shapes = {name: shape for name, shape in model["shapes"].items() if name in reached}
    return model | {"operations": kept, "shapes": shapes}


def shapes_named_in(node: Any) -> set[str]:
    """Every shape that this part of a description refers to."""
    if isinstance(node, dict):
        own = {node["shape"]} if isinstance(node.get("shape"), str) else set()
        return own.union(*map(shapes_named_in, node.values()))
    return set().union(*map(shapes_named_in, node)) if isinstance(node, list) else set()


def remove(path: Path) -> None:
    """A file or a whole folder."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()
