"""The training jobs that a Python script asks for, read from its text; nothing of it is executed.

Estimators and ModelTrainers of the SageMaker Python SDK, and boto3's `create_training_job`. What the
script computes is unknown, and so is what a defaults file of the SDK may add.
"""

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from console.checking import sdk
from console.checking.constants import Constants
from console.checking.names import Names
from console.checking.objects import Objects
from console.checking.request import Open, Request, Unknown, member

TRAINER = "ModelTrainer"
MOST = 100
NAMED = {"TrainingJobName": "base_job_name"}
DEFAULT_PLACE = Unknown("the SDK makes it from its default bucket")


class NotAScript(ValueError):
    """The text is not Python; the sentence says where it ceases to be."""


def requests(source: bytes, named: str) -> list[Request]:
    """Every training job that can be seen in a script, in its order; NotAScript if it is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except SyntaxError as mistake:
        where = f"line {mistake.lineno}: " if mistake.lineno else ""
        raise NotAScript(f"{where}{mistake.msg}") from None
    except (ValueError, RecursionError, MemoryError) as mistake:
        raise NotAScript(str(mistake) or "it is nested too deep") from None
    found = list(islice(Script(Names(tree), named).requests(), MOST + 1))
    if len(found) > MOST:
        raise NotAScript(f"it asks for more than {MOST} jobs")
    return found


@dataclass
class Script:
    """One script, and how its jobs are asked for."""

    names: Names
    named: str

    def __post_init__(self) -> None:
        self.constants = Constants(self.names)
        self.objects = Objects(self.names, self.constants)
        nodes = self.names.parents
        self.classes = {node.name: node for node in nodes if isinstance(node, ast.ClassDef)}

    def requests(self) -> Iterator[Request]:
        calls = [node for node in self.names.parents if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda one: (one.lineno, one.col_offset)):
            if getattr(call.func, "attr", "") == "create_training_job":
                yield self._boto3(call)
            elif (name := self._class(call)) == TRAINER:
                yield self._trainer(call)
            elif name in sdk.ESTIMATORS or name in sdk.FIRST_PARTY:
                yield self._estimator(call, name)

    def _class(self, call: ast.Call) -> str:
        """The SDK's class that is called, also through a class of the script's own."""
        if found := sdk.ours(self.names.dotted(call.func)):
            return found
        own = self._own_class(call)
        return sdk.ours(self.names.dotted(own.bases[0])) if own and own.bases else ""

    def _own_class(self, call: ast.Call) -> ast.ClassDef | None:
        return self.classes.get(getattr(call.func, "id", ""))

    def _arguments(self, call: ast.Call) -> dict[str, Any]:
        """What is given; open where a class of the script's own may add to it."""
        given = self.constants.arguments(call, sdk.positions(self.names.dotted(call.func)))
        own = self._own_class(call)
        return (
            Open(given, f"the class {own.name} in line {own.lineno} may set it") if own else given
        )

    def _boto3(self, call: ast.Call) -> Request:
        members = self.constants.arguments(call)
        named = f"{self.named}, line {call.lineno} (create_training_job)"
        return Request(named, members, call.lineno, _lines(call))

    def _estimator(self, call: ast.Call, name: str) -> Request:
        given = self._arguments(call)
        said = {sdk.BEFORE_2.get(key, key): value for key, value in given.items()}
        said = Open(said, given.why) if isinstance(given, Open) else said
        said = self.objects.as_it_stays(call, said)
        if not isinstance(said, Open):
            said = {"max_run": sdk.RUN_OF_AN_ESTIMATOR} | said
        members = _nested(said, sdk.FROM_ESTIMATOR)
        if not _there(said, "max_wait"):  # the SDK leaves out 0, too
            members.get("StoppingCondition", {}).pop("MaxWaitTimeInSeconds", None)
        if not _there(said, "checkpoint_s3_uri"):  # the SDK leaves out the folder without it
            members.pop("CheckpointConfig", None)
        return self._request(call, name, said, members, sdk.FROM_ESTIMATOR)

    def _trainer(self, call: ast.Call) -> Request:
        said = self.objects.as_it_stays(call, self._arguments(call))
        members = _nested(said, sdk.FROM_TRAINER)
        for name, value in self.objects.later(call):
            members[name] = value
        _add_defaults(members)
        _spot_of_the_compute(members)
        _default_place(members)
        return self._request(call, TRAINER, said, members, sdk.FROM_TRAINER)

    def _request(
        self,
        call: ast.Call,
        kind: str,
        said: Mapping[str, Any],
        members: dict[str, Any],
        paths: Mapping[str, str],
    ) -> Request:
        """What all classes of the SDK have in common: who names the job, its role and its image."""
        members["TrainingJobName"] = self.objects.name(call)
        stem = said.get("base_job_name")
        image = said.get("image_uri") or said.get("training_image")
        looked_up = image.name if isinstance(image, sdk.LookedUp) else ""
        known = sdk.FIRST_PARTY.get(kind) or looked_up or None
        if kind == "JumpStartEstimator" and image is None:
            members["AlgorithmSpecification"] = Unknown("the SDK looks the image up")
        self._mend(members)
        lines = _lines(call)
        return Request(
            f"{self.named}, line {call.lineno} ({kind})",
            members,
            call.lineno,
            {path: lines[parameter] for parameter, path in paths.items() if parameter in lines},
            {path: parameter for parameter, path in paths.items()} | NAMED,
            whole=False,
            stem=stem if isinstance(stem, str) else None,
            algorithm=known,
            owner=self._owner(call),
        )

    def _mend(self, members: dict[str, Any]) -> None:
        """What the SDK understands and SageMaker would not: a role's name, tags as a mapping, local mode."""
        role = members.get("RoleArn")
        if isinstance(role, str) and not role.startswith("arn:"):
            members["RoleArn"] = Unknown("the SDK looks the role up by its name")
        tags = members.get("Tags")
        if isinstance(tags, dict) and not isinstance(tags, Open):
            members["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
        resources = members.get("ResourceConfig")
        if isinstance(resources, dict):
            kind = resources.get("InstanceType")
            if isinstance(kind, str) and kind.startswith("local"):
                local = Unknown("it is local mode, which makes no job")
                members["ResourceConfig"] = resources | {"InstanceType": local}

    def _owner(self, call: ast.Call) -> str | None:
        """Pipelines, where the session is a PipelineSession."""
        session = next((k.value for k in call.keywords if k.arg == "sagemaker_session"), None)
        if isinstance(session, ast.Name):
            session = self.names.value(session)
        made = sdk.ours(self.names.dotted(session.func)) if isinstance(session, ast.Call) else ""
        return "SageMaker Pipelines" if made == "PipelineSession" else None


def _lines(call: ast.Call) -> dict[str, int]:
    """The line of each argument that is given by its name."""
    return {one.arg: one.value.lineno for one in call.keywords if one.arg}


def _nested(said: Mapping[str, Any], paths: Mapping[str, str]) -> dict[str, Any]:
    """The members of a request; an unknown rest of the parameters leaves every place open."""
    why = said.why if isinstance(said, Open) else None
    found: dict[str, Any] = Open({}, why) if why else {}
    for parameter, path in paths.items():
        top, _, inner = path.partition(".")
        value = said.get(parameter)
        if inner and (value is not None or why):
            held = found.setdefault(top, Open({}, why) if why else {})
            if value is not None:
                held[inner] = value
        elif value is not None:
            found[top] = value
    return found


def _there(said: Mapping[str, Any], parameter: str) -> bool:
    """False only if it is known to be left out, or empty."""
    return (isinstance(said, Open) and parameter not in said) or bool(said.get(parameter))


def _add_defaults(members: dict[str, Any]) -> None:
    """What a ModelTrainer takes where its script is silent; no type beside several."""
    for name, defaults in sdk.DEFAULTS.items():
        held = member(members, name) or {}
        if isinstance(held, dict) and not isinstance(held, Open) and not sdk.SEVERAL & set(held):
            members[name] = defaults | held


def _spot_of_the_compute(members: dict[str, Any]) -> None:
    """Compute carries the flag, and the request has it at its top."""
    compute = member(members, "ResourceConfig")
    flag = compute
    if isinstance(compute, dict):
        flag = member(compute, sdk.SPOT)
        kept = {name: value for name, value in compute.items() if name != sdk.SPOT}
        members["ResourceConfig"] = Open(kept, compute.why) if isinstance(compute, Open) else kept
    if flag is not None:
        members[sdk.SPOT] = flag


def _default_place(members: dict[str, Any]) -> None:
    """A CheckpointConfig without s3_uri gets a place of the job's own."""
    config = members.get("CheckpointConfig")
    if isinstance(config, dict) and "S3Uri" not in config:
        members["CheckpointConfig"] = config | {"S3Uri": DEFAULT_PLACE}
