"""`spotter rehearse`: whether a training script continues after interruptions, tried on this machine."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spotter.core.model.times import duration
from spotter_cli.options import Json, PriceFile
from spotter_cli.output.terminal import show

if TYPE_CHECKING:
    from spotter_cli.rehearse.runs.rehearsal import RehearsalOptions

Script = Annotated[
    Path,
    typer.Argument(metavar="SCRIPT", help="The training script.", exists=True, dir_okay=False),
]
Pairs = list[str] | None
CHANNEL = r"[A-Za-z0-9._-]{1,64}"
"""API_Channel, ChannelName."""


def rehearse(
    script: Script,
    interruptions: Annotated[
        int, typer.Option(min=1, max=50, help="How often the machine is taken away.")
    ] = 3,
    at: Annotated[
        str,
        typer.Option(
            help="When: random, writes (each change of the checkpoint folder), or seconds after each start: 20,45,60."
        ),
    ] = "random",
    grace: Annotated[
        str,
        typer.Option(
            help="From SIGTERM to SIGKILL; 0 is without a word. By default SageMaker's 120s, but no more than "
            "a tenth of the training (at least 5s)."
        ),
    ] = "",
    channel: Annotated[
        Pairs, typer.Option(help="An input channel and its folder: train=DIR. May be repeated.")
    ] = None,
    hyperparameter: Annotated[
        Pairs, typer.Option(help="A hyperparameter: epochs=2. May be repeated.")
    ] = None,
    args: Annotated[
        str, typer.Option(help="Arguments for the script, as one text in quotes.")
    ] = "",
    checkpoint_dir: Annotated[
        str,
        typer.Option(
            help="CheckpointConfig.LocalPath: below /opt/ml, or relative to the script's folder."
        ),
    ] = "/opt/ml/checkpoints",
    source_dir: Annotated[
        Path | None,
        typer.Option(
            help="The folder of the code; by default the script's own.", exists=True, file_okay=False
        ),
    ] = None,
    python: Annotated[
        str, typer.Option(help="The interpreter; by default the python of the PATH.")
    ] = "",
    until_step: Annotated[
        int | None, typer.Option(min=2, help="End each run at this step: no final result is compared.")
    ] = None,
    longest: Annotated[
        str, typer.Option(help="How long a run without an interruption may take.")
    ] = "1h",
    seed: Annotated[int, typer.Option(help="The same seed gives the same instants.")] = 1,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Where the rehearsal makes its folder, and deletes it at the end; by default the folder for temporary files.",
            exists=True, file_okay=False, writable=True,
        ),
    ] = None,
    instance_type: Annotated[
        str, typer.Option(help="The instance type that the script will train on, for costs.")
    ] = "",
    prices: PriceFile = None,
    interruption_rate: Annotated[
        float | None,
        typer.Option(
            min=0.01, max=1000,
            help="Interruptions per 100 hours of training, as spotter market shows them; by default 5.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Also write a page in HTML; - is standard output."),
    ] = None,
    *,
    json: Json = False,
) -> None:  # fmt: skip
    """Run a training script as SageMaker would, take its machines away, and tell whether it continues the same training.

    No AWS, no Docker. The exit code is 3 if it does not continue, or continues without a part of its state,
    and 4 if that cannot be judged.
    """
    from spotter_cli.rehearse.stage.machine import TrainingScript
    from spotter_cli.views import rehearsal
    from spotter_cli.views.rehearsal_facts import facts
    from spotter_cli.views.rehearsal_view import CostTerms

    path = script.parent.resolve() / script.name  # a link is the script that it stands for
    folder_of_code = source_dir.resolve() if source_dir else path.parent
    if not path.is_relative_to(folder_of_code):
        raise typer.BadParameter(
            f"{script} does not lie in {source_dir}; it must, as SageMaker starts the script from that folder",
            param_hint="--source-dir",
        )
    made = TrainingScript(
        path=path,
        python=_interpreter(python),
        folder=folder_of_code,
        channels=_channels(channel or []),
        hyperparameters=dict(_pair(one, "--hyperparameter") for one in hyperparameter or []),
        arguments=_arguments(args),
        checkpoints=_checkpoints(checkpoint_dir),
        instance=instance_type or "ml.m5.large",
    )
    _check_output(output, json=json)
    options = _options(interruptions, at, grace, until_step, longest, seed)
    terms = CostTerms.read(instance_type, prices, interruption_rate)
    result = rehearsal.rehearsed(made, options, folder, terms)
    rehearsal.keep_times(result, datetime.now(UTC))
    if output:
        rehearsal.write_page(result, output)
    if json:
        show(facts(result))
    elif str(output) != "-":
        rehearsal.print_result(result, output)
    raise typer.Exit(result.exit_code)


def _check_output(output: Path | None, *, json: bool) -> None:
    """Before the rehearsal, whose result would be lost after its minutes."""
    if json and str(output) == "-":
        raise typer.BadParameter("the page and --json cannot both be written to standard output: name a file", param_hint="--output")  # fmt: skip
    if output and str(output) != "-" and (output.is_dir() or not output.absolute().parent.is_dir()):
        raise typer.BadParameter(f"{output} cannot be written: it is a folder, or its folder does not exist", param_hint="--output")  # fmt: skip


def _options(
    interruptions: int, at: str, grace: str, until_step: int | None, longest: str, seed: int
) -> "RehearsalOptions":
    from spotter_cli.rehearse.runs.rehearsal import RehearsalOptions

    return RehearsalOptions(
        interruptions=interruptions,
        at=() if at in ("random", "writes") else _instants(at),
        at_writes=at == "writes",
        grace=_seconds(grace, "--grace") if grace else None,
        longest=_longest(longest),
        until_step=until_step,
        seed=seed,
    )


def _instants(text: str) -> tuple[float, ...]:
    try:
        found = tuple(float(one) for one in text.split(","))
    except ValueError:
        found = ()
    if not found or not all(0 < one < 1e7 for one in found):
        raise typer.BadParameter(
            f'"{text}" is neither random nor writes nor seconds such as "20,45,60"',
            param_hint="--at",
        )
    return found


def _seconds(text: str, option: str) -> float:
    if text == "0":
        return 0.0
    try:
        return duration(text).total_seconds()
    except ValueError:
        raise typer.BadParameter(
            f'"{text}" is no duration such as "120s" or "5m"', param_hint=option
        ) from None


def _longest(text: str) -> float:
    found = _seconds(text, "--longest")
    if found <= 0:
        raise typer.BadParameter(
            "a run needs some time: give it more than 0, such as 5m", param_hint="--longest"
        )
    return found


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise typer.BadParameter(f'"{text}" has not the form NAME=VALUE', param_hint=option)
    return name, value


def _channels(given: list[str]) -> dict[str, Path]:
    found = {}
    for one in given:
        name, value = _pair(one, "--channel")
        path = Path(value).expanduser().resolve()
        if not path.exists():
            raise typer.BadParameter(f"{value} does not exist", param_hint="--channel")
        if not re.fullmatch(CHANNEL, name):
            raise typer.BadParameter(
                f'"{name}" is no name of a channel: up to 64 letters, digits, ".", "-" and "_"',
                param_hint="--channel",
            )
        found[name] = path
    return found


def _arguments(text: str) -> tuple[str, ...]:
    import shlex

    try:
        return tuple(shlex.split(text))
    except ValueError as reason:
        raise typer.BadParameter(f"{reason}", param_hint="--args") from None


def _checkpoints(text: str) -> str:
    path = Path(text)
    inside = Path("/opt/ml") in path.parents or not path.is_absolute()
    if not inside or ".." in path.parts or not path.parts:
        raise typer.BadParameter(
            f'"{text}" is neither below /opt/ml nor relative to the script\'s folder',
            param_hint="--checkpoint-dir",
        )
    return str(path)


def _is_python(path: str) -> bool:
    """True if it runs Python's own text, and is one that the hook can observe."""
    import subprocess

    asked = [path, "-c", "import sys; print(sys.version_info >= (3, 9))"]
    try:
        done = subprocess.run(asked, capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == b"True"


def _interpreter(given: str) -> str:
    """The path of an interpreter that exists; one of a virtual environment stays the link that it is."""
    import shutil

    found = shutil.which(given or "python") or (None if given else sys.executable)
    if not found:
        raise typer.BadParameter(f"{given} is not found", param_hint="--python")
    if not _is_python(found):
        raise typer.BadParameter(f"{found} is no interpreter of Python 3.9 or later", param_hint="--python")  # fmt: skip
    return str(Path(found).absolute())
