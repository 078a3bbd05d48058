"""The arguments and options that several commands share, each with the same name and help everywhere."""

import inspect
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_type_hints

import typer

from spotter.core.model.endings import Ending
from spotter.core.model.job_states import FINISHED, RUNNING
from spotter.core.model.timeline import ORDER
from spotter_cli.stack.job_lookup import complete

Job = Annotated[
    str,
    typer.Argument(
        help="The name of any attempt of the lineage, or its beginning if only one lineage has it.",
        autocompletion=complete,
    ),
]
Since = Annotated[
    str, typer.Option(help="Only jobs created since then: 24h (ago), 7d, 2026-11-23, ...")
]
Until = Annotated[str, typer.Option(help="Only jobs created before then.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="A policy file to use in place of the deployed policy."),
]
Name = Annotated[str, typer.Option(help="The beginning of a job's name, or a pattern: nightly-*")]
InstanceType = Annotated[str, typer.Option(help="An instance type or a pattern: ml.g5.*")]
PriceFile = Annotated[
    Path | None,
    typer.Option("--prices", help="A file of spotter prices to use in place of the deployed one."),
]
GroupBy = Annotated[
    list[str] | None,
    typer.Option(
        help="month, week, day (in UTC), type (instance type), user or tag:KEY; may be repeated. "
        "By default type, and each tag that the policy records."
    ),
]
Tags = Annotated[
    list[str] | None,
    typer.Option(
        "--tag",
        metavar="KEY=VALUE",
        help="Only jobs with this tag, of those that the policy's recorded_tags keep; may be repeated.",
    ),
]
Interval = Annotated[
    int, typer.Option(min=1, max=3600, help="Seconds between two reads of what is shown.")
]
Logs = Annotated[
    int | None,
    typer.Option("--logs", min=1, max=10_000, help="Also show the last so many lines of the log."),
]
_STATUSES = ("InProgress", "Completed", "Failed", "Stopping", "Stopped")
JobState = StrEnum(  # type: ignore[misc]
    "JobState",
    [(one, one) for one in dict.fromkeys((RUNNING, FINISHED, *_STATUSES, *ORDER, *Ending))],
)
"""running, finished, a TrainingJobStatus, a SecondaryStatus, or an ending."""
SHIPPED = Path("spotter.toml")


class StackOptions(NamedTuple):
    """Which deployed stack a command works with. Each field is an option."""

    stack: Annotated[
        str,
        typer.Option(envvar="SPOTTER_STACK", help="The name of Spotter's CloudFormation stack."),
    ] = "Spotter"
    region: Annotated[
        str | None,
        typer.Option(envvar="AWS_REGION", help="The AWS Region; by default the profile's."),
    ] = None
    profile: Annotated[str | None, typer.Option(help="The profile in the AWS configuration.")] = (
        None
    )


def with_stack_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command takes the options of StackOptions where it has the parameter `target`."""
    declared = inspect.signature(command)
    hints = get_type_hints(StackOptions, include_extras=True)
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=StackOptions._field_defaults[name],
            annotation=hints[name],
        )
        for name in StackOptions._fields
    ]

    @wraps(command)
    def typed(**given: Any) -> None:
        target = StackOptions(*(given.pop(name) for name in StackOptions._fields))
        command(target=target, **given)

    parameters: list[inspect.Parameter] = []
    for one in declared.parameters.values():
        parameters += options if one.name == "target" else [one]
    vars(typed)["__signature__"] = declared.replace(parameters=parameters)
    typed.__annotations__ = {one.name: one.annotation for one in parameters}
    return typed


def one_of(value: str, allowed: Iterable[str], option: str) -> None:
    """A usage error that lists the allowed values; an empty value means that the option is not set."""
    known = tuple(allowed)
    if value and value.lower() not in map(str.lower, known):
        listed = ", ".join(known)
        raise typer.BadParameter(f'"{value}" is none of {listed}', param_hint=option)


def tag_pairs(given: Iterable[str] | None) -> tuple[tuple[str, str], ...]:
    """`team=vision`; only the first = separates, since a value may hold more."""
    found = []
    for one in given or ():
        key, separator, value = one.partition("=")
        if not (key and separator):
            raise typer.BadParameter(f'"{one}" is not KEY=VALUE', param_hint="--tag")
        found.append((key, value))
    return tuple(found)


def _not_blank(reason: str) -> str:
    if not reason.strip():
        raise typer.BadParameter("give a reason: everybody whose jobs wait reads it")
    return reason


Reason = Annotated[
    str, typer.Argument(help="Why, for everybody whose jobs wait.", callback=_not_blank)
]
