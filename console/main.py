"""`spotter`: what people type."""

import os
import signal
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from console.commands import alerts, carrying, check, laptop, looking, paying, policy
from console.deployed import CannotBeDone
from console.output import say
from laptop import lifeline

ENDED_BY = ("SIGTERM", "SIGHUP")
"""A terminal that is closed sends SIGHUP; Windows has none."""

app = typer.Typer(
    help="Spotter watches SageMaker managed spot training, and carries jobs on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    looking.jobs,
    looking.timeline,
    alerts.alerts,
    paying.savings,
    paying.market,
    paying.report,
    carrying.explain,
    carrying.pause,
    carrying.resume,
    check.check,
    laptop.demo,
):
    app.command()(command)
app.add_typer(policy.app, name="policy")
app.add_typer(laptop.app, name="laptop")


@app.callback()
def spotter(
    _: Annotated[
        bool, typer.Option("--version", callback=lambda said: _version(said), is_eager=True)
    ] = False,
) -> None:
    """Spotter watches SageMaker managed spot training, and carries jobs on."""


def _version(said: bool) -> None:
    if said:
        typer.echo(version("spotter"))
        raise typer.Exit


def main() -> None:
    """The console script; what cannot be done is one line and exit code 1.

    Whoever ends it, by whatever signal, ends what it started, too.
    """
    for number in (getattr(signal, name) for name in ENDED_BY if hasattr(signal, name)):
        if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    if os.environ.get(lifeline.ENDS_WITH_PARENT):
        lifeline.end_with_parent()
    try:
        app()
    except Exception as reason:
        if not _is_an_answer(reason):
            raise
        say(str(reason))
        sys.exit(1)


def _is_an_answer(reason: Exception) -> bool:
    """True of what is for the user to mend, and no mistake of ours."""
    from laptop.place import NotReady
    from spotter.core.policy_file import PolicyMistakes
    from spotter.shell.lineages import NotInTheLedger

    return isinstance(reason, NotReady | PolicyMistakes | NotInTheLedger | CannotBeDone)
