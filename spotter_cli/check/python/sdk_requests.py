"""The members of the request that the SageMaker SDK makes of an object's arguments."""

from collections.abc import Mapping
from typing import Any

from spotter.core.check.request import Open, Unknown, member
from spotter_cli.check import sdk_parameters

LATER = {"with_checkpoint_config": "CheckpointConfig", "with_retry_strategy": "RetryStrategy"}
"""Methods of a ModelTrainer that give a member of the request."""
MODEL = "the SDK takes it from the JumpStart model"
DEFAULT_PLACE = Unknown("the SDK makes it from its default bucket")
FROM_JUMPSTART = ("ResourceConfig", "AlgorithmSpecification", "Environment", "HyperParameters")


def of_estimator(arguments: dict[str, Any], kind: str) -> dict[str, Any]:
    named_anew = {sdk_parameters.BEFORE_2.get(key, key): value for key, value in arguments.items()}
    arguments = Open(named_anew, arguments.why) if isinstance(arguments, Open) else named_anew
    if not isinstance(arguments, Open):
        arguments = {"max_run": sdk_parameters.RUN_OF_AN_ESTIMATOR} | arguments
    members = sdk_parameters.nested(arguments, sdk_parameters.FROM_ESTIMATOR)
    if not _there(arguments, "max_wait"):  # the SDK leaves out 0, too
        members.get("StoppingCondition", {}).pop("MaxWaitTimeInSeconds", None)
    if not _there(arguments, "checkpoint_s3_uri"):  # the SDK leaves out the folder without it
        members.pop("CheckpointConfig", None)
    if kind == "JumpStartEstimator":
        for name in FROM_JUMPSTART:
            held = members.get(name)
            members[name] = Open(held if isinstance(held, dict) else {}, MODEL)
    return members


def of_trainer(arguments: dict[str, Any]) -> dict[str, Any]:
    members = sdk_parameters.nested(arguments, sdk_parameters.FROM_TRAINER)
    for name in LATER.values():
        if name in arguments:
            members[name] = arguments[name]
    _add_defaults(members)
    _spot_of_the_compute(members)
    _default_place(members)
    return members


def mend(members: dict[str, Any]) -> None:
    """What the SDK understands and SageMaker would not: a role's name, other forms of tags, numbers
    as hyperparameters (it writes them as JSON), and what else a Networking holds than its VpcConfig.
    """
    role = members.get("RoleArn")
    if isinstance(role, str) and not role.startswith("arn:"):
        members["RoleArn"] = Unknown("the SDK looks the role up by its name")
    if "Tags" in members:
        members["Tags"] = _tags(members["Tags"])
    given = members.get("HyperParameters")
    if isinstance(given, dict):
        written = {key: _written(value) for key, value in given.items()}
        members["HyperParameters"] = (
            Open(written, given.why) if isinstance(given, Open) else written
        )
    network = members.get("VpcConfig")
    if isinstance(network, dict):
        kept = {key: network[key] for key in ("Subnets", "SecurityGroupIds") if key in network}
        members["VpcConfig"] = Open(kept, network.why) if isinstance(network, Open) else kept


def _tags(given: Any) -> Any:
    """The API's tags for a mapping, for pairs (of `@remote`), and for objects that spell `key` and `value`."""
    if isinstance(given, Open):
        return Unknown(given.why)
    if isinstance(given, dict):
        return [{"Key": key, "Value": value} for key, value in given.items()]
    return [_tag(one) for one in given] if isinstance(given, list) else given


def _tag(given: Any) -> Any:
    if isinstance(given, dict):
        return sdk_parameters.members_of(given, "Tag")
    pair = isinstance(given, list | tuple) and len(given) == 2
    return {"Key": given[0], "Value": given[1]} if pair else given


def _written(value: Any) -> Any:
    """A hyperparameter as SageMaker gets it."""
    if isinstance(value, str | Unknown):
        return value
    return Unknown("the SDK writes it as JSON") if isinstance(value, dict | list) else str(value)


def is_local(members: Mapping[str, Any]) -> bool:
    resources = members.get("ResourceConfig")
    kind = resources.get("InstanceType") if isinstance(resources, dict) else None
    return isinstance(kind, str) and kind.startswith("local")


def _there(arguments: Mapping[str, Any], parameter: str) -> bool:
    """False only if it is known to be left out, or empty."""
    return (isinstance(arguments, Open) and parameter not in arguments) or bool(
        arguments.get(parameter)
    )


def _add_defaults(members: dict[str, Any]) -> None:
    """What a ModelTrainer takes where its script is silent; no type beside several."""
    for name, defaults in sdk_parameters.DEFAULTS.items():
        held = member(members, name)
        held = {} if held is None else held
        if (
            isinstance(held, dict)
            and not isinstance(held, Open)
            and not sdk_parameters.SEVERAL & set(held)
        ):
            members[name] = defaults | held


def _spot_of_the_compute(members: dict[str, Any]) -> None:
    """Compute has the flag, and in the request it is at the top level."""
    compute = member(members, "ResourceConfig")
    flag = compute
    if isinstance(compute, dict):
        flag = member(compute, sdk_parameters.SPOT)
        kept = {name: value for name, value in compute.items() if name != sdk_parameters.SPOT}
        members["ResourceConfig"] = Open(kept, compute.why) if isinstance(compute, Open) else kept
    if flag is not None:
        members[sdk_parameters.SPOT] = flag


def _default_place(members: dict[str, Any]) -> None:
    """A CheckpointConfig without s3_uri gets a place of the job's own."""
    config = members.get("CheckpointConfig")
    if isinstance(config, dict) and member(config, "S3Uri") is None:
        members["CheckpointConfig"] = config | {"S3Uri": DEFAULT_PLACE}
