"""Requests in a JSON or YAML document, or a message that names what the document is instead.

A request for CreateTrainingJob, an answer of DescribeTrainingJob, a tuning job, states of a Step
Functions state machine and steps of a SageMaker pipeline that train or tune (both also inside a
CloudFormation template), and a TrainingJob of the Kubernetes controller (ACK).
https://states-language.net/spec.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sagemaker-pipeline.html
https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from botocore.model import ListShape, Shape, StructureShape

from spotter.aws import api_model
from spotter.core.check.request import Open, PartlyKnown, Request, Unknown
from spotter_cli.check import intrinsics, tuning_jobs
from spotter_cli.check.templates import JINJA, SUBSTITUTED, opened

TRAINING_TASK = "sagemaker:createTrainingJob"
TUNING_TASK = "sagemaker:createHyperParameterTuningJob"
FILLED = "Step Functions fills it in from its input"
IN_PIPELINE = "the pipeline fills it in"
REPLACED = "CloudFormation or a template fills it in later"
OWNERS = ("TuningJobArn", "AutoMLJobArn", "LabelingJobArn")
"""Members of Describe's answer that name the service to which a job belongs."""

DEEPEST = 40
Document = Mapping[str, Any]


class NotARequest(ValueError):
    """The document requests no training job; the message names what it is."""


def requests(document: Any, named: str) -> list[Request]:
    """Every training job that a document requests; NotARequest if there is none."""
    if isinstance(document, list) and document and all(map(_is_request, document)):
        numbered = enumerate(document, 1)
        return [_request(one, f"{named}, request {number}") for number, one in numbered]
    if not isinstance(document, Mapping):
        raise NotARequest("is no request: an object with CreateTrainingJob's members is wanted")
    if _is_described(document):
        return [request_of(dict(document), named)]
    if _is_request(document):
        return [_request(document, named)]
    kind, found = _other(document, named)
    if not found:
        raise NotARequest(f"is {kind}")
    return found


def request_of(given: dict[str, Any], named: str) -> Request:
    """A request for CreateTrainingJob, or what DescribeTrainingJob answered about one."""
    if not _is_described(given):
        return Request(named, given)
    shared = (*api_model.members_of_request_and_answer(), "Tags", *OWNERS)
    members = {name: given[name] for name in shared if name in given}
    return Request(named, members, accepted=True)


def _is_described(document: Document) -> bool:
    return {"TrainingJobArn", "TrainingJobStatus"} <= document.keys()


def _is_request(document: Any) -> bool:
    known = api_model.request_shape("CreateTrainingJob").members
    return isinstance(document, Mapping) and bool(known.keys() & document.keys())


def _request(document: Document, named: str, **more: Any) -> Request:
    members = opened(document, JINJA, SUBSTITUTED, why=REPLACED)
    return Request(named, members, **more)


def _other(document: Document, named: str) -> tuple[str, list[Request]]:
    """What another document is, and the requests in it."""
    if "StartAt" in document and isinstance(document.get("States"), Mapping):
        return _STATES, list(_states(document, named))
    if "AWSTemplateFormatVersion" in document or _has_resources(document):
        return _TEMPLATE, list(_template(document, named))
    if {"HyperParameterTuningJobName", "HyperParameterTuningJobConfig"} & document.keys():
        return "a request for a tuning job without a training job", list(_tuning(document, named))
    if "Steps" in document and "Version" in document:
        return "a SageMaker pipeline without a training or tuning step", list(
            _pipeline(document, named)
        )
    if "apiVersion" in document:
        kind = f"a Kubernetes {document.get('kind')} and no TrainingJob of SageMaker's controller"
        return kind, list(_controller(document, named))
    return next((kind for keys, kind in _KINDS if keys <= document.keys()), _NOTHING), []


_STATES = (
    "a state machine of Step Functions, and none of its states creates a training or tuning job"
)
_TEMPLATE = (
    "a CloudFormation template, and no state machine or pipeline whose definition stands in it "
    "creates a training or tuning job"
)
_NOTHING = "no request: it has none of CreateTrainingJob's members"
_KINDS: tuple[tuple[set[str], str], ...] = (
    ({"detail-type", "detail"}, "an event of EventBridge, and no request"),
    ({"TrainingJobSummaries"}, "an answer of ListTrainingJobs, and no request"),
    ({"cells", "nbformat"}, "a notebook, and no request: name it .ipynb"),
    ({"openapi"}, "an OpenAPI document, and no request"),
    ({"Version", "Statement"}, "an IAM policy, and no request"),
    ({"dependencies"}, "a list of packages, and no request"),
)


def _states(machine: Document, named: str, depth: int = 0) -> Iterator[Request]:
    """The requests of states that train or tune, those of branches and of maps too."""
    states = machine.get("States")
    for name, state in states.items() if isinstance(states, Mapping) and depth < DEEPEST else ():
        if not isinstance(state, Mapping):
            continue
        resource = str(state.get("Resource", ""))
        if TRAINING_TASK in resource:
            yield _training_task(state, f"{named}, state {name}")
        elif TUNING_TASK in resource:
            yield from _tuning(_given(state), f"{named}, state {name}")
        inner = [*_list(state.get("Branches")), state.get("Iterator"), state.get("ItemProcessor")]
        for one in inner:
            if isinstance(one, Mapping):
                yield from _states(one, named, depth + 1)


def _training_task(state: Document, named: str) -> Request:
    return replace(_request(_given(state), named), owner="Step Functions")


def _given(state: Document) -> dict[str, Any]:
    """What a state passes to the API, without knowing what its input fills in."""
    given = state.get("Parameters") or state.get("Arguments")
    return _members(_paths(given), FILLED)


