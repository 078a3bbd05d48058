"""`spotter`: what people type."""

import os
import signal
import sys
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from spotter_cli.commands import alerts, check, costs, jobs, laptop, policy, resubmission
from spotter_cli.errors import CannotBeDone
from spotter_cli.output.terminal import say

ENDED_BY = ("SIGTERM", "SIGHUP")
"""A terminal that is closed sends SIGHUP; Windows has none."""
ENDS_WITH_PARENT = "SPOTTER_ENDS_WITH_PARENT"
"""Set by make and by the tests, in a checkout: the command ends when the process that started it does."""

app = typer.Typer(
    help="Spotter watches SageMaker managed spot training, and carries jobs on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    jobs.jobs,
    jobs.timeline,
    alerts.alerts,
    costs.savings,
    costs.market,
    costs.report,
    resubmission.explain,
    resubmission.pause,
    resubmission.resume,
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
        typer.echo(version("sagemaker-spotter"))
        raise typer.Exit


def main() -> None:
    """The console script; what cannot be done is one line and exit code 1.

    Whoever ends it, by whatever signal, ends what it started, too.
    """
    for number in (getattr(signal, name) for name in ENDED_BY if hasattr(signal, name)):
        if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    if os.environ.get(ENDS_WITH_PARENT):
        from laptop import lifeline

        lifeline.end_with_parent()
    piped = sys.stdout
    try:
        app()
    except SystemExit:
        if sys.stdout is not piped:  # Typer puts another in place of a pipe that was closed
            sys.stdout, sys.stderr = piped, sys.__stderr__ or sys.stderr
            _end_without_output("The output was closed before all of it was written.")
        _flush()
        raise
    except OSError as reason:
        _end_without_output(f"The output cannot be written: {reason.strerror or reason}.")
    except Exception as reason:
        if not _is_an_answer(reason):
            raise
        say(str(reason))
        sys.exit(1)


def _flush() -> None:
    """What a full disk refuses is known now, and not when Python ends."""
    try:
        sys.stdout.flush()
    except OSError as reason:
        _end_without_output(f"The output cannot be written: {reason.strerror or reason}.")


def _end_without_output(sentence: str) -> NoReturn:
    """One sentence, and nothing more to where nothing can be written."""
    say(sentence)
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)


def _is_an_answer(reason: Exception) -> bool:
    """True of what is for the user to mend, and no mistake of ours."""
    from spotter.aws.reports.lineages import NotInTheLedger
    from spotter.core.policy.parse import PolicyMistakes

    return isinstance(reason, PolicyMistakes | NotInTheLedger | CannotBeDone)
