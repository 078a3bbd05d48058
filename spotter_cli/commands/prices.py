"""`spotter prices`: fetch the list prices of SageMaker training into a dated file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from spotter_cli.errors import CommandError
from spotter_cli.output.terminal import print_note

File = Annotated[
    Path, typer.Option("--output", "-o", help="The file to write; - is standard output.")
]
Region = Annotated[
    str | None,
    typer.Option(envvar="AWS_REGION", help="The Region of the prices; by default the profile's."),
]
Profile = Annotated[str | None, typer.Option(help="The profile in the AWS configuration.")]


def prices(
    output: File = Path("prices.json"), region: Region = None, profile: Profile = None
) -> None:
    """Fetch a Region's on-demand prices of SageMaker training from AWS's Price List into a dated file.

    Your credentials need pricing:GetProducts. Put the file beside spotter.toml and deploy, or name it with
    --prices: then savings are amounts of money.
    """
    from spotter.core.prices.file import PriceFileError, read, written
    from spotter_cli.output import files
    from spotter_cli.stack.deployed import one_line_errors
    from spotter_cli.stack.list_prices import fetch

    with one_line_errors(""):
        table = fetch(region, profile, datetime.now(UTC))
    text = written(table)
    try:
        read("the Price List's answer", text)
    except PriceFileError as error:
        raise CommandError(str(error)) from None
    files.write(output, text.encode())
    dated = f", published {table.published:%Y-%m-%d}" if table.published else ""
    print_note(
        f"Written to {files.named(output)}: {len(table.prices)} instance types in {table.region}, {table.currency} an "
        f"instance-hour{dated}. List prices: without Savings Plans, discounts and storage."
    )