def _members(given: Any, why: str) -> dict[str, Any]:
    """The members of a request; of one that something else makes as a whole, none is known."""
    if isinstance(given, dict):
        return given
    return Open({}, given.why if isinstance(given, Unknown) else why)


def _paths(value: Any, depth: int = 0) -> Any:
    """`"TrainingJobName.$": "$.name"` is a TrainingJobName that is not known yet."""
    if isinstance(value, Mapping) and depth < DEEPEST:
        if any(str(key).startswith("Fn::") or key == "Ref" for key in value):
            return intrinsics.of_template(value, REPLACED)
        return {
            str(key).removesuffix(".$"): intrinsics.value(one, FILLED)
            if str(key).endswith(".$")
            else _paths(one, depth + 1)
            for key, one in value.items()
        }
    if isinstance(value, str):
        return intrinsics.expression(value, FILLED)
    return [_paths(one, depth + 1) for one in value] if isinstance(value, list) else value


def _has_resources(document: Document) -> bool:
    held = document.get("Resources")
    kinds = held.values() if isinstance(held, Mapping) else ()
    return any(isinstance(r, Mapping) and "::" in str(r.get("Type")) for r in kinds)


def _template(document: Document, named: str) -> Iterator[Request]:
    """The state machines and pipelines of a template whose definition stands in it."""
    held = document.get("Resources")
    for name, resource in held.items() if isinstance(held, Mapping) else ():
        properties = resource.get("Properties") if isinstance(resource, Mapping) else None
        if not isinstance(properties, Mapping):
            continue
        machine = properties.get("Definition") or _definition(properties.get("DefinitionString"))
        if isinstance(machine, Mapping):
            yield from _states(machine, f"{named}, {name}")
        body = properties.get("PipelineDefinition")
        body = body.get("PipelineDefinitionBody") if isinstance(body, Mapping) else None
        if isinstance(pipeline := _definition(body), Mapping):
            yield from _pipeline(pipeline, f"{named}, {name}")


def _definition(given: Any) -> Any:
    """A definition in a text, also one that CloudFormation substitutes or joins."""
    if isinstance(given, Mapping) and "Fn::Sub" in given:
        given = given["Fn::Sub"]
        given = given[0] if isinstance(given, list) and given else given
    elif isinstance(given, Mapping) and "Fn::Join" in given:
        pieces = [*_list(given["Fn::Join"]), [], []][1]
        given = "".join(one if isinstance(one, str) else "${Ref}" for one in _list(pieces))
    elif isinstance(given, PartlyKnown):
        given = "".join(one if isinstance(one, str) else "${Ref}" for one in given.parts)
    try:
        return json.loads(given) if isinstance(given, str) else None
    except (ValueError, RecursionError):
        return None


def _tuning(document: Document, named: str) -> Iterator[Request]:
    """The training jobs of a tuning job, which belong to it: they have no name of their own."""
    for members in tuning_jobs.definitions(document):
        found = _request(members, f"{named}, training job definition", whole=False)
        yield replace(found, owner="hyperparameter tuning")


def _pipeline(document: Document, named: str) -> Iterator[Request]:
    """The requests of a pipeline's steps that train or tune."""
    for step in _steps(document.get("Steps")):
        kind, members = step.get("Type"), _members(_gets(step.get("Arguments")), REPLACED)
        called = f"{named}, step {step.get('Name')}"
        if kind == "Training":
            found = _request(members, called, whole=False)
            yield replace(found, owner="SageMaker Pipelines")
        elif kind == "Tuning":
            yield from _tuning(members, called)


def _steps(given: Any, depth: int = 0) -> Iterator[Document]:
    """Steps in their order, those of either side of a condition too.

    https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html
    """
    for step in _list(given) if depth < DEEPEST else ():
        if not isinstance(step, Mapping):
            continue
        yield step
        arguments = step.get("Arguments")
        if step.get("Type") == "Condition" and isinstance(arguments, Mapping):
            for side in ("IfSteps", "ElseSteps"):
                yield from _steps(arguments.get(side), depth + 1)


def _gets(value: Any, depth: int = 0) -> Any:
    """`{"Get": "Parameters.Count"}` is a value that the pipeline fills in."""
    if isinstance(value, Mapping) and depth < DEEPEST:
        if "Std:Join" in value:
            return intrinsics.of_pipeline(value["Std:Join"], IN_PIPELINE)
        if value.keys() & {"Get", "Std:JsonGet"}:
            return Unknown(IN_PIPELINE)
        return {key: _gets(one, depth + 1) for key, one in value.items()}
    return [_gets(one, depth + 1) for one in value] if isinstance(value, list) else value


def _controller(document: Document, named: str) -> Iterator[Request]:
    """A TrainingJob of the controller: the API's members, spelled `trainingJobName`, `roleARN`.

    https://aws-controllers-k8s.github.io/community/reference/sagemaker/v1alpha1/trainingjob/
    """
    spec = document.get("spec")
    group = str(document.get("apiVersion")).startswith("sagemaker.services.k8s.aws/")
    if group and document.get("kind") == "TrainingJob" and isinstance(spec, Mapping):
        yield _request(_respelled(spec, api_model.request_shape("CreateTrainingJob")), named)


def _respelled(value: Any, shape: Shape) -> Any:
    """The names of the API for names that differ in their case only."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        spelled = {name.lower(): name for name in shape.members}
        named = {spelled.get(str(key).lower(), str(key)): one for key, one in value.items()}
        known = shape.members
        return {k: _respelled(v, known[k]) if k in known else v for k, v in named.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_respelled(one, shape.member) for one in value]
    return value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
