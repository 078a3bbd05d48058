"""`spotter demo`: the whole story on this machine, without an AWS account."""

from pathlib import Path
from typing import Annotated

import typer

from spotter_cli.checkout import checkout


def demo(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Also write a summary in JSON to this file."),
    ] = None,
) -> None:
    """Play the stories of seventeen jobs on this machine, and compare the ledger with what happened."""
    with checkout():
        from laptop import demo
        from spotter_cli.views import laptop_report

        code = demo.run(laptop_report.report, summary=output)
    raise typer.Exit(code)
