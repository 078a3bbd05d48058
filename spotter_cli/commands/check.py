"""`spotter check`: findings about requests for spot training, before or after they are sent."""

from typing import Annotated

import typer

from spotter_cli.options import Json, PolicyFile, StackOptions, with_stack_options
from spotter_cli.output.terminal import show

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE|FOLDER|JOB...",
        help="Python scripts, notebooks, requests in JSON or YAML, state machines, folders of them, "
        "- for standard input, or names of jobs.",
        show_default=False,
    ),
]
Offline = Annotated[bool, typer.Option("--offline", help="Call no AWS API.")]


@with_stack_options
def check(
    sources: Sources,
    offline: Offline = False,
    policy: PolicyFile = None,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """List what SageMaker would refuse in a training request, and what is unwise on spot.

    Each finding has its remedy. The exit code is 3 if anything is refused or unwise.
    """
    from spotter_cli.check import command
    from spotter_cli.check.account_checks import AccountLookup

    account = None if offline else AccountLookup(*target)
    facts = command.check_sources(sources, account, policy)
    show(facts if json else command.in_words(facts))
    raise typer.Exit(command.exit_code(facts))
