"""`spotter`: the command line."""

import os
import signal
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import Annotated, NoReturn

import typer

from spotter.core.version import VERSION
from spotter_cli.commands import (
    alerts,
    check,
    continuation,
    demo,
    doctor,
    explain,
    export,
    finish,
    jobs,
    laptop,
    logs,
    market,
    pause,
    plan,
    policy,
    prices,
    rehearse,
    replay,
    report,
    resume,
    savings,
    timeline,
)
from spotter_cli.errors import CommandError
from spotter_cli.output.terminal import print_note

ENDED_BY = ("SIGTERM", "SIGHUP")
"""A terminal that is closed sends SIGHUP; Windows has none."""
ENDS_WITH_PARENT = "SPOTTER_ENDS_WITH_PARENT"
"""Set by make and by the tests, in a checkout: the command ends when the process that started it does."""

app = typer.Typer(
    help="Spotter watches SageMaker managed spot training, and resubmits jobs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    jobs.jobs,
    timeline.timeline,
    logs.logs,
    alerts.alerts,
    savings.savings,
    prices.prices,
    market.market,
    report.report,
    export.export,
    explain.explain,
    finish.finish,
    plan.plan,
    pause.pause,
    resume.resume,
    continuation.continue_,
    doctor.doctor,
    check.check,
    rehearse.rehearse,
    replay.replay,
    demo.demo,
):
    app.command("continue" if command is continuation.continue_ else None)(command)
app.add_typer(policy.app, name="policy")
app.add_typer(laptop.app, name="laptop")


@app.callback()
def spotter(
    _: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda wanted: _version(wanted),
            is_eager=True,
            help="Print the version.",
        ),
    ] = False,
) -> None:
    """Spotter watches SageMaker managed spot training, and resubmits jobs."""


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(VERSION)
        raise typer.Exit


def main() -> None:
    """The console script. An error for the user is one line on standard error, with exit code 1.

    A signal that ends this process also ends the processes that it started.
    """
    for number in (getattr(signal, name) for name in ENDED_BY if hasattr(signal, name)):
        if signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    if os.environ.get(ENDS_WITH_PARENT):
        from laptop import parent_watch

        parent_watch.end_with_parent()
    _prepare_output()
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
        if _is_of_the_network(reason):
            print_note(f"AWS did not answer: {reason}. Try again.")
            sys.exit(1)
        _end_without_output(f"The output cannot be written: {reason.strerror or reason}.")
    except Exception as reason:
        if not _is_for_the_user(reason):
            raise
        print_note(str(reason))
        sys.exit(1)


def _prepare_output() -> None:
    """What the output cannot write is `?`. Python has none where it was closed: one that refuses each write takes its place."""
    if sys.stdout is None:
        sys.stdout = open(os.open(os.devnull, os.O_RDONLY), "w")  # noqa: PTH123, SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _flush() -> None:
    """Flush the output: an error such as a full disk is reported here, and not when Python ends."""
    try:
        sys.stdout.flush()
    except OSError as reason:
        _end_without_output(f"The output cannot be written: {reason.strerror or reason}.")


def _end_without_output(sentence: str) -> NoReturn:
    """Print one sentence on standard error; nothing more is written to standard output."""
    print_note(sentence)
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)


def _is_of_the_network(reason: OSError) -> bool:
    """True of botocore's timeouts, which are OSErrors, too."""
    from botocore.exceptions import BotoCoreError

    return isinstance(reason, BotoCoreError)


def _is_for_the_user(reason: Exception) -> bool:
    """True if the message tells the user what to do: no traceback is needed."""
    from spotter.aws.reports.lineages import JobNotFound
    from spotter.core.policy.parse import PolicyMistakes

    return isinstance(reason, PolicyMistakes | JobNotFound | CommandError)
