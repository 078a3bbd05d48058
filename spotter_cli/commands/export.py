"""`spotter export`: jobs or transitions as a file for other tools."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from spotter_cli.options import Name, Since, StackOptions, Until, one_of, with_stack_options
from spotter_cli.output.terminal import print_note
from spotter_cli.output.times import span
from spotter_cli.stack.deployed import connected

WHAT = ("jobs", "transitions")
FORMATS = ("csv", "jsonl")


@with_stack_options
def export(
    what: Annotated[str, typer.Option(help="jobs or transitions.")] = "jobs",
    format: Annotated[str, typer.Option(help="csv or jsonl: a JSON object a line.")] = "jsonl",  # noqa: A002
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write; - is standard output.")
    ] = Path("-"),
    name: Name = "",
    since: Since = "30d",
    until: Until = "",
    *,
    target: StackOptions,
) -> None:
    """Write jobs or their transitions as CSV or JSON lines, newest jobs first, however many they are."""
    from spotter_cli.output import files
    from spotter_cli.views import exported

    one_of(what, WHAT, "--what")
    one_of(format, FORMATS, "--format")
    now = datetime.now(UTC)
    created = span(since, until, now)
    with connected(*target) as spotter:
        rows = exported.rows(spotter, what.lower(), *created, name, now)
        count = files.write_lines(output, exported.lines(rows, what.lower(), format.lower()))
    if str(output) != files.STANDARD_OUTPUT:
        print_note(f"Written to {output}: {exported.counted(count, what, format)}")
